/**
 * The 64 bits of a float64 as two 32-bit words, always least significant byte first in the format, whatever the host.
 * Values go through words rather than numbers where they must keep every bit: an engine may rewrite the payload of a
 * NaN that it handles as a number.
 */

import type { ColumnReader } from './varint.ts'

const HOST_IS_LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1

/** Where the low and the high word of value i stand in `wordsOf(values)`: at 2i + LOW_WORD and 2i + HIGH_WORD. */
export const LOW_WORD = HOST_IS_LITTLE_ENDIAN ? 0 : 1
export const HIGH_WORD = 1 - LOW_WORD

/** A view of the same memory as 32-bit words, two for each value. */
export function wordsOf(values: Float64Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length * 2)
}

/** Writes the 8 bytes of `values[index]` at `position`, and returns the position after them. */
export function writeFloatBits(
  bytes: Uint8Array,
  position: number,
  values: Float64Array,
  index: number,
): number {
  const words = new Uint32Array(values.buffer, values.byteOffset + index * 8, 2)
  const view = new DataView(bytes.buffer, bytes.byteOffset + position, 8)
  view.setUint32(0, words[LOW_WORD]!, true)
  view.setUint32(4, words[HIGH_WORD]!, true)
  return position + 8
}

/** Reads 8 bytes into `values[index]`. */
export function readFloatBits(reader: ColumnReader, values: Float64Array, index: number): void {
  const words = new Uint32Array(values.buffer, values.byteOffset + index * 8, 2)
  words[LOW_WORD] = readWord(reader)
  words[HIGH_WORD] = readWord(reader)
}

function readWord(reader: ColumnReader): number {
  const low = reader.readByte() | (reader.readByte() << 8)
  return (low | (reader.readByte() << 16) | (reader.readByte() << 24)) >>> 0
}
