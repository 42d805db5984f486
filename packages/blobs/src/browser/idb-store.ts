/** Blobs in IndexedDB, in chunks: a part of a photo is read without all of it, and a browser's copy of a value stays small. Strict: a photo that was taken survives a crash of the machine. */
import { BlobError } from '../blob-error.ts'
import { CHUNK_BYTES } from '../limits.ts'
import { damaged, gathered, hashOf, joined, wrongHash } from '../store/content.ts'
import type { BlobContent, BlobStat, BlobStore, ByteRange } from '../store/port.ts'
import { BlobDatabase } from './blob-database.ts'

/** @param name of the database; one for each space. @throws BlobError `closed`: a newer version of the app wrote it */
export async function idbBlobs(name = 'skerry-blobs'): Promise<BlobStore> {
  const store = new IdbBlobs(name)
  await store.open()
  return store
}

class IdbBlobs implements BlobStore {
  readonly #database: BlobDatabase
  readonly #verified = new Set<string>()

  constructor(name: string) {
    this.#database = new BlobDatabase(name, () => this.#verified.clear())
  }

  open(): Promise<void> {
    return this.#database.open()
  }

  async put(sha256: string, content: BlobContent): Promise<BlobStat> {
    this.#database.checkOpen()
    const bytes = await gathered(content)
    const is = await hashOf(bytes)
    if (is !== sha256) throw wrongHash(sha256, is)
    await this.#database
      .write(['blobs', 'chunks'], async (tx) => {
        const chunks = tx.objectStore('chunks')
        const writes: Promise<unknown>[] = []
        for (let number = 0; number * CHUNK_BYTES < bytes.length; number++)
          writes.push(
            chunks.put(bytes.slice(number * CHUNK_BYTES, (number + 1) * CHUNK_BYTES), [sha256, number]),
          )
        writes.push(tx.objectStore('blobs').put({ bytes: bytes.length }, sha256))
        await Promise.all(writes)
      })
      .catch((error: unknown) => Promise.reject(withWords(error, sha256)))
    this.#verified.add(sha256)
    return { sha256, bytes: bytes.length }
  }

  async read(sha256: string, range?: ByteRange): Promise<Uint8Array | undefined> {
    const known = await this.stat(sha256)
    if (!known) return undefined
    const whole = { from: 0, to: known.bytes }
    if (this.#verified.has(sha256)) {
      const part = await this.#readChunks(sha256, range ?? whole)
      // Else the connection went meanwhile, and nobody knows what is behind the new one.
      if (this.#verified.has(sha256)) return part
    }
    const all = await this.#readChunks(sha256, whole)
    if ((await hashOf(all)) !== sha256) throw damaged(sha256)
    this.#verified.add(sha256)
    return range ? all.slice(range.from, range.to) : all
  }

  async stat(sha256: string): Promise<BlobStat | undefined> {
    const row = await this.#database.read(['blobs'], (tx) => tx.objectStore('blobs').get(sha256))
    return row && { sha256, bytes: row.bytes }
  }

  async delete(sha256: string): Promise<boolean> {
    const known = await this.stat(sha256)
    if (!known) return false
    await this.#database.write(['blobs', 'chunks'], (tx) =>
      Promise.all([
        tx.objectStore('blobs').delete(sha256),
        tx.objectStore('chunks').delete(IDBKeyRange.bound([sha256, 0], [sha256, Number.MAX_SAFE_INTEGER])),
      ]),
    )
    this.#verified.delete(sha256)
    return true
  }

  async list({ after, limit }: { after?: string; limit: number }): Promise<BlobStat[]> {
    const range = after === undefined ? undefined : IDBKeyRange.lowerBound(after, true)
    const [keys, rows] = await this.#database.read(['blobs'], (tx) =>
      Promise.all([
        tx.objectStore('blobs').getAllKeys(range, limit),
        tx.objectStore('blobs').getAll(range, limit),
      ]),
    )
    return keys.map((sha256, i) => ({ sha256, bytes: rows[i]!.bytes }))
  }

  async size(): Promise<{ blobs: number; bytes: number }> {
    const rows = await this.#database.read(['blobs'], (tx) => tx.objectStore('blobs').getAll())
    return { blobs: rows.length, bytes: rows.reduce((sum, { bytes }) => sum + bytes, 0) }
  }

  async close(): Promise<void> {
    this.#database.close()
  }

  async #readChunks(sha256: string, { from, to }: ByteRange): Promise<Uint8Array<ArrayBuffer>> {
    const first = Math.floor(from / CHUNK_BYTES)
    const range = IDBKeyRange.bound([sha256, first], [sha256, Math.ceil(to / CHUNK_BYTES)])
    const bytes = joined(
      await this.#database.read(['chunks'], (tx) => tx.objectStore('chunks').getAll(range)),
    )
    return bytes.slice(from - first * CHUNK_BYTES, to - first * CHUNK_BYTES)
  }
}

function withWords(error: unknown, sha256: string): unknown {
  const isFull = error instanceof DOMException && error.name === 'QuotaExceededError'
  if (!isFull) return error
  return new BlobError(
    'full',
    `blob ${sha256}: this browser gives no more room; free some, or send what waits first`,
    {
      cause: error,
    },
  )
}
