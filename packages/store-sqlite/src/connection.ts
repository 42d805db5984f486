/**
 * Opens the database with the settings that the guarantees rest on, and reads them back: better-sqlite3 is compiled so that a
 * re-opened WAL database comes up with synchronous=NORMAL, under which acknowledged commits may roll back on power loss.
 */
import Database from 'better-sqlite3'

/** Pages (4 KiB) in the write-ahead log that start a checkpoint: 16 MiB, so that single edits and batches rarely pay for one. */
const CHECKPOINT_PAGES = 4096
/** What the write-ahead log is cut back to after a checkpoint; the default is no limit. */
const JOURNAL_BYTES_MAX = CHECKPOINT_PAGES * 4096
/** Page cache in KiB: the inner pages of all trees of a log of 100,000 records, within the edge's memory budget. */
const CACHE_KIB = 16 * 1024
/** How long a statement waits for somebody else's lock (a backup tool, a shell) before it gives up. */
const BUSY_WAIT_MS = 5000

const settings: [pragma: string, asked: string, expected: string | number][] = [
  ['journal_mode', 'WAL', 'wal'],
  ['synchronous', 'FULL', 2],
  ['journal_size_limit', `${JOURNAL_BYTES_MAX}`, JOURNAL_BYTES_MAX],
  ['wal_autocheckpoint', `${CHECKPOINT_PAGES}`, CHECKPOINT_PAGES],
  ['cache_size', `-${CACHE_KIB}`, -CACHE_KIB],
  ['trusted_schema', 'OFF', 0],
]

export function openDatabase(path: string): Database.Database {
  return new Database(path, { timeout: BUSY_WAIT_MS })
}

/** @throws Error when SQLite does not take a setting */
export function applySettings(db: Database.Database): void {
  for (const [pragma, asked] of settings) db.pragma(`${pragma} = ${asked}`)
  for (const [pragma, asked, expected] of settings) {
    const actual = db.pragma(pragma, { simple: true })
    if (actual !== expected) {
      throw new Error(`open ${db.name}: asked SQLite for ${pragma} = ${asked}, it stays at ${String(actual)}`)
    }
  }
}
