/** Files and names that survive the power going. */
import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import type { BlobContent } from './port.ts'

const OWNER_ONLY = 0o600
/** Folder of a store where files are written until they are whole; what is left in it goes at the next open. */
export const UNFINISHED = '.unfinished'

/** A new file; its name lasts only after its folder is synced. */
export async function writeSynced(
  path: string,
  content: BlobContent,
): Promise<{ bytes: number; hash: string }> {
  const hash = createHash('sha256')
  let bytes = 0
  const file = await open(path, 'wx', OWNER_ONLY)
  try {
    for await (const part of content instanceof Uint8Array ? [content] : content) {
      hash.update(part)
      bytes += part.length
      await file.writeFile(part)
    }
    await file.sync()
  } finally {
    await file.close()
  }
  return { bytes, hash: hash.digest('hex') }
}

/** A new name in a folder lasts only after the folder is synced. Windows has no such call. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

export function onlyMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
