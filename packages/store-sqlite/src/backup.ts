/**
 * A copy of a database, made while its node runs: one read transaction, written to a file of its own, read in full and compared before it gets its name. So a file
 * with that name is a sound backup, whenever the power went.
 *
 *   FROM ──VACUUM INTO──► TO.partial ──every checksum, counts──► TO
 *
 * `VACUUM INTO` and not the backup API: that one starts over whenever the node commits. The write-ahead log cannot be cut back while the backup reads; it grows by what is committed meanwhile.
 */
import { existsSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { StoreError } from '@skerry/core'
import Database from 'better-sqlite3'
import { asStoreError } from './failure.ts'
import { syncPath } from './file-sync.ts'
import { inspectSqlite } from './inspection.ts'
import { makeOwnerOnly } from './owner-only.ts'
import { hasLog } from './schema.ts'
import { verifySqlite } from './verification.ts'

export interface BackupReport {
  from: string
  to: string
  log: string
  /** Newest run in the backup, and its head: what was committed later is not in it. */
  run: string
  head: number
  entries: number
  records: number
  bytes: number
}

/** @throws StoreError io (no such file, or TO is there already), corrupt, newer-format, full */
export function backupSqlite(from: string, to: string): BackupReport {
  if (existsSync(to))
    throw new StoreError('io', `back up ${from}: ${to} is there already; choose another name or remove it`)
  const partial = `${to}.partial`
  try {
    copyDatabase(from, partial, 'back up')
    return { ...named(from, partial, to) }
  } catch (error) {
    rmSync(partial, { force: true })
    throw error
  }
}

function named(from: string, partial: string, to: string): BackupReport {
  const { log, runs, head, size } = inspectSqlite(partial)
  renameSync(partial, to)
  syncPath(dirname(to))
  const { entries, records } = size
  const run = runs.at(-1)?.run ?? ''
  return { from, to, log, run, head, entries, records, bytes: statSync(to).size }
}

/** One consistent copy, verified and durable. @throws StoreError; `to` may then be there in part */
export function copyDatabase(from: string, to: string, action: string): void {
  if (!existsSync(from))
    throw new StoreError('io', `${action} ${from}: there is no such file; check the path`)
  if (!existsSync(dirname(to)))
    throw new StoreError('io', `${action} ${from}: the directory ${dirname(to)} does not exist; create it`)
  rmSync(to, { force: true })
  asStoreError(action, from, () => {
    // SQLite writes into an empty file as into none.
    makeOwnerOnly(to)
    vacuumInto(from, to)
  })
  const [problem] = verifySqlite(to)
  if (problem !== undefined)
    throw new StoreError(
      'corrupt',
      `${action} ${from}: the copy is not sound (${problem}); look at the file with \`skerry inspect ${from} verify\``,
    )
  syncPath(to)
}

function vacuumInto(from: string, to: string): void {
  // As inspection.ts: only the node that has it open may move the write-ahead log into the database.
  const isClosed = !existsSync(`${from}-wal`)
  const db = new Database(from, { readonly: !isClosed, fileMustExist: true })
  try {
    if (!hasLog(db, from))
      throw new StoreError('corrupt', `read ${from}: the file is empty; choose another path`)
    db.prepare('VACUUM INTO ?').run(to)
  } finally {
    db.close()
  }
}
