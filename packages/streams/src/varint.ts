/**
 * Variable-length integers as core has them: seven bits a byte, lowest first, the top bit set while more follow. Both
 * columns are made of them. They are written into a column of the largest size by a bare loop, since asking a
 * `ByteWriter` for room at each of 65,536 numbers takes a tenth longer; reading is core's.
 */

import { ByteReader, BytesError } from '@skerry/core'
import { SegmentError } from './segment-error.ts'

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
  private readonly reader: ByteReader

  constructor(bytes: Uint8Array) {
    this.reader = new ByteReader(bytes)
  }

  /** @throws SegmentError `malformed` past the end of the column */
  readByte(): number {
    try {
      return this.reader.u8()
    } catch (cause) {
      throw malformed(cause)
    }
  }

  /**
   * @throws SegmentError `malformed` past the end of the column, for a number that is not exact in 53 bits, or one that
   *   is longer than it need be
   */
  readVarint(): number {
    try {
      return this.reader.varint()
    } catch (cause) {
      throw malformed(cause)
    }
  }

  /** @throws SegmentError `malformed` when bytes are left that no reading needs */
  expectEnd(): void {
    const left = this.reader.remaining
    if (left > 0)
      throw new SegmentError('malformed', `Decoding a column left ${left} bytes over: discard it.`)
  }
}

function malformed(cause: unknown): unknown {
  if (!(cause instanceof BytesError)) return cause
  return new SegmentError('malformed', `Decoding a column, ${cause.message}: discard it.`, { cause })
}
