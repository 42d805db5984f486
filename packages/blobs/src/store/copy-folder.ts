/**
 * A folder of blobs copied beside the process that has it open: a name is never there without all of its content, and no content is ever written over, so that what is listed can be read
 * at any time. Each is held against its hash on the way (SPEC.md, BL-15).
 */
import { createReadStream, existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { BlobError } from '../blob-error.ts'
import { isHash } from '../blob-ref.ts'
import { folderBlobs } from './folder-store.ts'

/** A bad sector, or a file of somebody else. */
const UNREADABLE: ReadonlySet<string> = new Set(['EIO', 'EACCES', 'EPERM'])

export interface CopiedBlobs {
  /** There now, with those that were there before. */
  blobs: number
  bytes: number
  /** Hashes of those whose content cannot be read, or is not what was written: they are not in the copy. */
  damaged: readonly string[]
}

/** Undefined: there is no such folder. @param to nobody else may have it open. @throws BlobError `full` */
export async function copyBlobs(from: string, to: string): Promise<CopiedBlobs | undefined> {
  if (!existsSync(from)) return undefined
  const copy = await folderBlobs(to)
  const damaged: string[] = []
  for (const shelf of await readdir(from)) {
    if (!/^[0-9a-f]{2}$/.test(shelf)) continue
    for (const sha256 of await readdir(join(from, shelf))) {
      if (isHash(sha256) && !(await isCopied(sha256))) damaged.push(sha256)
    }
  }
  const { blobs, bytes } = await copy.size()
  await copy.close()
  return { blobs, bytes, damaged: damaged.sort() }

  async function isCopied(sha256: string): Promise<boolean> {
    try {
      await copy.put(sha256, partsOf(join(from, sha256.slice(0, 2), sha256)))
      return true
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? ''
      // Deleted since it was listed: nobody refers to it any more.
      if (code === 'ENOENT') return true
      if (UNREADABLE.has(code) || (error instanceof BlobError && error.code === 'wrong-hash')) return false
      throw error
    }
  }
}

/** Opened only when it is read: what the copy has already is not. */
async function* partsOf(file: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(file)
}
