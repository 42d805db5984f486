/**
 * Values as the bytes that changed. Each value is XORed with the one before it (as in Gorilla, Pelkonen et al., VLDB
 * 2015, but by bytes rather than bits: simpler, and deflate can still see the repeats):
 *
 *     previous  40 8f c4 cc cc cc cc cd
 *     value     40 8f c5 99 99 99 99 9a
 *     xor       00 00 01 55 55 55 55 57    control 2 leading, 0 trailing zero bytes: 20, then 57 55 55 55 55 01
 *
 * Good for floats that repeat, move slowly, or were float32 in the sensor (their low bytes are zero).
 */

import { HIGH_WORD, LOW_WORD, wordsOf } from './float-bits.ts'
import { SegmentError } from './segment-error.ts'
import { ColumnReader } from './varint.ts'

const BYTES_PER_VALUE_MAX = 9
const CONTROL_SAME = 0x80

/** Encodes `values`; up to 9 bytes each, 1 for a repeated one. */
export function encodeXor(values: Float64Array): Uint8Array {
  const words = wordsOf(values)
  const bytes = new Uint8Array(values.length * BYTES_PER_VALUE_MAX)
  let position = 0
  let previousLow = 0
  let previousHigh = 0
  for (let i = 0; i < words.length; i += 2) {
    const low = words[i + LOW_WORD]!
    const high = words[i + HIGH_WORD]!
    position = writeDifference(bytes, position, low ^ previousLow, high ^ previousHigh)
    previousLow = low
    previousHigh = high
  }
  return bytes.subarray(0, position)
}

/** @throws SegmentError `malformed` */
export function decodeXor(bytes: Uint8Array, count: number): Float64Array {
  const values = new Float64Array(count)
  const words = wordsOf(values)
  const reader = new ColumnReader(bytes)
  let low = 0
  let high = 0
  for (let i = 0; i < words.length; i += 2) {
    const control = reader.readByte()
    const leading = control >>> 4
    const trailing = control & 0x0f
    if (leading + trailing > 8) throw wrongControl(control)
    for (let byte = trailing; byte < 8 - leading; byte += 1) {
      if (byte < 4) low ^= reader.readByte() << (byte * 8)
      else high ^= reader.readByte() << (byte * 8 - 32)
    }
    words[i + LOW_WORD] = low
    words[i + HIGH_WORD] = high
  }
  reader.expectEnd()
  return values
}

function writeDifference(bytes: Uint8Array, position: number, low: number, high: number): number {
  if ((low | high) === 0) {
    bytes[position] = CONTROL_SAME
    return position + 1
  }
  const leading = (high === 0 ? 32 + Math.clz32(low) : Math.clz32(high)) >>> 3
  const trailing = (low === 0 ? 32 + zeroBitsBelow(high) : zeroBitsBelow(low)) >>> 3
  bytes[position] = (leading << 4) | trailing
  let at = position + 1
  for (let byte = trailing; byte < 8 - leading; byte += 1) {
    bytes[at++] = byte < 4 ? low >>> (byte * 8) : high >>> (byte * 8 - 32)
  }
  return at
}

/** Zero bits below the lowest set bit of a word that is not zero. */
function zeroBitsBelow(word: number): number {
  return 31 - Math.clz32(word & -word)
}

function wrongControl(control: number): SegmentError {
  return new SegmentError(
    'malformed',
    `Decoding values met the control byte ${control}, whose zero bytes exceed eight: discard the segment.`,
  )
}
