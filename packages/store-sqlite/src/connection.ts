/**
 * Opens the database with the settings that the guarantees rest on, and reads them back: better-sqlite3 is compiled so that a
 * re-opened WAL database comes up with synchronous=NORMAL, under which acknowledged commits may roll back on power loss.
 */
import Database from 'better-sqlite3'

export const PAGE_BYTES = 4096
/** Page cache in KiB: the inner pages of all trees of a log of 100,000 records, within the edge's memory budget. */
const CACHE_KIB = 16 * 1024
/** How long a statement waits for somebody else's lock (a backup tool, a shell) before it gives up. */
const BUSY_WAIT_MS = 5000

type Setting = [pragma: string, asked: string, expected: string | number]

/** `checkpointPages` is how long the write-ahead log grows, in pages of 4 KiB, before it is moved into the database. */
function settings(checkpointPages: number): Setting[] {
  // What the log's file is cut back to after a checkpoint; the default is no limit.
  const journalBytes = checkpointPages * PAGE_BYTES
  return [
    ['journal_mode', 'WAL', 'wal'],
    ['synchronous', 'FULL', 2],
    ['journal_size_limit', `${journalBytes}`, journalBytes],
    ['wal_autocheckpoint', `${checkpointPages}`, checkpointPages],
    ['cache_size', `-${CACHE_KIB}`, -CACHE_KIB],
    ['trusted_schema', 'OFF', 0],
  ]
}

export function openDatabase(path: string): Database.Database {
  return new Database(path, { timeout: BUSY_WAIT_MS })
}

/** @throws Error when SQLite does not take a setting */
export function applySettings(db: Database.Database, checkpointPages: number): void {
  const wanted = settings(checkpointPages)
  for (const [pragma, asked] of wanted) db.pragma(`${pragma} = ${asked}`)
  for (const [pragma, asked, expected] of wanted) {
    const actual = db.pragma(pragma, { simple: true })
    if (actual !== expected) {
      throw new Error(`open ${db.name}: asked SQLite for ${pragma} = ${asked}, it stays at ${String(actual)}`)
    }
  }
}
