/** The store on SQLite: the port's methods, each handed to the part that does it. */
import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import type { Store } from '@skerry/core'
import { BALLAST_BYTES } from './ballast.ts'
import { Log } from './log.ts'
import type { Accept } from './opening.ts'

export interface SqliteStoreOptions {
  /** The database file; beside it lie `-wal`, `-shm`, `.lock`, `.run` and `.ballast`. Its directory must exist. */
  path: string
  /** What to do with a file that is not where, or what, it was. Without it such a file is refused. */
  accept?: Accept
  /**
   * Space kept in reserve for a full disk, in bytes, and so the length to which the write-ahead log grows between checkpoints; 0 keeps
   * none. Default 4 MiB.
   */
  ballastBytes?: number
  /** Told what does not keep the store from opening: files that others can read. Default: a warning of the process (`process.emitWarning`). */
  warn?: (message: string) => void
}

/**
 * Touches nothing until `open`. SQLite works synchronously, so every promise but that of `commit` is settled when its method returns.
 *
 * A commit is settled on the next turn of the event loop: whoever writes in a loop would otherwise go on from promise to promise, and
 * no socket or timer of the process would be served until the loop ends.
 */
export function sqliteStore({
  path,
  accept,
  ballastBytes = BALLAST_BYTES,
  warn = warnProcess,
}: SqliteStoreOptions): Store {
  const log = new Log(path, { accept, ballastBytes, warn })
  return {
    open: async (run) => log.open(run),
    commit: async (batch) => {
      log.commit(batch)
      await turnOfTheLoop()
    },
    readLog: async (after, limit) => log.read(({ entries }) => entries.readLog(after, limit)),
    readChannels: async (after, limit) =>
      log.read(({ channels }) => channels.readChannels(after, limit, log.head)),
    readRecord: async (record) => log.read(({ entries }) => entries.readRecord(record)),
    readEntries: async (seqs) => log.read(({ entries }) => entries.readEntries(seqs)),
    readMarks: async (record) => log.read(({ channels }) => channels.readMarks(record)),
    rows: async (records) => log.read(({ rows }) => rows.rows(records)),
    scanRows: async (collection, after, limit) =>
      log.read(({ rows }) => rows.scanRows(collection, after, limit)),
    findRows: async (collection, equals) => log.read(({ rows }) => rows.findRows(collection, equals)),
    channelRows: async (channel, after, limit) =>
      log.read(({ rows }) => rows.channelRows(channel, after, limit)),
    get: async (table, key) => log.read(({ pairs }) => pairs.get(table, key)),
    scan: async (table, range) => log.read(({ pairs }) => pairs.scan(table, range)),
    size: async () => log.size(),
    close: async () => log.close(),
  }
}

function warnProcess(message: string): void {
  process.emitWarning(message, 'SkerryWarning')
}
