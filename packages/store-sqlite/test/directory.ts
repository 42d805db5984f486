/** A directory for one test, and the image of a database that a crash would leave. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export interface TestDirectory {
  path(name: string): string
  remove(): void
}

/** Linux keeps what is in here in memory. */
const MEMORY = '/dev/shm'

/** `inMemory`: where the system offers that; for thousands of commits that are to be right, not to survive the machine. */
export function temporaryDirectory({ inMemory = false } = {}): TestDirectory {
  const root = mkdtempSync(join(inMemory && existsSync(MEMORY) ? MEMORY : tmpdir(), 'skerry-store-'))
  return {
    path: (name) => join(root, name),
    remove: () => rmSync(root, { recursive: true, force: true }),
  }
}

/**
 * Copies a database and its write-ahead log as they are at this moment. By a process of its own: closing a descriptor of a database
 * in this one would drop the locks that SQLite holds here.
 */
export function crashCopy(path: string, directory: TestDirectory): string {
  const copy = directory.path(`crash-${crashes}/log.db`)
  crashes += 1
  mkdirSync(dirname(copy), { recursive: true })
  const files = [path, `${path}-wal`].filter((file) => existsSync(file))
  execFileSync('cp', [...files, dirname(copy)])
  return copy
}

let crashes = 0
