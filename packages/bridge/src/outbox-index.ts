/** Which outbox items there are, in memory: keys, times, what goes with what and what waits for what. The table is the truth; this says what is next (SPEC B-51, B-55, B-80, B-86 to B-88). */
import type { BridgeHost } from './context.ts'
import { AgeHeap } from './delivery/age-heap.ts'
import { ParkedIndex } from './delivery/parked-index.ts'
import { type Tier, tiers } from './delivery/tiers.ts'
import { CLOCK_SKEW_MS, CONFLICTS_AT_ONCE_MAX, RETRY_AFTER_MS_MAX } from './limits.ts'
import { type Begun, kindOf, type OutboxItem, type Waiting, type WriteKind } from './outbox.ts'

/** What the mapping says of a record's items. */
export interface Place {
  type: string
  tier: Tier
  /** Nothing of it is written just now (B-192). */
  isPaused?: boolean
}

/** Due items that may go together. */
export interface DueGroup {
  tier: Tier
  type: string
  kind: WriteKind
  /** Most of them that may go in one call: they were in one that was not answered (B-57). Infinity for others. */
  most: number
  due: AgeHeap<Entry>
}

interface Entry {
  record: string
  isBegun: boolean
  group: DueGroup
  /** When the oldest edit of it was seen. */
  since: number
  /** The same by the clock of then, which may have been wrong. */
  seenAt: number
  dueAt: number
  /** It waits for its mapping's mode, and is not among what is to be written before. */
  isDeferred: boolean
  where: 'due' | 'delayed' | 'taken'
  gone: boolean
  order: number
}

/** @param type of the mapping that the item goes by, where it says so @returns undefined for a record that no mapping is for: its item waits until one is */
export type PlaceOf = (record: string, type: string | undefined) => Place | undefined

/** When a deferred item is due by its mapping's mode, milliseconds since 1970; Infinity: when somebody asks. */
export type DueOf = (record: string, item: Waiting) => number

export interface TierQueue {
  open: number
  /** Age of the oldest edit that waits, milliseconds. */
  lagMs: number
}

export class OutboxIndex {
  readonly #host: Pick<BridgeHost, 'now'>
  readonly #placeOf: PlaceOf
  readonly #dueOf: DueOf
  readonly #entries = new Map<string, Entry>()
  readonly #groups = new Map<string, DueGroup>()
  readonly #delayed = new AgeHeap<Entry>(({ dueAt }) => dueAt)
  readonly #ages = new Map(tiers.map((tier) => [tier, new AgeHeap<Entry>(({ since }) => since)]))
  readonly #taken = new Set<string>()
  readonly #held = new Set<string>()
  readonly #dead = new Set<string>()
  readonly #paused = new Set<string>()
  readonly #contended = new Set<string>()
  readonly #parked = new ParkedIndex()
  #begun = 0
  #deferred = 0
  #orders = 0
  #seenAt: number

  constructor(host: Pick<BridgeHost, 'now'>, placeOf: PlaceOf, dueOf: DueOf = (_, { dueAt }) => dueAt) {
    this.#host = host
    this.#placeOf = placeOf
    this.#dueOf = dueOf
    this.#seenAt = host.now()
  }

  /** Items that are to be written as soon as may be. */
  get open(): number {
    return this.#entries.size - this.#deferred
  }

  get begun(): number {
    return this.#begun
  }

  get dead(): number {
    return this.#dead.size
  }

  /** Items that wait for their mapping's schedule, or for somebody to ask (B-87, B-88). */
  get deferred(): number {
    return this.#deferred
  }

  /** Items of mappings that are paused (B-192). */
  get paused(): number {
    return this.#paused.size
  }

  /** Items that wait for another record's row (B-80). */
  get parked(): number {
    return this.#parked.size
  }

  /** What waits for this record's row. */
  dependants(record: string): readonly string[] {
    return this.#parked.dependants(record)
  }

