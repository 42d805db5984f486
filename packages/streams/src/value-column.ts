/**
 * The value column: which of three encodings suits these values, found by trying rather than guessing.
 *
 *     decimals   short decimals, as nearly every sensor reports        1–2 bytes before deflate
 *     xor        floats that repeat, move by steps, or were float32    1–7 bytes
 *     planes     noise: no smaller by itself, but deflate can work     8 bytes
 *
 * Decimals and xor are tight by themselves and compare by size. Planes only win through deflate, so xor and planes
 * compare on a deflated sample: deflating a whole segment twice would halve the speed of encoding.
 */

import type { Compressor } from './compressor.ts'
import { decodeDecimals, encodeDecimals } from './decimal-values.ts'
import { decodePlanes, encodePlanes } from './plane-values.ts'
import { COLUMN_BYTES_PER_READING_MAX } from './segment-limits.ts'
import { decodeXor, encodeXor } from './xor-values.ts'

/** The number that stands in the header for each encoding; never reused for another. */
export const VALUE_ENCODINGS = { planes: 0, xor: 1, decimals: 2 } as const

export type ValueEncoding = (typeof VALUE_ENCODINGS)[keyof typeof VALUE_ENCODINGS]

/** `places` is 0 unless the encoding is decimals. `bytes` are at most 8 for each value. */
export interface ValueColumn {
  encoding: ValueEncoding
  places: number
  bytes: Uint8Array
}

/** Values in the sample that decides between xor and planes; from 1,024 on the choice hardly ever changes. */
const SAMPLE_READINGS = 1_024

/** Encodes `values` bit for bit in the encoding that promises the fewest bytes. */
export function encodeValues(values: Float64Array, compressor: Compressor): ValueColumn {
  const xor = encodeXor(values)
  const decimals = encodeDecimals(values)
  const bytesMax = values.length * COLUMN_BYTES_PER_READING_MAX
  if (decimals !== null && decimals.bytes.length <= Math.min(xor.length, bytesMax)) {
    return { encoding: VALUE_ENCODINGS.decimals, ...decimals }
  }
  if (xor.length <= bytesMax && xorDeflatesBetter(values, compressor)) {
    return { encoding: VALUE_ENCODINGS.xor, places: 0, bytes: xor }
  }
  return { encoding: VALUE_ENCODINGS.planes, places: 0, bytes: encodePlanes(values) }
}

/** @throws SegmentError `malformed` */
export function decodeValues(column: ValueColumn, count: number): Float64Array {
  switch (column.encoding) {
    case VALUE_ENCODINGS.decimals:
      return decodeDecimals(column.bytes, count, column.places)
    case VALUE_ENCODINGS.xor:
      return decodeXor(column.bytes, count)
    case VALUE_ENCODINGS.planes:
      return decodePlanes(column.bytes, count)
  }
}

function xorDeflatesBetter(values: Float64Array, compressor: Compressor): boolean {
  const start = Math.max(0, (values.length - SAMPLE_READINGS) >>> 1)
  const sample = values.subarray(start, start + SAMPLE_READINGS)
  const sizeOf = (bytes: Uint8Array) => Math.min(bytes.length, compressor.deflateRaw(bytes).length)
  return sizeOf(encodeXor(sample)) <= sizeOf(encodePlanes(sample))
}
