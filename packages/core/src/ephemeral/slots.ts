/**
 * Who is here: the newest of each (channel, node, instance), with what is remembered of those who went, so that late copies are known. Bounded in every direction (PR-20); it knows time and
 * duplicates, nothing of rights or sessions.
 *
 *     nothing ──here──▶ here ──left, withdrawn, expired, an instance heard later──▶ gone ──GONE_KEPT_MS──▶ nothing
 *                         ▲──────────────────── anything newer that is here ───────────┘
 */
import type { Host } from '../host.ts'
import type { Json } from '../records/shape.ts'
import type { Author } from './authors.ts'
import * as limit from './limits.ts'
import { rankOf, type Said, slotKeyOf } from './said.ts'

export interface Slot {
  readonly key: string
  readonly channel: string
  readonly node: string
  /** Said here: it does not expire, it is said again, and nobody here is told of it. */
  readonly isOwn: boolean
  author: Author
  said: Said
  /** Sessions that it may still cross. */
  hops: number
  value: Json | undefined
  isHere: boolean
  /** By this host's clock, when the author said it. */
  saidAt: number
  /** Of what was heard here, this was the n-th. */
  order: number
  cancel: () => void
}

/** Something that was checked, and has a right to be heard. */
export interface Heard {
  author: Author
  said: Said
  hops: number
  ageMs: number
  value: Json | undefined
  isOwn: boolean
}

export interface SlotsPorts {
  host: Pick<Host, 'now' | 'timer'>
  /** Which others are shown in this channel changed. */
  changed(channel: string): void
  /** Nobody is to be told of it any more. */
  forgotten(slot: Slot): void
}

export class Slots {
  readonly #host: SlotsPorts['host']
  readonly #ports: SlotsPorts
  readonly #byKey = new Map<string, Slot>()
  readonly #byChannel = new Map<string, Set<Slot>>()
  readonly #byNode = new Map<string, Set<Slot>>()
  #order = 0

  constructor(ports: SlotsPorts) {
    this.#host = ports.host
    this.#ports = ports
  }

  get size(): number {
    return this.#byKey.size
  }

  get(node: string, said: Said): Slot | undefined {
    return this.#byKey.get(slotKeyOf(node, said))
  }

  all(): Iterable<Slot> {
    return this.#byKey.values()
  }

  ofNode(node: string): readonly Slot[] {
    return [...(this.#byNode.get(node) ?? [])]
  }

  /** Those that are here, in the order in which they were heard. */
  here(channel: string): readonly Slot[] {
    return [...(this.#byChannel.get(channel) ?? [])]
      .filter(({ isHere }) => isHere)
      .sort((a, b) => a.order - b.order)
  }

  /** Milliseconds since it was said, within what may be told of it. */
  ageMs({ saidAt }: Slot): number {
    return Math.min(Math.max(0, Math.round(this.#host.now() - saidAt)), limit.EXPIRY_MS)
  }

  /** Takes what is newer. */
  take(heard: Heard): Slot | 'duplicate' | 'full' {
    const known = this.get(heard.author.node, heard.said)
    if (known && rankOf(known.said) >= rankOf(heard.said)) return 'duplicate'
    const slot = known ?? this.#make(heard)
    if (slot === undefined) return 'full'
    const shown = slot.isHere ? JSON.stringify(slot.value) : undefined
    const { author, said, hops, ageMs, value, isOwn } = heard
    const isHere = said.kind === 'here'
    Object.assign(slot, { author, said, hops, value, isHere })
    slot.saidAt = this.#host.now() - ageMs
    slot.order = ++this.#order
    this.#replaceOlder(slot)
    slot.cancel()
    if (!isHere) this.#keepGone(slot)
    else if (!isOwn) slot.cancel = this.#host.timer(limit.EXPIRY_MS - ageMs, () => this.go(slot))
    if (shown !== (isHere ? JSON.stringify(value) : undefined)) this.#changed(slot)
    return slot
  }

  /** It is here no more. */
  go(slot: Slot): void {
    if (!slot.isHere) return
    slot.isHere = false
    this.#keepGone(slot)
    this.#changed(slot)
  }

  /** Nothing of it is remembered. */
  forget(slot: Slot): void {
    slot.cancel()
    this.#byKey.delete(slot.key)
    remove(this.#byChannel, slot.channel, slot)
    remove(this.#byNode, slot.node, slot)
    this.#ports.forgotten(slot)
    if (slot.isHere) {
      slot.isHere = false
      this.#changed(slot)
    }
  }

  clear(): void {
    for (const slot of [...this.#byKey.values()]) this.forget(slot)
  }

  #changed({ isOwn, channel }: Slot): void {
    if (!isOwn) this.#ports.changed(channel)
  }

  /** PR-7 */
  #replaceOlder(newest: Slot): void {
    for (const slot of this.ofNode(newest.node))
      if (slot !== newest && slot.channel === newest.channel) this.go(slot)
  }

  #keepGone(slot: Slot): void {
    slot.cancel()
    slot.cancel = this.#host.timer(limit.GONE_KEPT_MS, () => this.forget(slot))
  }

  /** What is said here is few (PRESENT_CHANNELS_MAX), and always has room. */
  #make({ author, said, hops, ageMs, isOwn }: Heard): Slot | undefined {
    const { node } = author
    const { channel } = said
    const hasRoom =
      this.#makeRoom(this.#byKey.values(), this.#byKey.size, limit.SLOTS_MAX) &&
      this.#makeRoomIn(this.#byChannel.get(channel), limit.SLOTS_PER_CHANNEL_MAX) &&
      this.#makeRoomIn(this.#byNode.get(node), limit.SLOTS_PER_NODE_MAX)
    if (!hasRoom && !isOwn) return undefined
    const slot: Slot = {
      key: slotKeyOf(node, said),
      channel,
      node,
      isOwn,
      author,
      said,
      hops,
      value: undefined,
      isHere: false,
      saidAt: this.#host.now() - ageMs,
      order: 0,
      cancel: () => undefined,
    }
    this.#byKey.set(slot.key, slot)
    add(this.#byChannel, channel, slot)
    add(this.#byNode, node, slot)
    return slot
  }

  #makeRoomIn(slots: ReadonlySet<Slot> | undefined, max: number): boolean {
    return slots === undefined || this.#makeRoom(slots, slots.size, max)
  }

  #makeRoom(slots: Iterable<Slot>, size: number, max: number): boolean {
    if (size < max) return true
    let oldest: Slot | undefined
    for (const slot of slots) if (!slot.isHere && slot.order < (oldest?.order ?? Infinity)) oldest = slot
    if (oldest !== undefined) this.forget(oldest)
    return oldest !== undefined
  }
}

function add<K>(map: Map<K, Set<Slot>>, key: K, slot: Slot): void {
  const slots = map.get(key)
  if (slots) slots.add(slot)
  else map.set(key, new Set([slot]))
}

function remove<K>(map: Map<K, Set<Slot>>, key: K, slot: Slot): void {
  const slots = map.get(key)
  slots?.delete(slot)
  if (slots?.size === 0) map.delete(key)
}
