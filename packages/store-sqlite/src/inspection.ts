/**
 * Reading a database beside a running node, or one that is closed, without ever writing: what `skerry inspect` shows. Everything here
 * is plain JSON. Each call is one short read transaction, so that it holds up no checkpoint.
 */
import { existsSync } from 'node:fs'
import {
  type DamagedEntry,
  isDamaged,
  type LoggedEntry,
  type LogIdentity,
  type RecordRow,
  type StoredEntry,
  StoreError,
} from '@skerry/core'
import Database from 'better-sqlite3'
import { ChannelReader } from './channel-reader.ts'
import { EntryReader } from './entry-rows.ts'
import { asStoreError } from './failure.ts'
import { fromKeyText } from './key-text.ts'
import { Names } from './names.ts'
import { countsOf, identityOf } from './opening.ts'
import { RowReader } from './record-rows.ts'
import { FORMAT_VERSION, formatOf, hasLog } from './schema.ts'

export interface SqliteReport extends LogIdentity {
  path: string
  format: number
  /** Entries and rows in the log; bytes are those of the database without its write-ahead log. */
  size: { entries: number; records: number; bytes: number }
  /** ISO 8601 in UTC; absent before the first commit. */
  lastCommitAt?: string
  /** Keys in each key-value table. */
  tables: Record<string, number>
  /** Rows in each collection; `deleted` ones have no view. */
  collections: Record<string, { records: number; deleted: number }>
  /** Entries indexed under each channel. */
  channels: Record<string, number>
}

/** One record as a person wants to see it. `view` is parsed. */
export interface RecordReport {
  record: string
  deleted: boolean
  view?: unknown
  indexed: Record<string, RecordRow['indexed'][number][1]>
  /** Channels the record is in now. */
  channels: string[]
  entries: EntryReport[]
}

/** An entry as a person wants to see it: its length in place of its bytes; of one that cannot be read back, what is wrong. */
export type EntryReport = (Omit<LoggedEntry, 'bytes'> & { bytes: number }) | DamagedEntry

/** @throws StoreError io (no such file), corrupt, newer-format */
export function inspectSqlite(path: string): SqliteReport {
  return reading(path, (db) => {
    const { head, entries, records } = countsOf(db)
    const bytes =
      Number(db.pragma('page_count', { simple: true })) * Number(db.pragma('page_size', { simple: true }))
    const committedAt = db.prepare<[], number | null>('SELECT committed_at FROM state').pluck().get()
    const report = {
      path,
      format: FORMAT_VERSION,
      ...identityOf(db, head),
      size: { entries, records, bytes },
      tables: countsByName(db, 't', 'pairs', 'name'),
      channels: countsByName(db, 'c', 'channel_entries', 'channel'),
      collections: collectionsOf(db),
    }
    return committedAt ? { ...report, lastCommitAt: new Date(committedAt).toISOString() } : report
  })
}

/** Records of a collection in ascending key, above `after`, at most `limit`. @throws StoreError as inspectSqlite */
export function inspectRecords(
  path: string,
  { collection, after = '', limit }: { collection: string; after?: string; limit: number },
): RecordReport[] {
  return reading(path, (db) => {
    const names = new Names(db)
    const entries = new EntryReader(db, names)
    const channels = new ChannelReader(db, names, entries)
    return new RowReader(db, names).scanRows(collection, after, limit).map((row) => ({
      record: row.record,
      deleted: row.view === undefined,
      ...(row.view === undefined ? {} : { view: JSON.parse(row.view) as unknown }),
      indexed: Object.fromEntries(row.indexed),
      channels: channels
        .readMarks(row.record)
        .flatMap(({ kind, channel }) => (kind === 'enter' ? channel : [])),
      entries: entries.readRecord(row.record).map(entryReport),
    }))
  })
}

/** Entries of the log above a sequence, at most `limit`. @throws StoreError as inspectSqlite */
export function inspectEntries(
  path: string,
  { after = 0, limit }: { after?: number; limit: number },
): EntryReport[] {
  return reading(path, (db) => {
    const page = { entries: limit, bytes: Number.MAX_SAFE_INTEGER }
    return new EntryReader(db, new Names(db)).readLog(after, page).map(entryReport)
  })
}

/** Opens the file for reading, runs `read` in one transaction, closes it. @throws StoreError */
export function reading<T>(path: string, read: (db: Database.Database) => T): T {
  if (!existsSync(path)) throw new StoreError('io', `inspect ${path}: there is no such file; check the path`)
  return asStoreError('inspect', path, () => {
    // A read-only connection to a closed store would leave -wal and -shm files behind; an ordinary one takes them away again, and
    // has nothing to write. Where there is a -wal, only the node it belongs to may move its content into the database.
    const isClosed = !existsSync(`${path}-wal`)
    const db = new Database(path, { readonly: !isClosed, fileMustExist: true })
    try {
      db.pragma('query_only = ON')
      if (!hasLog(db, path))
        throw new StoreError('corrupt', `inspect ${path}: the file is empty; choose another path`)
      if (formatOf(db) < FORMAT_VERSION)
        throw new StoreError(
          'io',
          `inspect ${path}: the file has format ${formatOf(db)}, this version reads ${FORMAT_VERSION}; start its node once, which migrates it`,
        )
      return db.transaction(() => read(db))()
    } finally {
      db.close()
    }
  })
}

function entryReport(entry: StoredEntry): EntryReport {
  if (isDamaged(entry)) return entry
  const { bytes, ...rest } = entry
  return { ...rest, bytes: bytes.length }
}

function countsByName(
  db: Database.Database,
  kind: string,
  table: string,
  column: string,
): Record<string, number> {
  const rows = db
    .prepare<[string], [name: string, count: number]>(
      `SELECT n.name, count(*) FROM names n JOIN ${table} x ON x.${column} = n.id WHERE n.kind = ? GROUP BY n.id ORDER BY n.name`,
    )
    .raw()
    .all(kind)
  return Object.fromEntries(rows.map(([name, count]) => [fromKeyText(name), count]))
}

function collectionsOf(db: Database.Database): SqliteReport['collections'] {
  const rows = db
    .prepare<[], [collection: string, records: number, deleted: number]>(
      `SELECT substr(record, 1, instr(record, '/') - 1) AS collection, count(*), sum(view IS NULL)
       FROM records WHERE crc IS NOT NULL GROUP BY collection ORDER BY collection`,
    )
    .raw()
    .all()
  return Object.fromEntries(rows.map(([name, records, deleted]) => [fromKeyText(name), { records, deleted }]))
}
