// Splits what was written one chunk after the other, such as the changes of one entry.

import { BytesError } from '../bytes/bytes-error.ts'
import { type Chunk, readChunkHeader } from './chunk.ts'
import { aboveLimit, ChangeRefused } from './refused.ts'

/** Chunks in one run of bytes: an entry is one batch by one actor, and no batch we write comes near. */
const CHUNKS_MAX = 65_536

/**
 * The chunks in `bytes`, in order, as views. Contents are not looked at: `parseChange` does that. Throws
 * `ChangeRefused`: 'truncated', 'bad-magic', 'bad-type', 'malformed', or 'too-large' above `chunksMax`.
 */
export function parseChunks(bytes: Uint8Array, chunksMax: number = CHUNKS_MAX): Chunk[] {
  const chunks: Chunk[] = []
  let start = 0
  while (start < bytes.length) {
    if (chunks.length === chunksMax)
      throw aboveLimit('too-large', 'the number of chunks', chunks.length + 1, chunksMax)
    const header = readHeader(bytes, start)
    chunks.push({ type: header.type, bytes: bytes.subarray(start, header.end) })
    start = header.end
  }
  return chunks
}

function readHeader(bytes: Uint8Array, start: number) {
  try {
    return readChunkHeader(bytes, start)
  } catch (error) {
    throw error instanceof BytesError ? refusedBytes(error) : error
  }
}

/** What a reader found wrong, as a refusal. */
export function refusedBytes(error: BytesError): ChangeRefused {
  return new ChangeRefused(error.code === 'truncated' ? 'truncated' : 'malformed', error.message, error)
}
