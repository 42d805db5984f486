/**
 * Values as they are, in eight planes: all lowest bytes, then all second ones, up to the signs and exponents. As large
 * as the raw values, but deflate finds the planes that hardly change and leaves the noisy ones alone, where interleaved
 * it would find nothing. The encoding of last resort: it always works and never grows.
 */

import { HIGH_WORD, LOW_WORD, wordsOf } from './float-bits.ts'
import { SegmentError } from './segment-error.ts'

/** Encodes `values` into exactly 8 bytes each. */
export function encodePlanes(values: Float64Array): Uint8Array {
  const words = wordsOf(values)
  const count = values.length
  const bytes = new Uint8Array(count * 8)
  for (let plane = 0; plane < 8; plane += 1) {
    const word = plane < 4 ? LOW_WORD : HIGH_WORD
    const shift = (plane % 4) * 8
    for (let i = 0; i < count; i += 1) bytes[plane * count + i] = words[i * 2 + word]! >>> shift
  }
  return bytes
}

/** @throws SegmentError `malformed` when `bytes` are not exactly 8 for each of `count` values */
export function decodePlanes(bytes: Uint8Array, count: number): Float64Array {
  if (bytes.length !== count * 8) {
    throw new SegmentError(
      'malformed',
      `Decoding ${count} values found ${bytes.length} bytes instead of ${count * 8}: discard the segment.`,
    )
  }
  const values = new Float64Array(count)
  const words = wordsOf(values)
  for (let plane = 0; plane < 8; plane += 1) {
    const word = plane < 4 ? LOW_WORD : HIGH_WORD
    const shift = (plane % 4) * 8
    for (let i = 0; i < count; i += 1) {
      const at = i * 2 + word
      words[at] = words[at]! | (bytes[plane * count + i]! << shift)
    }
  }
  return values
}
