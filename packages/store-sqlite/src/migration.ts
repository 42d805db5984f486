/**
 * Bringing an older file up to the format of this version, one step after another, each in one transaction with the number it leads to. Killed at any moment the file is of one
 * format or the next, and the next open goes on. Before the first step the file is copied whole; only the operator removes that copy.
 *
 *   format n ──copy to <path>.before-format-N──► step n → n+1 ──► … ──► format N
 */
import { existsSync, renameSync } from 'node:fs'
import { dirname } from 'node:path'
import { StoreError } from '@skerry/core'
import type Database from 'better-sqlite3'
import { syncPath } from './file-sync.ts'
import { copyPages } from './page-copy.ts'
import { FORMAT_VERSION, formatOf } from './schema.ts'

/** Changes the tables; runs in a transaction, and may be run again after one that was cut off. */
export type Step = (db: Database.Database) => void

export interface Format {
  version: number
  /** By the format each starts from. */
  steps: Readonly<Record<number, Step>>
}

/** Whoever raises FORMAT_VERSION adds the step here. */
export const presentFormat: Format = { version: FORMAT_VERSION, steps: {} }

/** @throws StoreError corrupt (no step leads on), full; SqliteError */
export function migrate(db: Database.Database, path: string, format: Format = presentFormat): void {
  let version = formatOf(db)
  if (version >= format.version) return
  keepCopy(db, path, format.version)
  for (; version < format.version; version++) takeStep(db, path, version, format)
}

function takeStep(db: Database.Database, path: string, version: number, { steps }: Format): void {
  const step = steps[version]
  if (!step)
    throw new StoreError(
      'corrupt',
      `open ${path}: the file has format ${version}, from which no step leads on; open it with an older version first`,
    )
  db.transaction(() => {
    step(db)
    db.pragma(`user_version = ${version + 1}`)
  }).immediate()
}

/** Once, before the first step: the file as the older version left it. */
function keepCopy(db: Database.Database, path: string, version: number): void {
  const copy = `${path}.before-format-${version}`
  if (existsSync(copy)) return
  const partial = `${copy}.partial`
  copyPages(db, partial)
  renameSync(partial, copy)
  syncPath(dirname(copy))
}
