/** Which outbox items there are, in memory: keys, times and what goes with what. The table is the truth; this says what is next (SPEC B-51, B-55). */
import type { BridgeHost } from './context.ts'
import { AgeHeap } from './delivery/age-heap.ts'
import { type Tier, tiers } from './delivery/tiers.ts'
import { CONFLICTS_AT_ONCE_MAX, RETRY_AFTER_MS_MAX } from './limits.ts'
import { kindOf, type OutboxItem, type WriteKind } from './outbox.ts'

/** What the mapping says of a record's items. */
export interface Place {
  type: string
  tier: Tier
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
  dueAt: number
  where: 'due' | 'delayed' | 'taken'
  gone: boolean
  order: number
}

export interface TierQueue {
  open: number
  /** Age of the oldest edit that waits, milliseconds. */
  lagMs: number
}

export class OutboxIndex {
  readonly #host: Pick<BridgeHost, 'now'>
  readonly #placeOf: (record: string) => Place | undefined
  readonly #entries = new Map<string, Entry>()
  readonly #groups = new Map<string, DueGroup>()
  readonly #delayed = new AgeHeap<Entry>(({ dueAt }) => dueAt)
  readonly #ages = new Map(tiers.map((tier) => [tier, new AgeHeap<Entry>(({ since }) => since)]))
  readonly #taken = new Set<string>()
  readonly #held = new Set<string>()
  readonly #dead = new Set<string>()
  readonly #contended = new Set<string>()
  #begun = 0
  #orders = 0
  #seenAt = 0

  /** @param placeOf undefined for a record that no mapping is for: its item waits until one is */
  constructor(host: Pick<BridgeHost, 'now'>, placeOf: (record: string) => Place | undefined) {
    this.#host = host
    this.#placeOf = placeOf
  }

  /** Items that are to be written. */
  get open(): number {
    return this.#entries.size
  }

  get begun(): number {
    return this.#begun
  }

  get dead(): number {
    return this.#dead.size
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
    const place = item && this.#placeOf(record)
    if (!place) return
    if (item.state === 'dead') {
      this.#dead.add(record)
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
    return next && Math.max(0, next.dueAt - this.#host.now())
  }

  queues(): Record<Tier, TierQueue> {
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

  #add(record: string, item: Exclude<OutboxItem, { state: 'dead' }>, place: Place): void {
    const now = this.#host.now()
    const entry: Entry = {
      record,
      isBegun: item.state === 'begun',
      group: this.#group(item, place),
      // A time that the clock was set back from would put it behind everything for as long.
      since: Math.min(now, item.since ?? now),
      dueAt: item.dueAt,
      where: 'taken',
      gone: false,
      order: ++this.#orders,
    }
    if (entry.isBegun) this.#begun += 1
    this.#entries.set(record, entry)
    this.#ages.get(entry.group.tier)!.push(entry)
    if (!this.#taken.has(record)) this.#place(entry)
  }

  #forget(record: string): void {
    this.#held.delete(record)
    this.#dead.delete(record)
    const entry = this.#entries.get(record)
    if (!entry) return
    entry.gone = true
    if (entry.isBegun) this.#begun -= 1
    this.#entries.delete(record)
    this.#ages.get(entry.group.tier)!.lost()
    if (entry.where === 'due') entry.group.due.lost()
    if (entry.where === 'delayed') this.#delayed.lost()
  }

  #group(item: Exclude<OutboxItem, { state: 'dead' }>, { type, tier: ofMapping }: Place): DueGroup {
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
    if (this.#isDue(entry.dueAt)) {
      entry.where = 'due'
      entry.group.due.push(entry)
    } else {
      entry.where = 'delayed'
      this.#delayed.push(entry)
    }
  }

  /** What has become due, and after the clock was set back everything, is placed anew. */
  #refresh(): void {
    const now = this.#host.now()
    const isSetBack = now < this.#seenAt
    this.#seenAt = now
    const moved: Entry[] = []
    for (
      let next = this.#delayed.first();
      next && (isSetBack || this.#isDue(next.dueAt));
      next = this.#delayed.first()
    )
      moved.push(this.#delayed.shift()!)
    for (const entry of moved) this.#place(entry)
  }

  /** A time further ahead than any wait was made under another clock (B-42). */
  #isDue(dueAt: number): boolean {
    const inMs = dueAt - this.#host.now()
    return inMs <= 0 || inMs > RETRY_AFTER_MS_MAX
  }
}
