/**
 * A backup becomes a store again. Whoever says `restore` has answered what an open would ask ("is this still the same log?"), so the file is made at home where it is put, and the next
 * open goes on: the same log, a new run. What came after the backup is fetched from peers.
 *
 *   FROM ──copy, verify──► TO.restoring ──at home──► what was at TO: TO.replaced ──► TO
 *
 * Killed in between, the old store or its `.replaced` is whole, and the command can be given again.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { StoreError } from '@skerry/core'
import { type BackupReport, copyDatabase } from './backup.ts'
import { openDatabase } from './connection.ts'
import { asStoreError } from './failure.ts'
import { syncPath } from './file-sync.ts'
import { inspectSqlite } from './inspection.ts'
import { takeLock } from './lock.ts'
import { becomeCopy, makeAtHome, markRestored } from './opening.ts'
import { placeOf } from './place.ts'
import { newSidecar, writeSidecar } from './sidecar.ts'

export interface RestoreOptions {
  /** A store that is at TO already is moved aside, to TO.replaced. Without it such a restore is refused. */
  replace?: boolean
  /** The original lives on beside this one: a new log id, and no device key. Without it the same log goes on. */
  asCopy?: boolean
}

export interface RestoreReport extends Omit<BackupReport, 'bytes'> {
  /** Where the store that was there is now; absent when none was. */
  replaced?: string
}

/** What lies beside a database and belongs to it. */
const COMPANIONS = ['', '-wal', '-shm', '.run']

/** @throws StoreError locked (its node runs), io (a store is there already, no such file), corrupt, newer-format, full */
export function restoreSqlite(from: string, to: string, options: RestoreOptions = {}): RestoreReport {
  if (!existsSync(dirname(to)))
    throw new StoreError('io', `restore ${to}: the directory ${dirname(to)} does not exist; create it`)
  const lock = takeLock(to)
  const restoring = `${to}.restoring`
  try {
    if (existsSync(to) && !options.replace)
      throw new StoreError(
        'io',
        `restore ${to}: a store is there already; say that it is to be replaced (it is kept as ${basename(to)}.replaced), or choose another path`,
      )
    copyDatabase(from, restoring, 'restore')
    asStoreError('restore', to, () => settle(restoring, to, options))
    syncPath(restoring)
    const { log, runs, head, size } = inspectSqlite(restoring)
    const replaced = moveAside(to)
    renameSync(restoring, to)
    const run = runs.at(-1)?.run ?? ''
    // Syncs the directory too.
    writeSidecar(to, newSidecar(log, run, head))
    const { entries, records } = size
    return { from, to, log, run, head, entries, records, ...(replaced !== undefined && { replaced }) }
  } finally {
    rmSync(restoring, { force: true })
    lock.close()
  }
}

/** The file keeps inode and birth when it is renamed; only its path is another then. */
function settle(restoring: string, to: string, { asCopy = false }: RestoreOptions): void {
  const db = openDatabase(restoring)
  try {
    db.transaction(() => {
      const { path, ...place } = placeOf(restoring)
      makeAtHome(db, { ...place, path: path.slice(0, -basename(restoring).length) + basename(to) })
      markRestored(db)
      if (asCopy) becomeCopy(db, randomBytes(16).toString('hex'))
    }).immediate()
  } finally {
    db.close()
  }
}

/** Also a write-ahead log without its database: beside the restored one it would be taken for its own. */
function moveAside(to: string): string | undefined {
  const there = COMPANIONS.filter((suffix) => existsSync(to + suffix))
  if (there.length === 0) return undefined
  let replaced = `${to}.replaced`
  for (let n = 2; existsSync(replaced); n++) replaced = `${to}.replaced-${n}`
  for (const suffix of there) renameSync(to + suffix, replaced + suffix)
  syncPath(dirname(to))
  return replaced
}
