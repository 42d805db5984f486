/** Which outbox items there are, in memory: keys and times only. The table is the truth; this says where to look. */
import type { BridgeHost } from './context.ts'
import { CLOCK_SKEW_MS, RETRY_AFTER_MS_MAX } from './limits.ts'
import type { OutboxItem, Waiting } from './outbox.ts'

interface Held {
  /** Milliseconds since 1970; undefined: when somebody asks. */
  dueAt: number | undefined
  since: number
}

/** When a held item is due by its mapping's mode. */
export type DueOfHeld = (record: string, item: Waiting) => number | undefined

export class OutboxIndex {
  readonly #host: Pick<BridgeHost, 'now'>
  readonly #dueOfHeld: DueOfHeld
  readonly #ready = new Set<string>()
  readonly #delayed = new Map<string, number>()
  readonly #held = new Map<string, Held>()
  readonly #begun = new Set<string>()
  readonly #dead = new Set<string>()
  /** The records that each waits for, and the other way round. */
  readonly #parents = new Map<string, readonly string[]>()
  readonly #dependants = new Map<string, Set<string>>()

  constructor(host: Pick<BridgeHost, 'now'>, dueOfHeld: DueOfHeld = (_, { dueAt }) => dueAt) {
    this.#host = host
    this.#dueOfHeld = dueOfHeld
  }

  /** Items that are to be written as soon as may be. */
  get open(): number {
    return this.#ready.size + this.#delayed.size
  }

  get begun(): number {
    return this.#begun.size
  }

  get dead(): number {
    return this.#dead.size
  }

  /** Items that wait for another record's row. */
  get parked(): number {
    return this.#parents.size
  }

  /** Items that wait for their schedule, or for somebody to ask. */
  get held(): number {
    return this.#held.size
  }

  isBegun(record: string): boolean {
    return this.#begun.has(record)
  }

  /** What waits for this record's row. */
  dependants(record: string): readonly string[] {
    return [...(this.#dependants.get(record) ?? [])]
  }

  /** Every record that another one waits for. */
  waitedFor(): Iterable<string> {
    return this.#dependants.keys()
  }

  /** What a mapping's mode keeps waiting, or may. */
  notBegun(): string[] {
    return [...this.#held.keys(), ...this.#delayed.keys()]
  }

  apply(record: string, item: OutboxItem | undefined): void {
    this.#forget(record)
    switch (item?.state) {
      case undefined:
        return
      case 'dead':
        this.#dead.add(record)
        return
      case 'parked':
        this.#park(record, item.parents)
        return
      case 'begun':
        this.#begun.add(record)
        this.#place(record, item.dueAt)
        return
      case 'waiting':
        if (item.held === undefined) this.#place(record, item.dueAt)
        else this.#held.set(record, { dueAt: this.#dueOfHeld(record, item), since: item.since ?? 0 })
    }
  }

  /** Not before so many milliseconds, whatever the table says: something failed on our side. */
  delay(record: string, delayMs: number): void {
    if (this.#ready.delete(record) || this.#delayed.has(record))
      this.#delayed.set(record, this.#host.now() + delayMs)
  }

  /** Due items, oldest first. */
  due(): Iterable<string> {
    for (const [record, dueAt] of this.#delayed) {
      if (!this.#isDue(dueAt)) continue
      this.#delayed.delete(record)
      this.#ready.add(record)
    }
    for (const [record, held] of this.#held) {
      if (!this.#isHeldDue(held)) continue
      this.#held.delete(record)
      this.#ready.add(record)
    }
    return this.#ready
  }

  /** Milliseconds until the next delayed item is due; undefined when none is. */
  get nextDueMs(): number | undefined {
    const now = this.#host.now()
    let next: number | undefined
    for (const dueAt of this.#delayed.values()) next = Math.min(next ?? dueAt, dueAt)
    // A schedule may be further away than a timer reaches, and than a clock can be trusted for.
    for (const { dueAt } of this.#held.values())
      if (dueAt !== undefined) next = Math.min(next ?? dueAt, dueAt, now + RETRY_AFTER_MS_MAX)
    return next === undefined ? undefined : Math.max(0, next - now)
  }

  #forget(record: string): void {
    this.#ready.delete(record)
    this.#delayed.delete(record)
    this.#held.delete(record)
    this.#begun.delete(record)
    this.#dead.delete(record)
    for (const parent of this.#parents.get(record) ?? []) {
      const others = this.#dependants.get(parent)
      others?.delete(record)
      if (others?.size === 0) this.#dependants.delete(parent)
    }
    this.#parents.delete(record)
  }

  #park(record: string, parents: readonly string[]): void {
    this.#parents.set(record, parents)
    for (const parent of parents) {
      const others = this.#dependants.get(parent) ?? new Set()
      this.#dependants.set(parent, others.add(record))
    }
  }

  #place(record: string, dueAt: number): void {
    if (this.#isDue(dueAt)) this.#ready.add(record)
    else this.#delayed.set(record, dueAt)
  }

  /** A time further ahead than any wait was made under another clock (B-42). */
  #isDue(dueAt: number): boolean {
    const inMs = dueAt - this.#host.now()
    return inMs <= 0 || inMs > RETRY_AFTER_MS_MAX
  }

  /** An item from the future waits by a clock that was wrong. */
  #isHeldDue({ dueAt, since }: Held): boolean {
    const now = this.#host.now()
    return dueAt !== undefined && (now >= dueAt || since - now > CLOCK_SKEW_MS)
  }
}
