// Reads what ByteWriter wrote, out of bytes that nobody vouches for.
//
// Every read is bounded by the input and by a ceiling that the caller names, so a length field can never make
// us allocate. Integers have one encoding only: a longer one is refused, because bytes that are signed or
// hashed must not have a second spelling.

import { BytesError } from './bytes-error.ts'
import { decodeUtf8 } from './utf8.ts'

/**
 * A position in `bytes`, up to `end`. `bytes()` and `raw()` return views, not copies. Throws `BytesError`.
 */
export class ByteReader {
  readonly #bytes: Uint8Array
  readonly #end: number
  #at: number

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.#bytes = bytes
    this.#at = start
    this.#end = end
  }

  /** Bytes from the start of the input to the next one read. */
  get offset(): number {
    return this.#at
  }

  get remaining(): number {
    return this.#end - this.#at
  }

  u8(): number {
    if (this.#at >= this.#end) throw this.#truncated('one byte', 1)
    return this.#bytes[this.#at++]!
  }

  /** Unsigned LEB128, at most `max` (default 2^53 - 1). */
  varint(max: number = Number.MAX_SAFE_INTEGER): number {
    const start = this.#at
    let byte = this.u8()
    let value = byte & 0x7f
    if (byte >= 0x80) {
      let scale = 0x80
      do {
        byte = this.u8()
        value += (byte & 0x7f) * scale
        if (value > Number.MAX_SAFE_INTEGER) throw overflow(start, Number.MAX_SAFE_INTEGER)
        scale *= 0x80
      } while (byte >= 0x80 && this.#at - start < 10)
      if (byte === 0) throw overlong(start)
      if (byte >= 0x80) throw overflow(start, Number.MAX_SAFE_INTEGER)
    }
    if (value > max) throw overflow(start, max, value)
    return value
  }

  /** Signed LEB128 within ±(2^53 - 1). */
  signedVarint(): number {
    const start = this.#at
    let byte = this.u8()
    let previous = byte
    let value = 0
    let scale = 1
    while (byte >= 0x80) {
      if (this.#at - start >= 8) throw overflow(start, Number.MAX_SAFE_INTEGER)
      value += (byte & 0x7f) * scale
      scale *= 0x80
      previous = byte
      byte = this.u8()
    }
    const redundant = (byte === 0 && (previous & 0x40) === 0) || (byte === 0x7f && (previous & 0x40) !== 0)
    if (redundant && this.#at - start > 1) throw overlong(start)
    // The last group carries the sign. Adding it as it is keeps the sum exact wherever it is a safe integer.
    value += (byte < 0x40 ? byte : byte - 0x80) * scale
    if (!Number.isSafeInteger(value)) throw overflow(start, Number.MAX_SAFE_INTEGER)
    return value
  }

  /** A length, at most `lengthMax` bytes, and as many bytes. */
  bytes(lengthMax: number): Uint8Array {
    return this.raw(this.#length(lengthMax))
  }

  /** A length, at most `lengthMax` bytes, and as many bytes of UTF-8. */
  string(lengthMax: number): string {
    const length = this.#length(lengthMax)
    const start = this.#at
    this.skip(length)
    const text = decodeUtf8(this.#bytes, start, this.#at)
    if (text === undefined) {
      throw new BytesError(
        'invalid-utf8',
        start,
        `reading ${length} bytes of text at offset ${start}: not valid UTF-8`,
      )
    }
    return text
  }

  /** Exactly `length` bytes. */
  raw(length: number): Uint8Array {
    const start = this.#at
    this.skip(length)
    return this.#bytes.subarray(start, this.#at)
  }

  skip(length: number): void {
    if (length > this.#end - this.#at) throw this.#truncated(`${length} bytes`, length)
    this.#at += length
  }

  #length(lengthMax: number): number {
    const start = this.#at
    const length = this.varint()
    if (length > lengthMax) {
      throw new BytesError(
        'too-long',
        start,
        `reading a length at offset ${start}: ${length} bytes, limit ${lengthMax}`,
      )
    }
    return length
  }

  #truncated(what: string, needed: number): BytesError {
    const message = `reading ${what} at offset ${this.#at}: ${this.remaining} bytes left of ${needed} needed`
    return new BytesError('truncated', this.#at, message)
  }
}

function overflow(offset: number, max: number, value?: number): BytesError {
  const shown = value === undefined ? 'more' : `${value}`
  return new BytesError(
    'varint-overflow',
    offset,
    `reading an integer at offset ${offset}: ${shown}, limit ${max}`,
  )
}

function overlong(offset: number): BytesError {
  return new BytesError(
    'varint-overlong',
    offset,
    `reading an integer at offset ${offset}: longer than its value needs`,
  )
}
