/**
 * One writer per database: an exclusive SQLite lock on the side file `<path>.lock`, held while the store is open. The lock belongs to
 * the process, so the kernel drops it however the process ends: no stale pid to judge, no race between two starters. It is not on the
 * database itself, so that a reader can look at it meanwhile. Who holds it stands in the sidecar (sidecar.ts).
 *
 * Do not open `<path>.lock` by other means in the owning process: closing any descriptor of it drops a POSIX lock.
 */
import { StoreError } from '@skerry/core'
import Database from 'better-sqlite3'
import { asStoreError } from './failure.ts'
import { makeOwnerOnly } from './owner-only.ts'
import { readSidecar } from './sidecar.ts'

/** @throws StoreError locked, io */
export function takeLock(path: string): Database.Database {
  const file = `${path}.lock`
  return asStoreError('lock', file, () => {
    makeOwnerOnly(file)
    const lock = new Database(file, { timeout: 0 })
    try {
      // Kept in memory: the lock must not need disk space.
      lock.pragma('journal_mode = MEMORY')
      lock.exec('BEGIN EXCLUSIVE')
      return lock
    } catch (error) {
      lock.close()
      if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY'))
        throw refusal(path, error)
      throw error
    }
  })
}

function refusal(path: string, cause: unknown): StoreError {
  const owner = readSidecar(path)?.owner
  const who = owner ? `process ${owner.pid} on ${owner.host}, since ${owner.openedAt}` : 'another process'
  return new StoreError(
    'locked',
    `open ${path}: ${who} has it open for writing; stop that process, or look into the file beside it (skerry inspect)`,
    { cause },
  )
}
