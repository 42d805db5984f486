/**
 * One database in use: opens, guards and closes it, and decides what a failed commit means.
 *
 *   open ──► working ──disk full──► full: the ballast is given up, only shrinking batches are tried ──space is back──► working
 *               └──disk error──► failed: reads only, until opened again, because after a failed fsync the page cache may lie
 */
import { statSync } from 'node:fs'
import { type Batch, checkRun, type LogIdentity, StoreError, type StoreSize } from '@skerry/core'
import type Database from 'better-sqlite3'
import { Ballast } from './ballast.ts'
import { BatchWriter, type Counts } from './batch-writer.ts'
import { ChannelReader } from './channel-reader.ts'
import { EntryReader } from './entry-rows.ts'
import { asStoreError, isCode, storeErrorOf } from './failure.ts'
import { Names } from './names.ts'
import { type Opened, type OpenOptions, openLog } from './opening.ts'
import { PairReader } from './pairs.ts'
import { RowReader } from './record-rows.ts'
import { isMissing, newSidecar, writeSidecar } from './sidecar.ts'

interface LogOptions extends Omit<OpenOptions, 'checkpointPages'> {
  ballastBytes: number
}

export interface Readers {
  entries: EntryReader
  channels: ChannelReader
  rows: RowReader
  pairs: PairReader
}

interface Parts extends Opened, Readers {
  names: Names
  /** Keys of records whose rows were found damaged, and were not written since. */
  damagedRows: Set<string>
  begin: Database.Statement
  end: Database.Statement
  writer: BatchWriter
}

function partsOf(opened: Opened): Parts {
  const { db, lock } = opened
  try {
    const names = new Names(db)
    const entries = new EntryReader(db, names)
    const damagedRows = new Set<string>()
    return {
      ...opened,
      names,
      damagedRows,
      begin: db.prepare('BEGIN IMMEDIATE'),
      end: db.prepare('COMMIT'),
      writer: new BatchWriter(db, names, damagedRows),
      entries,
      channels: new ChannelReader(db, names, entries),
      rows: new RowReader(db, names, damagedRows),
      pairs: new PairReader(db, names),
    }
  } catch (error) {
    db.close()
    lock.close()
    throw error
  }
}

export class Log {
  readonly #path: string
  readonly #options: LogOptions
  readonly #ballast: Ballast
  #parts: Parts | undefined
  #counts: Counts = { head: 0, entries: 0, records: 0 }
  #isFull = false
  #failure: unknown

  constructor(path: string, options: LogOptions) {
    this.#path = path
    this.#options = options
    this.#ballast = new Ballast(path, options.ballastBytes)
  }

  get head(): number {
    return this.#counts.head
  }

  open(run: string): LogIdentity {
    checkRun(run)
    if (this.#parts)
      throw new RangeError(`open ${this.#path}: this store is open already; make another store object`)
    this.#parts = asStoreError('open', this.#path, () => partsOf(this.#openWithRoom(run)))
    const { counts, identity } = this.#parts
    this.#counts = counts
    this.#failure = undefined
    this.#ballast.ensure()
    return identity
  }

  read<T>(read: (readers: Readers) => T): T {
    const parts = this.#inUse()
    return asStoreError('read', this.#path, () => read(parts))
  }

  commit(batch: Batch): void {
    const { db, names, writer, damagedRows, begin, end } = this.#inUse()
    this.#refuseIfUnsafe(batch)
    try {
      begin.run()
      const counts = writer.write(batch, this.#counts, Date.now())
      end.run()
      this.#counts = counts
      if (damagedRows.size > 0) for (const { record } of batch.records) damagedRows.delete(record)
    } catch (error) {
      names.forget()
      const reported = storeErrorOf(error, 'commit to', this.#path)
      if (isCode(reported, 'io')) this.#failure = reported
      // SQLite may have rolled back already.
      if (db.inTransaction) db.exec('ROLLBACK')
      if (isCode(reported, 'full')) this.#giveUpBallast()
      throw reported
    }
  }

  size(): StoreSize {
    const { db } = this.#inUse()
    const pages = asStoreError('measure', this.#path, () => Number(db.pragma('page_count', { simple: true })))
    const bytes = pages * Number(db.pragma('page_size', { simple: true })) + bytesOf(`${this.#path}-wal`)
    return { entries: this.#counts.entries, records: this.#counts.records, bytes }
  }

  close(): void {
    if (!this.#parts) return
    const { db, lock, identity } = this.#parts
    this.#parts = undefined
    try {
      if (!this.#isFull && this.#failure === undefined) {
        const run = identity.runs.at(-1)?.run ?? ''
        writeSidecar(this.#path, newSidecar(identity.log, run, this.#counts.head))
      }
    } finally {
      db.close()
      lock.close()
    }
  }

  #inUse(): Parts {
    if (this.#parts) return this.#parts
    throw new StoreError(
      'closed',
      `use of ${this.#path}: the store is not open; call open first, or make another store object`,
    )
  }

  #openWithRoom(run: string): Opened {
    const options = { ...this.#options, checkpointPages: this.#ballast.checkpointPages }
    try {
      return openLog(this.#path, run, options)
    } catch (error) {
      if (!isCode(storeErrorOf(error, 'open', this.#path), 'full')) throw error
      this.#ballast.release()
      this.#isFull = true
      return openLog(this.#path, run, options)
    }
  }

  #refuseIfUnsafe(batch: Batch): void {
    if (this.#failure !== undefined) {
      throw new StoreError(
        'io',
        `commit to ${this.#path}: refused since the disk failed; check the disk, then close and open the store again`,
        { cause: this.#failure },
      )
    }
    if (!this.#isFull) return
    if (this.#ballast.ensure()) this.#isFull = false
    else if (!isShrinking(batch)) {
      throw new StoreError(
        'full',
        `commit to ${this.#path}: the disk is full and the reserve is given up; free ${this.#ballast.freeBytesMin} bytes, ` +
          'commits then succeed again by themselves',
      )
    }
  }

  #giveUpBallast(): void {
    this.#isFull = true
    this.#ballast.release()
    try {
      this.#parts?.db.pragma('wal_checkpoint(TRUNCATE)')
    } catch (error) {
      // Without room even now: nothing is lost, the write-ahead log stays and is read from.
      const reported = storeErrorOf(error, 'checkpoint', this.#path)
      if (!isCode(reported, 'full')) throw reported
    }
  }
}

/** Whether a batch makes the log smaller: the ones worth trying on a full disk. */
function isShrinking({ entries, marks, forgotten, removed, replaced, tables }: Batch): boolean {
  if (entries.length > 0 || marks.length > 0) return false
  const removesKeys = tables.some(({ value }) => value === undefined)
  return removesKeys || forgotten.length + removed.length + replaced.length > 0
}

function bytesOf(path: string): number {
  try {
    return statSync(path).size
  } catch (error) {
    if (isMissing(error)) return 0
    throw error
  }
}
