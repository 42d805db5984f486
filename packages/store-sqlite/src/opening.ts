/** One open of the database: lock, format, settings, place, and the row of the new run, in this order. */
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { type LogIdentity, type RunRow, StoreError } from '@skerry/core'
import type Database from 'better-sqlite3'
import { type Counts, countsCrc } from './batch-writer.ts'
import { textCrc } from './checksum.ts'
import { applySettings, openDatabase } from './connection.ts'
import { corrupt } from './failure.ts'
import { takeLock } from './lock.ts'
import { migrate } from './migration.ts'
import { exposureOf, makeOwnerOnly } from './owner-only.ts'
import { judge, type Place, placeOf, type Verdict } from './place.ts'
import { createTables, hasLog } from './schema.ts'
import { newSidecar, readSidecar, writeSidecar } from './sidecar.ts'

/**
 * What the operator says about a file that is not where, or what, it was:
 * `moved`: the original is gone, this file goes on as the same log; `copy`: the original lives on, this file becomes a replica of its own;
 * `restored`: this is a backup, what came after it is to be fetched from peers.
 */
export type Accept = 'moved' | 'copy' | 'restored'

/** Key of the row in `meta`. */
const RESTORED = 'restored'

export interface OpenOptions {
  accept: Accept | undefined
  checkpointPages: number
  /** Tables that a backup does not bring back (B-8). */
  notRestored: readonly string[]
  /** Told what does not keep the log from opening. */
  warn: (message: string) => void
}

export interface Opened {
  db: Database.Database
  lock: Database.Database
  identity: LogIdentity
  counts: Counts
}

/** @throws StoreError locked, copied, restored, newer-format, corrupt, full, io; SqliteError */
export function openLog(path: string, run: string, options: OpenOptions): Opened {
  if (!existsSync(dirname(path))) {
    throw new StoreError('io', `open ${path}: the directory ${dirname(path)} does not exist; create it`)
  }
  const lock = takeLock(path)
  let db: Database.Database | undefined
  try {
    const exposure = exposureOf(path)
    makeOwnerOnly(path)
    db = openDatabase(path)
    const isOld = hasLog(db, path)
    applySettings(db, options.checkpointPages)
    const verdict = isOld ? verdictOn(db, path, options.accept) : 'here'
    if (isOld) migrate(db, path)
    const counts = startRun(db, path, run, {
      isOld,
      becomesCopy: verdict === 'copied' && options.accept === 'copy',
      isRestored: verdict === 'restored',
      notRestored: options.notRestored,
    })
    const identity = identityOf(db, counts.head)
    writeSidecar(path, newSidecar(identity.log, run, counts.head))
    if (exposure !== undefined) options.warn(exposure)
    return { db, lock, identity, counts }
  } catch (error) {
    db?.close()
    lock.close()
    throw error
  }
}

/** The verdict, if it is 'here' or accepted. @throws StoreError copied, restored, corrupt */
function verdictOn(db: Database.Database, path: string, accept: Accept | undefined): Verdict {
  const was = JSON.parse(metaOf(db, 'place')) as Place
  const is = placeOf(path)
  const head = countsOf(db).head
  const verdict = judge(was, is, readSidecar(path), { runs: runsOf(db).map(({ run }) => run), head })
  if (verdict === 'copied' && accept !== 'moved' && accept !== 'copy') throw copied(path, was, is)
  if (verdict === 'restored' && accept !== 'restored') throw restored(path, head)
  // A file that was put here by hand may have met a write-ahead log that is not its own.
  if (verdict !== 'here' || was.inode !== is.inode) checkPages(db, path)
  return verdict
}

function copied(path: string, was: Place, is: Place): StoreError {
  return new StoreError(
    'copied',
    `open ${path}: this log was last open as ${was.path} on ${was.host}, and is now another file, ${is.path} on ${is.host}. ` +
      "If the original is gone for good, the same log goes on here with --accept moved (in code accept: 'moved'). " +
      "If the original lives on, this file becomes a replica of its own with --accept copy (in code accept: 'copy'). " +
      'A backup that `skerry restore` puts in place opens without either',
  )
}

