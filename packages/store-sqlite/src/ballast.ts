/**
 * A file of nothing beside the database. On a full disk SQLite refuses even to delete; what helps is a checkpoint, which moves the
 * write-ahead log into the database and gives its space back, but it needs room for the pages that the database does not have yet.
 * Giving this file up makes that room: the write-ahead log is checkpointed before it is longer than the ballast, so the ballast always
 * suffices (but for a single batch that is larger still). While it is given up only batches that shrink the log are tried; once the
 * disk has space again the file is made anew and everything goes on by itself.
 */
import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, openSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { PAGE_BYTES } from './connection.ts'
import { OWNER_ONLY } from './owner-only.ts'
import { isMissing } from './sidecar.ts'

/** About SQLite's own 1,000 pages of write-ahead log, some 100 single edits, between checkpoints of a few milliseconds. */
export const BALLAST_BYTES = 4 * 2 ** 20
/** A checkpoint takes so many pages when the store keeps no ballast, and at most. */
const CHECKPOINT_PAGES_MAX = 4096
/** What the last commit before a checkpoint adds, and what is left for a batch that deletes. */
const SLACK_PAGES = 32
const CHECKPOINT_PAGES_MIN = 32

export class Ballast {
  #path: string
  #bytes: number

  /** `bytes` 0: no ballast is kept. */
  constructor(databasePath: string, bytes: number) {
    this.#path = `${databasePath}.ballast`
    this.#bytes = bytes
  }

  /** How long the write-ahead log may grow, in pages, for the ballast to make room for its checkpoint. */
  get checkpointPages(): number {
    if (this.#bytes === 0) return CHECKPOINT_PAGES_MAX
    const pages = Math.floor(this.#bytes / PAGE_BYTES) - SLACK_PAGES
    return Math.min(CHECKPOINT_PAGES_MAX, Math.max(CHECKPOINT_PAGES_MIN, pages))
  }

  /** Free space at which the ballast is made anew: twice its size, so that making it is not what fills the disk. */
  get freeBytesMin(): number {
    return 2 * this.#bytes
  }

  /** Gives the space back to the disk. */
  release(): void {
    rmSync(this.#path, { force: true })
  }

  /** Whether the ballast is in place, made now if the disk has room for it. */
  ensure(): boolean {
    if (this.#bytes === 0 || this.#held()) return true
    const { bavail, bsize } = statfsSync(dirname(this.#path))
    if (bavail * bsize < this.freeBytesMin) return false
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
    const file = openSync(this.#path, 'w', OWNER_ONLY)
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
