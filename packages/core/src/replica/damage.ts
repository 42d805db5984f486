/**
 * What this replica had and cannot read any more. An entry of a record that cannot be read back sets that record aside, alone: a row in the quarantine's table, durable before anything else of the same read is used, and
 * written beside the writer, whose turn may be what reads. Whoever syncs with others hears of it and asks them (heal.ts has what becomes of what they tell).
 */
import { AGAIN_TABLE } from '../digest/digest-tables.ts'
import { decodeFrontier } from '../log/frontier.ts'
import type { Peer } from '../session/port.ts'
import { type DamagedEntry, emptyBatch, type Store } from '../store/port.ts'
import type { Isolation } from './isolation.ts'
import { DAMAGED, type Quarantined, quarantineRow } from './record-quarantine.ts'

const PAGE_ROWS = 500

export interface DamageParts {
  store: Store
  isolation: Isolation
  now(): number
  /** It is worth a look whether the record is whole all the same: the disk may read now what it did not a moment ago. */
  recheck(record: string): void
}

export class Damage {
  readonly #parts: DamageParts
  readonly #listeners = new Set<() => void>()
  /** Records that are being noted. */
  readonly #noting = new Map<string, Promise<void>>()
  /** Looked at again as soon as they were found, once in a run: a disk that says one thing now and another then would keep the writer busy with nothing else. */
  readonly #looked = new Set<string>()
  /** Goes up with each record that is found. */
  #found = 1
  /** By log of a peer: how many were found when it was asked for all it has, and when it had told that. */
  readonly #asking = new Map<string, number>()
  readonly #asked = new Map<string, number>()

  constructor(parts: DamageParts) {
    this.#parts = parts
  }

  get records(): string[] {
    return this.#parts.isolation.quarantined.flatMap(({ code, record }) => (code === DAMAGED ? [record] : []))
  }

  has(record: string): boolean {
    return this.#parts.isolation.quarantineOf(record)?.code === DAMAGED
  }

  /** Called when something more is lacking. The result stops it. */
  onFound(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Resolves when it is durable. @throws StoreError */
  async found(entries: readonly DamagedEntry[]): Promise<void> {
    for (const { record, seq, damage } of entries) await this.lacks(record, `entry ${seq} is lost: ${damage}`)
  }

  /** Resolves when it is durable. @throws StoreError */
  async lacks(record: string, reason: string): Promise<void> {
    const noting = this.#noting.get(record)
    if (noting) return noting
    if (this.has(record)) return
    const noted = this.#note(record, reason).finally(() => this.#noting.delete(record))
    this.#noting.set(record, noted)
    await noted
  }

  /** Whether something is lacking that this peer may have, and has not been asked for. */
  async mayHave({ log, credential }: Pick<Peer, 'log' | 'credential'>): Promise<boolean> {
    if (this.#asked.get(log) === this.#found) return false
    const { role, read } = credential
    const { records } = this
    if (records.length === 0 || role === 'authority' || read.includes('*')) return records.length > 0
    for (let from = 0; from < records.length; from += PAGE_ROWS)
      for (const row of await this.#parts.store.rows(records.slice(from, from + PAGE_ROWS)))
        if (row && decodeFrontier(row.frontier).channels.some((channel) => read.includes(channel)))
          return true
    return false
  }

  /** The owner of this log is asked for all that it has. */
  asks(log: string): void {
    this.#asking.set(log, this.#found)
  }

  /** It has told that. */
  toldAll(log: string): void {
    this.#asked.set(log, this.#asking.get(log) ?? 0)
  }

  async #note(record: string, reason: string): Promise<void> {
    const { store, isolation, now, recheck } = this.#parts
    const row: Quarantined = {
      record,
      code: DAMAGED,
      reason: `${reason}; peers are asked for it, and it is made whole when one of them has it`,
      at: now(),
    }
    // Before it is durable: whoever counts sums meanwhile must not count it.
    const undo = isolation.add(row)
    const again = { table: AGAIN_TABLE, key: record, value: Uint8Array.of(0) }
    try {
      await store.commit({ ...emptyBatch, tables: [quarantineRow(row), again] })
    } catch (error) {
      undo()
      throw error
    }
    isolation.tell(row)
    this.#found += 1
    if (!this.#looked.has(record)) recheck(record)
    this.#looked.add(record)
    for (const listener of [...this.#listeners]) listener()
  }
}
