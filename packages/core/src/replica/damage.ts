/**
 * What this replica had and cannot read any more. An entry of a record that cannot be read back sets that record aside, alone: a row in the quarantine's table, durable before anything else of the same read is used, and
 * written beside the writer, whose turn may be what reads. Whoever syncs with others hears of it and asks them (heal.ts has what becomes of what they tell).
 */
import { AGAIN_TABLE, countAgain } from '../digest/digest-tables.ts'
import { SPACE_CHANNEL } from '../identity/credential.ts'
import { decodeFrontier } from '../log/frontier.ts'
import type { Peer } from '../session/port.ts'
import { type DamagedEntry, emptyBatch, type Seq, type Store } from '../store/port.ts'
import { channelsOfStream } from './append-entry.ts'
import type { Isolation } from './isolation.ts'
import { LOST_MAX } from './limits.ts'
import { foundRow, type Lost, type LostEntries, lostRow } from './lost-entries.ts'
import { DAMAGED, type Quarantined, quarantineRow } from './record-quarantine.ts'
import type { ReplicaEvent } from './replica-event.ts'
import type { Turn } from './turn.ts'

const PAGE_ROWS = 500
/** Digests must not say any longer that it is here. */
const again = { table: AGAIN_TABLE, value: Uint8Array.of(0) }

export interface DamageParts {
  store: Store
  isolation: Isolation
  lost: LostEntries
  events(event: ReplicaEvent): void
  now(): number
  /** Up to where the hub that was met last has answered this log. */
  answered(): Seq
  /** Makes a record's row anew. */
  remakeRow(record: string): Promise<void>
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
  /** Rows that are being made anew. */
  readonly #remaking = new Map<string, Promise<void>>()
  /** By log of a peer as it was then: how many were found when it was asked for all it has, and when it had told that. */
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
    for (const { record, seq, damage } of entries)
      if (isOther(record)) await this.#lose({ record, seq, reason: damage, at: this.#parts.now() })
      else await this.lacks(record, `entry ${seq} cannot be read: ${damage}`)
  }

  /** Entries of no record that are lacking. */
  get lostCount(): number {
    return this.#parts.lost.size
  }

  /** Of no record, and lacking. */
  isLost(record: string, seq: Seq): boolean {
    return this.#parts.lost.has(record, seq)
  }

  /** What is lacking is wanted no more, but of this record. */
  forgetLostBut(turn: Turn, record: string): void {
    const { lost } = this.#parts
    for (const { table, key } of lost.rowsBut(record)) turn.put(table, key, undefined)
    turn.afterCommit(() => lost.removeBut(record))
  }

  /** It stands in its place again. */
  async foundAgain(turn: Turn, record: string, seq: Seq): Promise<void> {
    const { table, key } = foundRow(record, seq)
    turn.put(table, key, undefined)
    await countAgain(turn, record)
    turn.afterCommit(() => {
      this.#parts.lost.remove(record, seq)
      this.#parts.events({
        level: 'info',
        code: 'entry-healed',
        message: `entry ${seq} of ${record} was told again`,
        fields: { record, seq },
      })
    })
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
  async mayHave(peer: Pick<Peer, 'log' | 'runs' | 'credential'>): Promise<boolean> {
    const { credential } = peer
    if (this.#asked.get(asItIs(peer)) === this.#found) return false
    const { role, read } = credential
    const { store, lost } = this.#parts
    const { records } = this
    if (records.length + lost.size === 0) return false
    if (role === 'authority' || read.includes('*')) return true
    for (const record of lost.records)
      if ((await channelsOfStream(store, record)).some((channel) => canRead(read, channel))) return true
    for (let from = 0; from < records.length; from += PAGE_ROWS)
      for (const row of await store.rows(records.slice(from, from + PAGE_ROWS)))
        if (row && decodeFrontier(row.frontier).channels.some((channel) => canRead(read, channel)))
          return true
    return false
  }

  /** The owner of this log is asked for all that it has. */
  asks(peer: Pick<Peer, 'log' | 'runs'>): void {
    this.#asking.set(asItIs(peer), this.#found)
  }

  /** It has told that. */
  toldAll(peer: Pick<Peer, 'log' | 'runs'>): void {
    const log = asItIs(peer)
    this.#asked.set(log, this.#asking.get(log) ?? 0)
  }

  /** Resolves when the record's row is made anew. @throws StoreError when that cannot be */
  rowOf(record: string): Promise<void> {
    const remaking =
      this.#remaking.get(record) ?? this.#parts.remakeRow(record).finally(() => this.#remaking.delete(record))
    this.#remaking.set(record, remaking)
    return remaking
  }

  async #note(record: string, reason: string): Promise<void> {
    const { store, isolation, now, answered, recheck } = this.#parts
    const found: Quarantined = {
      record,
      code: DAMAGED,
      reason: `${reason}; peers are asked for it, and it is made whole when one of them has it`,
      at: now(),
      answered: answered(),
    }
    // Before it is durable: whoever counts sums meanwhile must not count it.
    const { row, undo } = isolation.add(found)
    try {
      await store.commit({ ...emptyBatch, tables: [quarantineRow(row), { ...again, key: record }] })
    } catch (error) {
      undo()
      throw error
    }
    isolation.tell(row)
    if (!this.#looked.has(record)) recheck(record)
    this.#looked.add(record)
    this.#tellFound()
  }

  async #lose(entry: Lost): Promise<void> {
    const { store, lost, events } = this.#parts
    const { record, seq, reason } = entry
    if (lost.has(record, seq) || lost.size >= LOST_MAX) return
    lost.add(entry)
    try {
      await store.commit({ ...emptyBatch, tables: [lostRow(entry), { ...again, key: record }] })
    } catch (error) {
      lost.remove(record, seq)
      throw error
    }
    events({
      level: 'error',
      code: 'entry-lost',
      message: `entry ${seq} of ${record} cannot be read (${reason}); peers are asked for it`,
      fields: { record, seq },
    })
    this.#tellFound()
  }

  #tellFound(): void {
    this.#found += 1
    for (const listener of [...this.#listeners]) listener()
  }
}

/** A log that was restored since, or begun anew, may have what it had not: each beginning is a run. */
function asItIs({ log, runs }: Pick<Peer, 'log' | 'runs'>): string {
  return `${log}/${runs.at(-1)?.run ?? ''}`
}

/** No collection has such a name: what stands under it belongs to no record. */
function isOther(record: string): boolean {
  return record.startsWith('@')
}

function canRead(read: readonly string[], channel: string): boolean {
  return channel === SPACE_CHANNEL || read.includes(channel)
}