function restored(path: string, head: number): StoreError {
  return new StoreError(
    'restored',
    `open ${path}: the file (head ${head}) is older than the log that was last open here, or nothing shows that it is not; ` +
      'it looks like a restored backup. What came after it exists only at peers. ' +
      "If there is no newer file, go on with --accept restored (in code accept: 'restored'). " +
      'A backup that `skerry restore` puts in place opens without it',
  )
}

function checkPages(db: Database.Database, path: string): void {
  const found = db.pragma('quick_check(1)', { simple: true })
  if (found !== 'ok') throw corrupt(path, String(found))
}

interface Beginning extends Pick<OpenOptions, 'notRestored'> {
  isOld: boolean
  becomesCopy: boolean
  isRestored: boolean
}

function startRun(
  db: Database.Database,
  path: string,
  run: string,
  { isOld, becomesCopy, isRestored, notRestored }: Beginning,
): Counts {
  return db
    .transaction(() => {
      if (!isOld) createTables(db)
      if (runsOf(db).some((known) => known.run === run)) {
        throw new RangeError(`open: run ${run} was used before; every open needs a new random run`)
      }
      const counts = countsOf(db)
      if (!isOld) setMeta(db, 'log', randomBytes(16).toString('hex'))
      if (becomesCopy) becomeCopy(db, randomBytes(16).toString('hex'))
      if (becomesCopy || isRestored) markRestored(db)
      emptyNotRestored(db, notRestored)
      makeAtHome(db, placeOf(path))
      const first = counts.head + 1
      db.prepare('INSERT INTO runs (crc, run, first) VALUES (?, ?, ?)').run(textCrc(run, first), run, first)
      return counts
    })
    .immediate()
}

function setMeta(db: Database.Database, key: string, value: string): void {
  db.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?, ?)').run(key, textCrc(key, value), value)
}

/** The next open finds the file where it expects it. */
export function makeAtHome(db: Database.Database, place: Place): void {
  setMeta(db, 'place', JSON.stringify(place))
}

/** A log of its own, without the replica's device key: a copy must make one itself. */
export function becomeCopy(db: Database.Database, log: string): void {
  setMeta(db, 'log', log)
  emptyTable(db, 'identity')
}

/** For the next open by somebody who has tables that a backup does not bring back. */
export function markRestored(db: Database.Database): void {
  setMeta(db, RESTORED, 'yes')
}

function emptyNotRestored(db: Database.Database, tables: readonly string[]): void {
  const isMarked = db.prepare('SELECT 1 FROM meta WHERE key = ?').get(RESTORED) !== undefined
  if (!isMarked || tables.length === 0) return
  for (const table of tables) emptyTable(db, table)
  db.prepare('DELETE FROM meta WHERE key = ?').run(RESTORED)
}

function emptyTable(db: Database.Database, table: string): void {
  db.prepare("DELETE FROM pairs WHERE name IN (SELECT id FROM names WHERE kind = 't' AND name = ?)").run(
    table,
  )
}

export function identityOf(db: Database.Database, head: number): LogIdentity {
  return { log: metaOf(db, 'log'), runs: runsOf(db), head }
}

function runsOf(db: Database.Database): RunRow[] {
  const rows = db.prepare<[], RunRow & { crc: number }>('SELECT crc, run, first FROM runs ORDER BY id').all()
  return rows.map(({ crc, run, first }) => {
    if (crc !== textCrc(run, first))
      throw corrupt(db.name, `the checksum of the row of run ${run} does not match its content`)
    return { run, first }
  })
}

export function countsOf(db: Database.Database): Counts {
  const row = db.prepare<[], Counts & { crc: number }>('SELECT head, entries, records, crc FROM state').get()
  if (!row) throw corrupt(db.name, 'the state row is missing')
  const { crc, ...counts } = row
  if (crc !== countsCrc(counts))
    throw corrupt(db.name, 'the checksum of the state row does not match its content')
  return counts
}

function metaOf(db: Database.Database, key: string): string {
  const row = db
    .prepare<[string], { crc: number; value: string }>('SELECT crc, value FROM meta WHERE key = ?')
    .get(key)
  if (!row || row.crc !== textCrc(key, row.value)) {
    throw corrupt(db.name, `the meta row "${key}" is missing or fails its checksum`)
  }
  return row.value
}
