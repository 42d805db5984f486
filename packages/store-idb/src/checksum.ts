/** Checksums of what lies in a body. Seeded with what it is, so that the right bytes in the wrong place do not pass (rule S-3). */
import { crc32, encodeUtf8, type Seq } from '@skerry/core'

const UINT32 = 2 ** 32

export function entryCrc(seq: Seq, bytes: Uint8Array): number {
  return crc32(bytes, seq % UINT32)
}

/** Of a row, by its record, or a value, by its key. */
export function keyedCrc(key: string, bytes: Uint8Array): number {
  return crc32(bytes, crc32(encodeUtf8(key)))
}
