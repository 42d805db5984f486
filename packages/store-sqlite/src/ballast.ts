/**
 * A file of nothing beside the database. On a full disk SQLite refuses even to delete and to checkpoint; giving this file up makes
 * the room for both. While it is given up only batches that shrink the log are tried, so that the room is not eaten by new entries;
 * once the disk has space again the file is made anew and everything goes on by itself.
 */
import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, openSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { isMissing } from './sidecar.ts'

/** Enough for a checkpoint's new pages and for the log of a batch that deletes. */
export const BALLAST_BYTES = 2 ** 20

export class Ballast {
  #path: string
  #bytes: number

  /** `bytes` 0: no ballast is kept. */
  constructor(databasePath: string, bytes: number) {
    this.#path = `${databasePath}.ballast`
    this.#bytes = bytes
  }

  /** Gives the space back to the disk. */
  release(): void {
    rmSync(this.#path, { force: true })
  }

  /** Whether the ballast is in place, made now if the disk has room for it. */
  ensure(): boolean {
    if (this.#bytes === 0 || this.#held()) return true
    const { bavail, bsize } = statfsSync(dirname(this.#path))
    // Twice: making it must not be what fills the disk.
    if (bavail * bsize < 2 * this.#bytes) return false
    try {
      this.#make()
      return true
    } catch (error) {
      this.release()
      if (isNoSpace(error)) return false
      throw error
    }
  }

  #held(): boolean {
    try {
      return statSync(this.#path).size >= this.#bytes
    } catch (error) {
      if (isMissing(error)) return false
      throw error
    }
  }

  #make(): void {
    const file = openSync(this.#path, 'w')
    try {
      // Random, because a file system may compress anything else to nothing.
      const bytes = randomBytes(this.#bytes)
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
  }
}

function isNoSpace(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')
}
