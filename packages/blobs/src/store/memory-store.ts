/** Blobs in memory: the reference for the others, and for tests. */
import { BlobError } from '../blob-error.ts'
import { gathered, hashOf, wrongHash } from './content.ts'
import type { BlobStore } from './port.ts'

export function memoryBlobs(): BlobStore {
  const held = new Map<string, Uint8Array>()
  let isClosed = false
  const open = () => {
    if (isClosed) throw new BlobError('closed', 'this blob store is closed')
    return held
  }
  return {
    async put(sha256, content) {
      open()
      const bytes = await gathered(content)
      const is = await hashOf(bytes)
      if (is !== sha256) throw wrongHash(sha256, is)
      open().set(sha256, bytes)
      return { sha256, bytes: bytes.length }
    },
    async read(sha256, { from, to } = { from: 0, to: Number.MAX_SAFE_INTEGER }) {
      return open().get(sha256)?.slice(from, to)
    },
    async stat(sha256) {
      const bytes = open().get(sha256)?.length
      return bytes === undefined ? undefined : { sha256, bytes }
    },
    delete: async (sha256) => open().delete(sha256),
    async list({ after = '', limit }) {
      const hashes = [...open().keys()].filter((hash) => hash > after).sort()
      return hashes.slice(0, limit).map((sha256) => ({ sha256, bytes: held.get(sha256)!.length }))
    },
    async size() {
      const sizes = [...open().values()].map(({ length }) => length)
      return { blobs: sizes.length, bytes: sizes.reduce((sum, bytes) => sum + bytes, 0) }
    },
    async close() {
      isClosed = true
    },
  }
}