  /** Every record that another one waits for. */
  waitedFor(): Iterable<string> {
    return this.#parked.waitedFor()
  }

  /** Records of items that no call has begun for, and that are not due or not approved: what a mapping's mode keeps waiting, or may. */
  notBegun(): string[] {
    const delayed = [...this.#entries.values()].filter(
      ({ where, isBegun }) => where === 'delayed' && !isBegun,
    )
    return [...this.#held, ...delayed.map(({ record }) => record)]
  }

  /** Items that wait for approval (B-53). */
  get held(): number {
    return this.#held.size
  }

  /** Keys of those. */
  get heldRecords(): Iterable<string> {
    return this.#held
  }

  /** Items that met another row again and again, and are tried more rarely (B-107). */
  get contended(): number {
    return this.#contended.size
  }

  /** Its call has begun, or is about to. */
  isBegun(record: string): boolean {
    return this.#taken.has(record) || this.#entries.get(record)?.isBegun === true
  }

  apply(record: string, item: OutboxItem | undefined): void {
    this.#forget(record)
    this.#contended.delete(record)
    const place = item && this.#placeOf(record, 'type' in item ? item.type : undefined)
    if (!place) return
    if (item.state === 'dead') {
      this.#dead.add(record)
      return
    }
    if (item.state === 'parked') {
      this.#parked.add(record, item.parents)
      return
    }
    if (place.isPaused) {
      this.#paused.add(record)
      return
    }
    if ((item.conflicts ?? 0) > CONFLICTS_AT_ONCE_MAX) this.#contended.add(record)
    if (item.state === 'waiting' && place.tier === 'reference' && !item.approved) this.#held.add(record)
    else this.#add(record, item, place)
  }

  /** Tiers that have something due. */
  get dueTiers(): Tier[] {
    this.#refresh()
    return tiers.filter((tier) => this.dueGroup(tier) !== undefined)
  }

  /** The group of the tier whose oldest edit is the oldest. */
  dueGroup(tier: Tier): DueGroup | undefined {
    let oldest: DueGroup | undefined
    for (const group of this.#groups.values()) {
      const first = group.tier === tier ? group.due.first() : undefined
      if (first && first.since < (oldest?.due.first()?.since ?? Number.POSITIVE_INFINITY)) oldest = group
    }
    return oldest
  }

  /** Takes the oldest of the group out of what is due until `release`. */
  take(group: DueGroup, count: number): string[] {
    const records: string[] = []
    for (let entry = group.due.first(); entry && records.length < count; entry = group.due.first()) {
      group.due.shift()
      entry.where = 'taken'
      this.#taken.add(entry.record)
      records.push(entry.record)
    }
    return records
  }

  /** @param delayMs not due before, whatever the table says: something failed on our side */
  release(record: string, delayMs = 0): void {
    this.#taken.delete(record)
    const entry = this.#entries.get(record)
    if (!entry) return
    if (delayMs > 0) entry.dueAt = this.#host.now() + delayMs
    this.#place(entry)
  }

  /** Milliseconds until the next delayed item is due; undefined when none is. */
  get nextDueMs(): number | undefined {
    this.#refresh()
    const next = this.#delayed.first()
    if (!next || next.dueAt === Number.POSITIVE_INFINITY) return undefined
    // A schedule may be further away than a timer reaches, and than a clock can be trusted for.
    return Math.min(Math.max(0, next.dueAt - this.#host.now()), RETRY_AFTER_MS_MAX)
  }

  queues(): Record<Tier, TierQueue> {
    this.#followClock()
    const now = this.#host.now()
    const queue = (tier: Tier): TierQueue => {
      const ages = this.#ages.get(tier)!
      return { open: ages.size, lagMs: Math.max(0, now - (ages.first()?.since ?? now)) }
    }
    return {
      critical: queue('critical'),
      operational: queue('operational'),
      analytical: queue('analytical'),
      reference: queue('reference'),
    }
  }

  #add(record: string, item: Waiting | Begun, place: Place): void {
    this.#followClock()
    const now = this.#host.now()
    const isDeferred = item.state === 'waiting' && item.deferred === true
    const entry: Entry = {
      record,
      isBegun: item.state === 'begun',
      group: this.#group(item, place),
      // A time that the clock was set back from would put it behind everything for as long.
      since: Math.min(now, item.since ?? now),
      seenAt: item.since ?? now,
      dueAt: isDeferred ? this.#dueOf(record, item) : item.dueAt,
      isDeferred,
      where: 'taken',
      gone: false,
      order: ++this.#orders,
    }
    if (entry.isBegun) this.#begun += 1
    this.#entries.set(record, entry)
    if (isDeferred) this.#deferred += 1
    else this.#ages.get(entry.group.tier)!.push(entry)
    if (!this.#taken.has(record)) this.#place(entry)
  }

  #forget(record: string): void {
    this.#held.delete(record)
    this.#dead.delete(record)
    this.#paused.delete(record)
    this.#parked.delete(record)
    const entry = this.#entries.get(record)
    if (!entry) return
    entry.gone = true
    if (entry.isBegun) this.#begun -= 1
    this.#entries.delete(record)
    if (entry.isDeferred) this.#deferred -= 1
    else this.#ages.get(entry.group.tier)!.lost()
    if (entry.where === 'due') entry.group.due.lost()
    if (entry.where === 'delayed') this.#delayed.lost()
  }

  #group(item: Waiting | Begun, { type, tier: ofMapping }: Place): DueGroup {
    const tier = item.tier ?? ofMapping
    const kind = kindOf(item)
    const company = item.state === 'begun' ? item.company : undefined
    const most = company === undefined ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor(company / 2))
    const key = [tier, type, kind, most].join('\n')
    const known = this.#groups.get(key)
    if (known) return known
    const group = { tier, type, kind, most, due: new AgeHeap<Entry>(({ since }) => since) }
    this.#groups.set(key, group)
    return group
  }

