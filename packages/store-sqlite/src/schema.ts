/**
 * The tables of one log, tight on purpose: names are interned to integers, and a record key is stored once.
 *
 *   entries          one row per entry; `channels` lists its channel ids, so that it can be taken out of channel_entries again
 *   channel_entries  (channel, seq): what a channel reader walks; carries the record, so that skipping costs no look-up
 *   marks            newest enter (1) or leave (0) of (record, channel); marks_by_channel is what a channel reader walks
 *   records          every record key with an id; frontier, view and indexed only where there is a row
 *   fields           declared indexes: (field, value) → records that have a view
 *   pairs            named key-value tables
 *   names            interned channels (c), collection fields (f), origin runs (o) and table names (t)
 *   state            what every commit moves; meta: what an open moves
 *
 * `crc` columns hold a CRC-32 over the row's content and its key: SQLite has no page checksums, and a flipped bit in a view or an
 * entry would otherwise be handed out as the truth.
 */
import { StoreError } from '@skerry/core'
import type Database from 'better-sqlite3'

/** Raise it with every change of the tables, and add the step that leads to it (migration.ts): an older file is migrated, a newer one refused. */
export const FORMAT_VERSION = 1
/** "skry", so that `file` and a stranger's tool can tell what this is. */
const APPLICATION_ID = 0x736b7279

const TABLES = `
CREATE TABLE meta (key TEXT PRIMARY KEY, crc INTEGER NOT NULL, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE state (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  head INTEGER NOT NULL, entries INTEGER NOT NULL, records INTEGER NOT NULL,
  crc INTEGER NOT NULL, committed_at INTEGER
) STRICT;
CREATE TABLE runs (id INTEGER PRIMARY KEY, crc INTEGER NOT NULL, run TEXT NOT NULL UNIQUE, first INTEGER NOT NULL) STRICT;
CREATE TABLE names (
  id INTEGER PRIMARY KEY, crc INTEGER NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, UNIQUE (kind, name)
) STRICT;
CREATE TABLE records (
  id INTEGER PRIMARY KEY, record TEXT NOT NULL UNIQUE, crc INTEGER, indexed TEXT, frontier BLOB, view TEXT
) STRICT;
CREATE TABLE entries (
  seq INTEGER PRIMARY KEY, record INTEGER NOT NULL, kind INTEGER NOT NULL, crc INTEGER NOT NULL,
  origin INTEGER, origin_seq INTEGER, channels TEXT, bytes BLOB NOT NULL
) STRICT;
CREATE INDEX entries_by_record ON entries (record);
CREATE TABLE channel_entries (
  channel INTEGER NOT NULL, seq INTEGER NOT NULL, record INTEGER NOT NULL, PRIMARY KEY (channel, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE marks (
  record INTEGER NOT NULL, channel INTEGER NOT NULL, seq INTEGER NOT NULL, enter INTEGER NOT NULL,
  PRIMARY KEY (record, channel)
) STRICT, WITHOUT ROWID;
CREATE INDEX marks_by_channel ON marks (channel, seq, enter);
CREATE TABLE fields (
  field INTEGER NOT NULL, value TEXT NOT NULL, record INTEGER NOT NULL, PRIMARY KEY (field, value, record)
) STRICT, WITHOUT ROWID;
CREATE TABLE pairs (
  name INTEGER NOT NULL, key TEXT NOT NULL, crc INTEGER NOT NULL, value BLOB NOT NULL, PRIMARY KEY (name, key)
) STRICT, WITHOUT ROWID;
INSERT INTO state VALUES (1, 0, 0, 0, 0, NULL);
PRAGMA application_id = ${APPLICATION_ID};
PRAGMA user_version = ${FORMAT_VERSION};
`

/**
 * Whether the file is a log of ours in a format that this version reads; false for an empty file.
 * @throws StoreError newer-format, corrupt (somebody else's database)
 */
export function hasLog(db: Database.Database, path: string): boolean {
  const version = formatOf(db)
  const application = Number(db.pragma('application_id', { simple: true }))
  const tables = Number(db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get())
  if (tables === 0 && version === 0) return false
  if (application !== APPLICATION_ID) {
    throw new StoreError(
      'corrupt',
      `open ${path}: this is an SQLite database, but not a log of Skerry; choose another path`,
    )
  }
  if (version > FORMAT_VERSION) {
    throw new StoreError(
      'newer-format',
      `open ${path}: the file has format ${version}, this version reads up to ${FORMAT_VERSION}; upgrade, or restore a backup made before the upgrade`,
    )
  }
  return true
}

/** The format that a file says it has; 0 for an empty one. */
export function formatOf(db: Database.Database): number {
  return Number(db.pragma('user_version', { simple: true }))
}

export function createTables(db: Database.Database): void {
  db.exec(TABLES)
}
