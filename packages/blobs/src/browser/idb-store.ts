/** Blobs in IndexedDB, in chunks: a part of a photo is read without all of it, and a browser's copy of a value stays small. Strict: a photo that was taken survives a crash of the machine. */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import { BlobError } from '../blob-error.ts'
import { CHUNK_BYTES } from '../limits.ts'
import { damaged, gathered, hashOf, joined, wrongHash } from '../store/content.ts'
import type { BlobContent, BlobStat, BlobStore, ByteRange } from '../store/port.ts'

interface Schema extends DBSchema {
  blobs: { key: string; value: { bytes: number } }
  chunks: { key: [sha256: string, number: number]; value: Uint8Array<ArrayBuffer> }
}

const STRICT = { durability: 'strict' } as const

/** @param name of the database; one for each space */
export async function idbBlobs(name = 'skerry-blobs'): Promise<BlobStore> {
  const database = await openDB<Schema>(name, 1, {
    upgrade(db) {
      db.createObjectStore('blobs')
      db.createObjectStore('chunks')
    },
    // Another tab has a newer version: it must not wait for this one.
    blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close(),
  })
  return new IdbBlobs(database)
}

class IdbBlobs implements BlobStore {
  readonly #database: IDBPDatabase<Schema>
  readonly #verified = new Set<string>()
  #isClosed = false

  constructor(database: IDBPDatabase<Schema>) {
    this.#database = database
  }

  async put(sha256: string, content: BlobContent): Promise<BlobStat> {
    this.#checkOpen()
    const bytes = await gathered(content)
    const is = await hashOf(bytes)
    if (is !== sha256) throw wrongHash(sha256, is)
    const transaction = this.#database.transaction(['blobs', 'chunks'], 'readwrite', STRICT)
    const chunks = transaction.objectStore('chunks')
    const writes: Promise<unknown>[] = []
    for (let number = 0; number * CHUNK_BYTES < bytes.length; number++)
      writes.push(chunks.put(bytes.slice(number * CHUNK_BYTES, (number + 1) * CHUNK_BYTES), [sha256, number]))
    writes.push(transaction.objectStore('blobs').put({ bytes: bytes.length }, sha256), transaction.done)
    await Promise.all(writes).catch((error: unknown) => Promise.reject(withWords(error, sha256)))
    this.#verified.add(sha256)
    return { sha256, bytes: bytes.length }
  }

  async read(sha256: string, range?: ByteRange): Promise<Uint8Array | undefined> {
    const known = await this.stat(sha256)
    if (!known) return undefined
    const whole = { from: 0, to: known.bytes }
    if (!this.#verified.has(sha256)) {
      const all = await this.#readChunks(sha256, whole)
      if ((await hashOf(all)) !== sha256) throw damaged(sha256)
      this.#verified.add(sha256)
      return range ? all.slice(range.from, range.to) : all
    }
    return this.#readChunks(sha256, range ?? whole)
  }

  async stat(sha256: string): Promise<BlobStat | undefined> {
    this.#checkOpen()
    const row = await this.#database.get('blobs', sha256)
    return row && { sha256, bytes: row.bytes }
  }

  async delete(sha256: string): Promise<boolean> {
    const known = await this.stat(sha256)
    if (!known) return false
    const transaction = this.#database.transaction(['blobs', 'chunks'], 'readwrite', STRICT)
    await Promise.all([
      transaction.objectStore('blobs').delete(sha256),
      transaction
        .objectStore('chunks')
        .delete(IDBKeyRange.bound([sha256, 0], [sha256, Number.MAX_SAFE_INTEGER])),
      transaction.done,
    ])
    this.#verified.delete(sha256)
    return true
  }

  async list({ after, limit }: { after?: string; limit: number }): Promise<BlobStat[]> {
    this.#checkOpen()
    const range = after === undefined ? undefined : IDBKeyRange.lowerBound(after, true)
    const transaction = this.#database.transaction('blobs')
    const [keys, rows] = await Promise.all([
      transaction.store.getAllKeys(range, limit),
      transaction.store.getAll(range, limit),
    ])
    return keys.map((sha256, i) => ({ sha256, bytes: rows[i]!.bytes }))
  }

  async size(): Promise<{ blobs: number; bytes: number }> {
    this.#checkOpen()
    const rows = await this.#database.getAll('blobs')
    return { blobs: rows.length, bytes: rows.reduce((sum, { bytes }) => sum + bytes, 0) }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#database.close()
  }

  async #readChunks(sha256: string, { from, to }: ByteRange): Promise<Uint8Array<ArrayBuffer>> {
    const first = Math.floor(from / CHUNK_BYTES)
    const range = IDBKeyRange.bound([sha256, first], [sha256, Math.ceil(to / CHUNK_BYTES)])
    const bytes = joined(await this.#database.getAll('chunks', range))
    return bytes.slice(from - first * CHUNK_BYTES, to - first * CHUNK_BYTES)
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new BlobError('closed', `the blob store ${this.#database.name} is closed`)
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