  #place(entry: Entry): void {
    if (this.#isDue(entry)) {
      if (entry.isDeferred) this.#letGo(entry)
      entry.where = 'due'
      entry.group.due.push(entry)
    } else {
      entry.where = 'delayed'
      this.#delayed.push(entry)
    }
  }

  #letGo(entry: Entry): void {
    entry.isDeferred = false
    this.#deferred -= 1
    this.#ages.get(entry.group.tier)!.push(entry)
  }

  /** Moves what has become due. */
  #refresh(): void {
    this.#followClock()
    for (let next = this.#delayed.first(); next && this.#isDue(next); next = this.#delayed.first()) {
      this.#delayed.shift()
      this.#place(next)
    }
  }

  /** A clock that is set back takes all times with it, or what waits would wait as long as the clock is behind (B-42); but not those of a calendar (B-87). */
  #followClock(): void {
    const now = this.#host.now()
    const backMs = this.#seenAt - now
    this.#seenAt = now
    if (backMs <= 0) return
    for (const entry of this.#entries.values()) {
      entry.since -= backMs
      if (!entry.isDeferred) entry.dueAt -= backMs
    }
    const heaps = [...this.#ages.values(), ...[...this.#groups.values()].map(({ due }) => due)]
    for (const heap of heaps) for (const entry of heap.empty()) heap.push(entry)
    for (const entry of this.#delayed.empty()) this.#place(entry)
  }

  /** A time further ahead than any wait was made under another clock (B-42), and so was an item that is deferred and from the future (B-87). */
  #isDue({ dueAt, isDeferred, seenAt }: Entry): boolean {
    const now = this.#host.now()
    if (isDeferred) return dueAt <= now || (dueAt < Number.POSITIVE_INFINITY && seenAt - now > CLOCK_SKEW_MS)
    return dueAt <= now || dueAt - now > RETRY_AFTER_MS_MAX
  }
}
