/** Blobs as files of a folder, `ab/ab12…`, on Node: written beside, synced, renamed into place, so that a name is never there without all of its content. */
import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { BlobError } from '../blob-error.ts'
import { isHash } from '../blob-ref.ts'
import { Turns } from '../turns.ts'
import { damaged, wrongHash } from './content.ts'
import { onlyMissing, syncFolder, UNFINISHED, writeSynced } from './durable-file.ts'
import type { BlobContent, BlobStat, BlobStore, ByteRange } from './port.ts'

const OWNER_FOLDER = 0o700

/** Makes the folder if it is not there; what an earlier process did not finish goes, and the names that it gave are made durable before anybody is told of them. One process at a time. */
export async function folderBlobs(path: string): Promise<BlobStore> {
  await mkdir(path, { recursive: true, mode: OWNER_FOLDER })
  await rm(join(path, UNFINISHED), { recursive: true, force: true })
  await mkdir(join(path, UNFINISHED), { mode: OWNER_FOLDER })
  for (const shelf of await shelvesOf(path)) await syncFolder(join(path, shelf))
  await syncFolder(path)
  return new FolderBlobs(path)
}

class FolderBlobs implements BlobStore {
  readonly #path: string
  /** By hash: the state of the file that was verified. */
  readonly #verified = new Map<string, string>()
  /** Renamed into place, and the name may go with the power still: here for nobody (BL-16). */
  readonly #unsynced = new Set<string>()
  /** Two with the same content would undo each other's name where a sync fails (BL-17). */
  readonly #turns = new Turns()
  #isClosed = false

  constructor(path: string) {
    this.#path = path
  }

  put(sha256: string, content: BlobContent): Promise<BlobStat> {
    return this.#turns.take(sha256, () => this.#putAlone(sha256, content))
  }

  async #putAlone(sha256: string, content: BlobContent): Promise<BlobStat> {
    const known = await this.stat(sha256)
    // What lies there may be damaged; then this is its healing.
    if (known && (await this.#isSound(sha256))) return known
    const unfinished = join(this.#path, UNFINISHED, randomUUID())
    try {
      const { bytes, hash } = await writeSynced(unfinished, content)
      if (hash !== sha256) throw wrongHash(sha256, hash)
      await this.#place(sha256, unfinished)
      return { sha256, bytes }
    } catch (error) {
      await rm(unfinished, { force: true })
      throw withWords(error, `blob ${sha256}`)
    }
  }

  async #place(sha256: string, unfinished: string): Promise<void> {
    const file = this.#file(sha256)
    await mkdir(dirname(file), { recursive: true, mode: OWNER_FOLDER })
    this.#unsynced.add(sha256)
    try {
      await rename(unfinished, file)
      await syncFolder(dirname(file))
      await syncFolder(this.#path)
    } catch (error) {
      // What is not known to last is not to be found, by the next process neither.
      await rm(file, { force: true })
      throw error
    } finally {
      this.#unsynced.delete(sha256)
    }
  }

  async read(sha256: string, range?: ByteRange): Promise<Uint8Array | undefined> {
    const known = await this.stat(sha256)
    if (!known) return undefined
    if (!(await this.#isSound(sha256))) throw damaged(sha256)
    const { from, to } = range ?? { from: 0, to: known.bytes }
    const file = await open(this.#file(sha256))
    try {
      const buffer = new Uint8Array(Math.max(0, Math.min(to, known.bytes) - from))
      const { bytesRead } = await file.read(buffer, 0, buffer.length, from)
      return buffer.subarray(0, bytesRead)
    } finally {
      await file.close()
    }
  }

  async stat(sha256: string): Promise<BlobStat | undefined> {
    if (this.#isClosed) throw new BlobError('closed', `the blob store ${this.#path} is closed`)
    if (!isHash(sha256) || this.#unsynced.has(sha256)) return undefined
    const found = await stat(this.#file(sha256)).catch(onlyMissing)
    return found && { sha256, bytes: found.size }
  }

  async delete(sha256: string): Promise<boolean> {
    if (!(await this.stat(sha256))) return false
    await rm(this.#file(sha256), { force: true })
    this.#verified.delete(sha256)
    return true
  }

  async list({ after = '', limit }: { after?: string; limit: number }): Promise<BlobStat[]> {
    const found: BlobStat[] = []
    for (const shelf of await shelvesOf(this.#path)) {
      if (shelf < after.slice(0, 2)) continue
      for (const sha256 of (await readdir(join(this.#path, shelf))).sort()) {
        const one = sha256 > after ? await this.stat(sha256) : undefined
        if (one) found.push(one)
        if (found.length >= limit) return found
      }
    }
    return found
  }

  async size(): Promise<{ blobs: number; bytes: number }> {
    const all = await this.list({ limit: Number.MAX_SAFE_INTEGER })
    return { blobs: all.length, bytes: all.reduce((sum, { bytes }) => sum + bytes, 0) }
  }

  async close(): Promise<void> {
    this.#isClosed = true
  }

  /** Reads all of it once, and again when the file is not the one that was read. */
  async #isSound(sha256: string): Promise<boolean> {
    const { mtimeMs, size, ino } = await stat(this.#file(sha256))
    const state = `${mtimeMs} ${size} ${ino}`
    if (this.#verified.get(sha256) === state) return true
    const hash = createHash('sha256')
    for await (const part of createReadStream(this.#file(sha256))) hash.update(part as Buffer)
    const isSound = hash.digest('hex') === sha256
    if (isSound) this.#verified.set(sha256, state)
    return isSound
  }

  #file(sha256: string): string {
    return join(this.#path, sha256.slice(0, 2), sha256)
  }
}

/** Ascending. */
async function shelvesOf(path: string): Promise<string[]> {
  return (await readdir(path)).filter((name) => /^[0-9a-f]{2}$/.test(name)).sort()
}

function withWords(error: unknown, what: string): unknown {
  const isFull = ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '')
  return isFull ? new BlobError('full', `${what}: the disk is full; make room`, { cause: error }) : error
}
