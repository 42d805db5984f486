/** Writing an open database into a file of its own, with its pages checked: what a migration keeps. Rows are not read, since their format is an older one. */
import { rmSync } from 'node:fs'
import Database from 'better-sqlite3'
import { corrupt } from './failure.ts'
import { syncPath } from './file-sync.ts'
import { makeOwnerOnly } from './owner-only.ts'

/** @throws StoreError corrupt, SqliteError */
export function copyPages(db: Database.Database, to: string): void {
  rmSync(to, { force: true })
  makeOwnerOnly(to)
  db.prepare('VACUUM INTO ?').run(to)
  const copy = new Database(to, { fileMustExist: true })
  try {
    const found = copy.pragma('integrity_check(1)', { simple: true })
    if (found !== 'ok') throw corrupt(to, String(found))
  } finally {
    copy.close()
  }
  syncPath(to)
}
