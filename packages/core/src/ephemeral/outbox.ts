/**
 * What one peer is still to be told. It holds slots, not messages: what is sent is what a slot says then (PR-17). One timer at most is set, and none when there is nothing to say.
 *
 *     idle ──mark──▶ send a turn ──▶ pacing ──PACE_MS──▶ more? send a turn : idle
 *                      └ held (PR-18) ──HELD_MS──▶ again
 */
import type { Host } from '../host.ts'
import * as limit from './limits.ts'
import type { PresenceMessage } from './port.ts'
import { rankOf } from './said.ts'
import type { Slot } from './slots.ts'

/** Bytes of a message besides its value and channel, at most. */
const REST_BYTES = 192

export interface OutboxPorts {
  timer: Host['timer']
  send(message: PresenceMessage): void
  isHeld(): boolean
  /** Undefined: it is too old, or may cross no further session, or the peer may not be told any more. */
  messageOf(slot: Slot): PresenceMessage | undefined
}

export class Outbox {
  readonly #ports: OutboxPorts
  readonly #slots = new Set<Slot>()
  /** WHO and AUTHOR, by what they ask for or answer: each is said once however often it is wanted meanwhile. */
  readonly #words = new Map<string, PresenceMessage>()
  /** The newest that the peer has of a slot: it was told it, or told it here. */
  readonly #had = new Map<Slot, number>()
  #cancelTimer: (() => void) | undefined
  /** What the turn that is paced has sent. */
  #turnMessages = 0
  #turnBytes = 0
  #ended = false

  constructor(ports: OutboxPorts) {
    this.#ports = ports
  }

  /** The peer has this of it. */
  peerHas(slot: Slot, rank: number): void {
    if (rank > (this.#had.get(slot) ?? -1)) this.#had.set(slot, rank)
  }

  mark(slots: Iterable<Slot>): void {
    for (const slot of slots) if (this.#isNews(slot)) this.#slots.add(slot)
    this.#pump()
  }

  forget(slot: Slot): void {
    this.#slots.delete(slot)
    this.#had.delete(slot)
  }

  /** WHO and AUTHOR. Somebody waits for them: they still join the turn that is paced, as far as it has room. */
  say(key: string, message: PresenceMessage): void {
    if (this.#words.size >= limit.PARKED_MAX) return
    this.#words.set(key, message)
    if (this.#cancelTimer === undefined) this.#pump()
    else if (!this.#ended && !this.#ports.isHeld()) this.#sendWords()
  }

  /** Everything that may be sent, without waiting for the pace. */
  flush(): void {
    while (this.#size > 0 && !this.#ended && !this.#ports.isHeld()) this.#sendTurn()
  }

  end(): void {
    this.#ended = true
    this.#cancelTimer?.()
    this.#slots.clear()
    this.#had.clear()
    this.#words.clear()
  }

  get #size(): number {
    return this.#slots.size + this.#words.size
  }

  #isNews(slot: Slot): boolean {
    return rankOf(slot.said) > (this.#had.get(slot) ?? -1)
  }

  #pump(): void {
    if (this.#ended || this.#cancelTimer !== undefined || this.#size === 0) return
    const isHeld = this.#ports.isHeld()
    if (!isHeld) this.#sendTurn()
    this.#cancelTimer = this.#ports.timer(isHeld ? limit.HELD_MS : limit.PACE_MS, () => {
      this.#cancelTimer = undefined
      this.#pump()
    })
  }

  #sendTurn(): void {
    this.#turnMessages = 0
    this.#turnBytes = 0
    this.#sendWords()
    for (const slot of this.#slots) {
      if (this.#isFull) return
      this.#slots.delete(slot)
      const message = this.#isNews(slot) ? this.#ports.messageOf(slot) : undefined
      if (message === undefined) continue
      this.#had.set(slot, rankOf(slot.said))
      this.#send(message)
    }
  }

  #sendWords(): void {
    for (const [key, message] of this.#words) {
      if (this.#isFull) return
      this.#words.delete(key)
      this.#send(message)
    }
  }

  get #isFull(): boolean {
    return this.#turnMessages >= limit.TURN_MESSAGES_MAX || this.#turnBytes >= limit.TURN_BYTES_MAX
  }

  #send(message: PresenceMessage): void {
    this.#turnMessages += 1
    this.#turnBytes += sizeOf(message)
    this.#ports.send(message)
  }
}

function sizeOf(message: PresenceMessage): number {
  if (message.type === 'presence') return REST_BYTES + message.value.length + message.channel.length
  return message.type === 'author' ? message.token.length : REST_BYTES
}
