/**
 * The store on SQLite: opens, guards and closes one database, and decides what a failed commit means.
 *
 *   open ──► working ──full──► full (gave up its ballast; only shrinking batches are tried) ──space is back──► working
 *               └──disk error──► failed (reads only, until opened again: after a failed fsync the page cache may lie)
 */
import { type Batch, checkRun, type Store, StoreError } from '@skerry/core'
import type Database from 'better-sqlite3'
import { statSync } from 'node:fs'
import { BALLAST_BYTES, Ballast } from './ballast.ts'
import { BatchWriter, type Counts } from './batch-writer.ts'
import { ChannelReader } from './channel-reader.ts'
import { EntryReader } from './entry-rows.ts'
import { asStoreError, storeErrorOf } from './failure.ts'
import { Names } from './names.ts'
import { type Accept, type Opened, openLog } from './opening.ts'
import { PairReader } from './pairs.ts'
import { RowReader } from './record-rows.ts'
import { isMissing, newSidecar, writeSidecar } from './sidecar.ts'

export interface SqliteStoreOptions {
  /** The database file; beside it lie `-wal`, `-shm`, `.lock`, `.run` and `.ballast`. Its directory must exist. */
  path: string
  /** What to do with a file that is not where, or what, it was. Without it such a file is refused. */
  accept?: Accept
  /** Space kept in reserve for a full disk; 0 keeps none. Default 1 MiB. */
  ballastBytes?: number
}

export function sqliteStore(options: SqliteStoreOptions): Store {
  return new SqliteStore(options)
}

interface Working extends Opened {
  names: Names
  writer: BatchWriter
  entries: EntryReader
  channels: ChannelReader
  rows: RowReader
  pairs: PairReader
}

class SqliteStore implements Store {
  readonly #path: string
  readonly #accept: Accept | undefined
  readonly #ballast: Ballast
  #working: Working | undefined
  #counts: Counts = { head: 0, entries: 0, records: 0 }
  #isFull = false
  #failure: unknown

  constructor({ path, accept, ballastBytes = BALLAST_BYTES }: SqliteStoreOptions) {
    this.#path = path
    this.#accept = accept
    this.#ballast = new Ballast(path, ballastBytes)
  }
}
