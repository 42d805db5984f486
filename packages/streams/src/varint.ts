/**
 * Variable-length integers: seven bits a byte, lowest first, the top bit set while more follow. Both columns are made
 * of them, so the loops are kept bare: no objects, bit operations while a number fits 31 bits, division above.
 */

import { SegmentError } from './segment-error.ts'
import { VARINT_BYTES_MAX } from './segment-limits.ts'

const BIT_OPERATIONS_MAX = 0x7fffffff

/** Maps 0, -1, 1, -2 … to 0, 1, 2, 3 …, so that small differences of either sign are short. Exact to ±2^52. */
export function zigzag(value: number): number {
  return value >= 0 ? value * 2 : value * -2 - 1
}

/** The inverse of `zigzag`. */
export function unzigzag(code: number): number {
  return code % 2 === 0 ? code / 2 : -(code + 1) / 2
}

/** Writes `value` (an integer from 0 below 2^53) at `position`, and returns the position after it. */
export function writeVarint(bytes: Uint8Array, position: number, value: number): number {
  let rest = value
  let at = position
  while (rest > BIT_OPERATIONS_MAX) {
    bytes[at++] = (rest % 128) | 0x80
    rest = Math.floor(rest / 128)
  }
  while (rest > 0x7f) {
    bytes[at++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  bytes[at++] = rest
  return at
}

/** Reads varints and bytes one after the other, from bytes that need not be honest. */
export class ColumnReader {
  position = 0
  readonly bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  /** @throws SegmentError `malformed` past the end of the column */
  readByte(): number {
    const byte = this.bytes[this.position]
    if (byte === undefined) throw this.overrun()
    this.position += 1
    return byte
  }

  /** @throws SegmentError `malformed` past the end of the column, or for a number that is not exact in 53 bits */
  readVarint(): number {
    const first = this.readByte()
    return first < 0x80 ? first : this.readLongVarint(first)
  }

  /** @throws SegmentError `malformed` when bytes are left that no reading needs */
  expectEnd(): void {
    const left = this.bytes.length - this.position
    if (left > 0)
      throw new SegmentError('malformed', `Decoding a column left ${left} bytes over: discard it.`)
  }

  private readLongVarint(first: number): number {
    let value = first & 0x7f
    let factor = 128
    for (let length = 2; length <= VARINT_BYTES_MAX; length += 1) {
      const byte = this.readByte()
      value += (byte & 0x7f) * factor
      if (byte < 0x80 && value <= Number.MAX_SAFE_INTEGER) return value
      factor *= 128
    }
    throw new SegmentError(
      'malformed',
      `Decoding a column found a varint beyond 2^53 or ${VARINT_BYTES_MAX} bytes at byte ${this.position}: discard it.`,
    )
  }

  private overrun(): SegmentError {
    return new SegmentError(
      'malformed',
      `Decoding a column read past its ${this.bytes.length} bytes: it holds fewer readings than its header says.`,
    )
  }
}
