/**
 * `<path>.run`: a few words beside the database, written after the run is durable in it. It remembers what the database should know:
 * a database that does not know the run named here, or has a lower head, is older than its place, so it was restored from a backup.
 * It also tells who has the database open, for the message of a second one.
 */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { syncPath } from './file-sync.ts'
import { OWNER_ONLY } from './owner-only.ts'

export interface Sidecar {
  log: string
  run: string
  /** Head at the last clean close, or at open. */
  head: number
  owner: { pid: number; host: string; openedAt: string }
}

export function newSidecar(log: string, run: string, head: number): Sidecar {
  return { log, run, head, owner: { pid: process.pid, host: hostname(), openedAt: new Date().toISOString() } }
}

/** Undefined where there is none, or none that can be read: a torn sidecar is no evidence. */
export function readSidecar(path: string): Sidecar | undefined {
  try {
    const parsed: unknown = JSON.parse(readFileSync(`${path}.run`, 'utf8'))
    return isSidecar(parsed) ? parsed : undefined
  } catch (error) {
    if (error instanceof SyntaxError || isMissing(error)) return undefined
    throw error
  }
}

export function writeSidecar(path: string, sidecar: Sidecar): void {
  const next = `${path}.run.new`
  rmSync(next, { force: true })
  const file = openSync(next, 'wx', OWNER_ONLY)
  try {
    writeSync(file, `${JSON.stringify(sidecar)}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(next, `${path}.run`)
  syncPath(dirname(path))
}

function isSidecar(value: unknown): value is Sidecar {
  if (typeof value !== 'object' || value === null) return false
  const { run, head, owner } = value as Partial<Sidecar>
  return typeof run === 'string' && typeof head === 'number' && typeof owner?.pid === 'number'
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
