/** Which outbox items there are, in memory: keys and times only. The table is the truth; this says where to look. */
import type { BridgeHost } from './context.ts'
import { CONFLICTS_AT_ONCE_MAX, RETRY_AFTER_MS_MAX } from './limits.ts'
import type { OutboxItem } from './outbox.ts'

export class OutboxIndex {
  readonly #host: Pick<BridgeHost, 'now'>
  readonly #ready = new Set<string>()
  readonly #delayed = new Map<string, number>()
  readonly #begun = new Set<string>()
  readonly #dead = new Set<string>()
  readonly #contended = new Set<string>()

  constructor(host: Pick<BridgeHost, 'now'>) {
    this.#host = host
  }

  /** Items that are to be written. */
  get open(): number {
    return this.#ready.size + this.#delayed.size
  }

  get begun(): number {
    return this.#begun.size
  }

  get dead(): number {
    return this.#dead.size
  }

  /** Items that met another row again and again, and are tried more rarely (B-107). */
  get contended(): number {
    return this.#contended.size
  }

  isBegun(record: string): boolean {
    return this.#begun.has(record)
  }

  apply(record: string, item: OutboxItem | undefined): void {
    this.#ready.delete(record)
    this.#delayed.delete(record)
    this.#begun.delete(record)
    this.#dead.delete(record)
    this.#contended.delete(record)
    if (!item) return
    if (item.state === 'dead') {
      this.#dead.add(record)
      return
    }
    if (item.state === 'begun') this.#begun.add(record)
    if ((item.conflicts ?? 0) > CONFLICTS_AT_ONCE_MAX) this.#contended.add(record)
    this.#place(record, item.dueAt)
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
    return this.#ready
  }

  /** Milliseconds until the next delayed item is due; undefined when none is. */
  get nextDueMs(): number | undefined {
    let next: number | undefined
    for (const dueAt of this.#delayed.values()) next = Math.min(next ?? dueAt, dueAt)
    return next === undefined ? undefined : Math.max(0, next - this.#host.now())
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
}
