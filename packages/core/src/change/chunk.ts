// The envelope around everything Automerge writes (https://automerge.org/automerge-binary-format-spec/):
//
//   4 bytes   magic 85 6f 4a 83
//   4 bytes   checksum: the first bytes of the hash
//   1 byte    type: 0 document, 1 change, 2 compressed change
//   LEB128    length of the body
//   n bytes   body
//
// The hash is SHA-256 over type, length and body. That of a compressed change is the one of the change it
// inflates to.

import { ByteReader } from '../bytes/reader.ts'
import { ByteWriter } from '../bytes/writer.ts'
import { ChangeRefused } from './refused.ts'

const CHUNK_MAGIC: readonly number[] = [0x85, 0x6f, 0x4a, 0x83]
const CHECKSUM_OFFSET = 4
const TYPE_OFFSET = 8
const HEADER_BYTES_MIN = 10

export type ChunkType = 'document' | 'change' | 'compressed-change'

const types: readonly ChunkType[] = ['document', 'change', 'compressed-change']

/** Where the parts of a chunk lie; offsets in bytes into the array it was found in. */
export interface ChunkHeader {
  readonly type: ChunkType
  readonly start: number
  readonly bodyStart: number
  readonly end: number
}

export interface Chunk {
  readonly type: ChunkType
  /** The whole chunk, header included: a view. */
  readonly bytes: Uint8Array
}

/**
 * Reads one header. Throws `ChangeRefused`: 'truncated', 'bad-magic', 'bad-type', or `BytesError` for a
 * malformed length.
 */
export function readChunkHeader(bytes: Uint8Array, start = 0): ChunkHeader {
  if (bytes.length - start < HEADER_BYTES_MIN) {
    throw new ChangeRefused(
      'truncated',
      `${bytes.length - start} bytes at offset ${start}, a chunk header has ${HEADER_BYTES_MIN}`,
    )
  }
  for (let i = 0; i < CHUNK_MAGIC.length; i++) {
    if (bytes[start + i] !== CHUNK_MAGIC[i])
      throw new ChangeRefused('bad-magic', `no Automerge chunk begins at offset ${start}`)
  }
  const type = types[bytes[start + TYPE_OFFSET]!]
  if (type === undefined) {
    throw new ChangeRefused(
      'bad-type',
      `chunk type ${bytes[start + TYPE_OFFSET]} at offset ${start}, known are 0, 1 and 2`,
    )
  }
  const reader = new ByteReader(bytes, start + TYPE_OFFSET + 1)
  const bodyBytes = reader.varint()
  if (bodyBytes > reader.remaining) {
    throw new ChangeRefused(
      'truncated',
      `chunk at offset ${start} says ${bodyBytes} bytes of body, ${reader.remaining} are there`,
    )
  }
  return { type, start, bodyStart: reader.offset, end: reader.offset + bodyBytes }
}

/** Whether the four checksum bytes of the chunk at `start` begin `hash`. */
export function checksumMatches(bytes: Uint8Array, start: number, hash: Uint8Array): boolean {
  for (let i = 0; i < 4; i++) if (bytes[start + CHECKSUM_OFFSET + i] !== hash[i]) return false
  return true
}

/** The part of a chunk that is hashed, as a view. */
export function hashedPart(bytes: Uint8Array, header: ChunkHeader): Uint8Array {
  return bytes.subarray(header.start + TYPE_OFFSET, header.end)
}

/** Type, length and body of a change, as they are hashed. */
export function changeHashInput(body: Uint8Array): Uint8Array {
  return new ByteWriter(body.length + HEADER_BYTES_MIN)
    .u8(types.indexOf('change'))
    .varint(body.length)
    .raw(body)
    .finish()
}

/** A whole change chunk around `hashInput`, the result of `changeHashInput`. */
export function sealChunk(hashInput: Uint8Array, hash: Uint8Array): Uint8Array {
  const chunk = new Uint8Array(TYPE_OFFSET + hashInput.length)
  chunk.set(CHUNK_MAGIC)
  chunk.set(hash.subarray(0, 4), CHECKSUM_OFFSET)
  chunk.set(hashInput, TYPE_OFFSET)
  return chunk
}
