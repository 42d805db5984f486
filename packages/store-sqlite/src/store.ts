/** The store on SQLite: the port's methods, each handed to the part that does it. */
import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import type { Store } from '@skerry/core'
import { BALLAST_BYTES } from './ballast.ts'
import { Log, type Readers } from './log.ts'
import type { Accept } from './opening.ts'
import { Pace } from './pace.ts'

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
  /** Tables that are empty after a restore, or in a copy: what was used up after the backup is not to be used again. Default: none. */
  notRestored?: readonly string[]
  /** Told what does not keep the store from opening: files that others can read. Default: a warning of the process (`process.emitWarning`). */
  warn?: (message: string) => void
}

/**
 * Touches nothing until `open`. SQLite works synchronously, and whoever reads or writes in a loop would go on from promise to promise, while no socket or timer of the process
 * is served. So a commit is settled on the next turn of the event loop, and so is a read when reads have held up the loop for READ_MS_MAX.
 */
export function sqliteStore({
  path,
  accept,
  ballastBytes = BALLAST_BYTES,
  notRestored = [],
  warn = warnProcess,
}: SqliteStoreOptions): Store {
  const log = new Log(path, { accept, ballastBytes, notRestored, warn })
  const pace = new Pace()
  const read = <T>(reading: (parts: Readers) => T) => pace.after(() => log.read(reading))
  return {
    open: async (run) => log.open(run),
    commit: async (batch) => {
      log.commit(batch)
      await turnOfTheLoop()
    },
    readLog: (after, limit) => read(({ entries }) => entries.readLog(after, limit)),
    readChannels: (after, limit) => read(({ channels }) => channels.readChannels(after, limit, log.head)),
    readRecord: (record) => read(({ entries }) => entries.readRecord(record)),
    readEntries: (seqs) => read(({ entries }) => entries.readEntries(seqs)),
    readMarks: (record) => read(({ channels }) => channels.readMarks(record)),
    rows: (records) => read(({ rows }) => rows.rows(records)),
    scanRows: (collection, after, limit) => read(({ rows }) => rows.scanRows(collection, after, limit)),
    findRows: (collection, equals) => read(({ rows }) => rows.findRows(collection, equals)),
    channelRows: (channel, after, limit) => read(({ rows }) => rows.channelRows(channel, after, limit)),
    get: (table, key) => read(({ pairs }) => pairs.get(table, key)),
    scan: (table, range) => read(({ pairs }) => pairs.scan(table, range)),
    size: async () => log.size(),
    close: async () => log.close(),
  }
}

function warnProcess(message: string): void {
  process.emitWarning(message, 'SkerryWarning')
}
