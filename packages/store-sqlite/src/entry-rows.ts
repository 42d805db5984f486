/** Entries as rows, and the reads that give them back. */
import {
  type EntryKind,
  entryKinds,
  type PageLimit,
  type Seq,
  type StoredEntry,
  takeEntries,
} from '@skerry/core'
import type Database from 'better-sqlite3'
import { entryCrc } from './checksum.ts'
import { fromKeyText, toKeyText } from './key-text.ts'
import type { Names } from './names.ts'

/** The columns every read of entries selects, in this order; `e` is entries, `r` records. */
export const ENTRY_COLUMNS = 'e.seq, r.record, e.kind, e.origin, e.origin_seq, e.crc, e.bytes'
export type EntryColumns = [
  seq: number,
  key: string,
  kind: number,
  origin: number | null,
  originSeq: number | null,
  crc: number,
  bytes: Uint8Array,
]

const FROM = 'FROM entries e CROSS JOIN records r ON r.id = e.record'
const kindByCode = new Map<number, EntryKind>(
  (Object.keys(entryKinds) as EntryKind[]).map((kind) => [entryKinds[kind], kind]),
)

/** The key, too, comes from a file, whatever its column declares. */
function damaged([seq, key]: EntryColumns, damage: string): StoredEntry {
  return { seq, record: typeof key === 'string' ? fromKeyText(key) : '', damage }
}

export class EntryReader {
  readonly #path: string
  readonly #names: Names
  readonly #above: Database.Statement<[number], EntryColumns>
  readonly #ofRecord: Database.Statement<[string], EntryColumns>
  readonly #at: Database.Statement<[number], EntryColumns>

  constructor(db: Database.Database, names: Names) {
    this.#path = db.name
    this.#names = names
    this.#above = db
      .prepare<[number], EntryColumns>(`SELECT ${ENTRY_COLUMNS} ${FROM} WHERE e.seq > ? ORDER BY e.seq`)
      .raw()
    this.#ofRecord = db
      .prepare<[string], EntryColumns>(
        `SELECT ${ENTRY_COLUMNS} FROM records r CROSS JOIN entries e ON e.record = r.id WHERE r.record = ? ORDER BY e.seq`,
      )
      .raw()
    this.#at = db.prepare<[number], EntryColumns>(`SELECT ${ENTRY_COLUMNS} ${FROM} WHERE e.seq = ?`).raw()
  }

  readLog(after: Seq, limit: PageLimit): StoredEntry[] {
    return takeEntries(this.#walk(after), limit)
  }

  readRecord(record: string): StoredEntry[] {
    return this.#ofRecord.all(toKeyText(record)).map((columns) => this.entryOf(columns))
  }

  readEntries(seqs: readonly Seq[]): StoredEntry[] {
    const ascending = [...new Set(seqs)].sort((left, right) => left - right)
    return ascending.flatMap((seq) => this.readEntry(seq) ?? [])
  }

  readEntry(seq: Seq): StoredEntry | undefined {
    const columns = this.#at.get(seq)
    return columns && this.entryOf(columns)
  }

  /** Damaged when the row is not what was written. */
  entryOf(columns: EntryColumns): StoredEntry {
    const [seq, key, kind, origin, originSeq, crc, bytes] = columns
    const name = kindByCode.get(kind)
    const run = origin === null ? undefined : this.#names.soundNameOf(origin)
    if (!name || crc !== entryCrc(bytes, key, [seq, kind, origin ?? 0, originSeq ?? 0]))
      return damaged(columns, `its checksum in ${this.#path} does not match its content`)
    if (origin !== null && run === undefined)
      return damaged(columns, `in ${this.#path} it names a run, by ${origin}, that cannot be read`)
    const own = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const entry = { seq, kind: name, record: fromKeyText(key), bytes: own }
    return run === undefined ? entry : { ...entry, origin: { run, seq: originSeq ?? 0 } }
  }

  *#walk(after: Seq): Generator<StoredEntry> {
    for (const columns of this.#above.iterate(after)) yield this.entryOf(columns)
  }
}
