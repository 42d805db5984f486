/** Turns a batch into rows. Runs inside the transaction that store.ts opens; leaves deciding about failure to it. */
import {
  type Batch,
  checkBatch,
  checkReplaced,
  entryKinds,
  headAfter,
  type Mark,
  type NewEntry,
  type Seq,
  type TableWrite,
} from '@skerry/core'
import type Database from 'better-sqlite3'
import { entryCrc, numbersCrc, pairCrc } from './checksum.ts'
import { toKeyText } from './key-text.ts'
import type { Names } from './names.ts'
import { RowWriter } from './row-writer.ts'

/** What the state row counts. */
export interface Counts {
  head: Seq
  entries: number
  records: number
}

export class BatchWriter {
  readonly #names: Names
  readonly #rows: RowWriter
  readonly #sql: ReturnType<typeof statements>
  #entries = 0

  constructor(db: Database.Database, names: Names) {
    this.#names = names
    this.#rows = new RowWriter(db, names)
    this.#sql = statements(db)
  }

  /** @throws RangeError for a batch that breaks a rule, SqliteError */
  write(batch: Batch, before: Counts, now: number): Counts {
    checkBatch(batch, before.head)
    this.#entries = before.entries
    this.#rows.begin(before.records)
    for (const record of batch.forgotten) this.#forget(record)
    for (const seq of batch.removed) this.#removeOne(seq)
    for (const row of batch.records) this.#rows.put(row)
    for (const entry of batch.entries) this.#insertEntry(entry)
    for (const mark of batch.marks) this.#putMark(mark)
    for (const entry of batch.replaced) this.#replace(entry)
    for (const write of batch.tables) this.#writePair(write)
    const counts = { head: headAfter(batch, before.head), entries: this.#entries, records: this.#rows.count }
    this.#sql.state.run(counts.head, counts.entries, counts.records, countsCrc(counts), now)
    return counts
  }

  #insertEntry({ seq, kind, record, bytes, origin, channels }: NewEntry): void {
    const id = this.#rows.idOf(record)
    const code = entryKinds[kind]
    const run = origin ? this.#names.intern('o', origin.run) : null
    const originSeq = origin ? origin.seq : null
    const crc = entryCrc(bytes, toKeyText(record), [seq, code, run ?? 0, originSeq ?? 0])
    const channelIds = channels.map((channel) => this.#names.intern('c', toKeyText(channel)))
    this.#sql.entry.run(
      seq,
      id,
      code,
      crc,
      run,
      originSeq,
      channelIds.length > 0 ? channelIds.join() : null,
      bytes,
    )
    for (const channel of channelIds) this.#sql.channelEntry.run(channel, seq, id)
    this.#entries += 1
  }

  #putMark({ channel, record, seq, kind }: Mark): void {
    const name = this.#names.intern('c', toKeyText(channel))
    this.#sql.mark.run(this.#rows.idOf(record), name, seq, kind === 'enter' ? 1 : 0)
  }

  #replace(entry: NewEntry): void {
    const id = this.#rows.idOf(entry.record)
    checkReplaced(entry.record, entry.seq, this.#sql.recordAt.get(entry.seq) === id)
    this.#removeOne(entry.seq)
    this.#insertEntry(entry)
  }

  #forget(record: string): void {
    const id = this.#rows.find(toKeyText(record))
    if (id === undefined) return
    for (const [seq, channels] of this.#sql.ofRecord.all(id)) this.#remove(seq, channels)
    this.#sql.dropMarks.run(id)
    this.#rows.forget(id)
  }

  #removeOne(seq: Seq): void {
    const channels = this.#sql.channelsAt.get(seq)
    if (channels !== undefined) this.#remove(seq, channels)
  }

  #remove(seq: Seq, channels: string | null): void {
    this.#sql.dropEntry.run(seq)
    for (const channel of channels?.split(',') ?? []) this.#sql.dropChannelEntry.run(Number(channel), seq)
    this.#entries -= 1
  }

  #writePair({ table, key, value }: TableWrite): void {
    const text = toKeyText(key)
    const name = this.#names.intern('t', toKeyText(table))
    if (value) this.#sql.pair.run(name, text, pairCrc(text, value), value)
    else this.#sql.dropPair.run(name, text)
  }
}

export function countsCrc({ head, entries, records }: Counts): number {
  return numbersCrc([head, entries, records])
}

function statements(db: Database.Database) {
  return {
    entry: db.prepare('INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?)'),
    channelEntry: db.prepare('INSERT OR IGNORE INTO channel_entries VALUES (?, ?, ?)'),
    mark: db.prepare(
      `INSERT INTO marks VALUES (?, ?, ?, ?) ON CONFLICT (record, channel)
       DO UPDATE SET seq = excluded.seq, enter = excluded.enter WHERE excluded.seq > seq`,
    ),
    recordAt: db.prepare<[number], number>('SELECT record FROM entries WHERE seq = ?').pluck(),
    channelsAt: db.prepare<[number], string | null>('SELECT channels FROM entries WHERE seq = ?').pluck(),
    ofRecord: db
      .prepare<[number], [seq: number, channels: string | null]>(
        'SELECT seq, channels FROM entries WHERE record = ?',
      )
      .raw(),
    dropEntry: db.prepare('DELETE FROM entries WHERE seq = ?'),
    dropChannelEntry: db.prepare('DELETE FROM channel_entries WHERE channel = ? AND seq = ?'),
    dropMarks: db.prepare('DELETE FROM marks WHERE record = ?'),
    pair: db.prepare('INSERT OR REPLACE INTO pairs VALUES (?, ?, ?, ?)'),
    dropPair: db.prepare('DELETE FROM pairs WHERE name = ? AND key = ?'),
    state: db.prepare('UPDATE state SET head = ?, entries = ?, records = ?, crc = ?, committed_at = ?'),
  }
}
