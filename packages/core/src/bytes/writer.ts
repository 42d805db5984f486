// Builds one message in a buffer that doubles as it fills, so that a hundred thousand small messages a second
// cost no garbage but themselves.
//
//   u8        one byte
//   varint    unsigned LEB128, 0 ... 2^53 - 1
//   signed    signed LEB128, -(2^53 - 1) ... 2^53 - 1
//   bytes     varint length, bytes
//   string    varint length, UTF-8 bytes
//   raw       bytes without a length
//   text      UTF-8 bytes without a length

import { BytesError } from './bytes-error.ts'
import { encodeUtf8 } from './utf8.ts'

/** Bytes of the first buffer: most messages are one small change and fit without growing. */
const INITIAL_BYTES = 256
/**
 * Bytes one writer may hold: far above any frame (256 KiB) or inflated change (8 MiB), below what would hurt
 * a phone.
 */
const WRITER_BYTES_MAX = 64 * 1024 * 1024
/**
 * Longest text, in UTF-16 units, tried by the plain ASCII loop: its length takes one byte, and up to there the
 * loop takes half the time of the runtime's encoder, or less (Node 24).
 */
const PLAIN_LOOP_UNITS_MAX = 127

/** Appends to a growing buffer. Throws `BytesError` ('varint-overflow', 'too-long'). */
export class ByteWriter {
  #bytes: Uint8Array
  #length = 0
  readonly #bytesMax: number

  constructor(initialBytes: number = INITIAL_BYTES, bytesMax: number = WRITER_BYTES_MAX) {
    this.#bytes = new Uint8Array(initialBytes)
    this.#bytesMax = bytesMax
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length
  }

  u8(byte: number): this {
    this.#reserve(1)
    this.#bytes[this.#length++] = byte
    return this
  }

  varint(value: number): this {
    if (!Number.isSafeInteger(value) || value < 0) {
      const message = `writing an integer at offset ${this.#length}: ${value}, allowed are 0 to ${Number.MAX_SAFE_INTEGER}`
      throw new BytesError('varint-overflow', this.#length, message)
    }
    this.#reserve(8)
    let rest = value
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest % 0x80) | 0x80
      rest = rest < 0x80000000 ? rest >>> 7 : Math.floor(rest / 0x80)
    }
    this.#bytes[this.#length++] = rest
    return this
  }

  signedVarint(value: number): this {
    if (!Number.isSafeInteger(value)) {
      const message = `writing a signed integer at offset ${this.#length}: ${value}, allowed are safe integers`
      throw new BytesError('varint-overflow', this.#length, message)
    }
    this.#reserve(8)
    let rest = value
    for (;;) {
      const group = ((rest % 0x80) + 0x80) % 0x80
      rest = Math.floor(rest / 0x80)
      // The last group carries the sign.
      const isLast = group < 0x40 ? rest === 0 : rest === -1
      this.#bytes[this.#length++] = isLast ? group : group | 0x80
      if (isLast) return this
    }
  }

  bytes(bytes: Uint8Array): this {
    return this.varint(bytes.length).raw(bytes)
  }

  string(text: string): this {
    if (text.length > PLAIN_LOOP_UNITS_MAX || !this.#shortAscii(text)) this.bytes(encodeUtf8(text))
    return this
  }

  /** UTF-8 without a length. */
  text(text: string): this {
    if (text.length <= PLAIN_LOOP_UNITS_MAX && this.#plainAscii(text, this.#length))
      this.#length += text.length
    else this.raw(encodeUtf8(text))
    return this
  }

  raw(bytes: Uint8Array): this {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
    return this
  }

  /** A copy of everything written; the writer may go on. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }

  /** Forgets what was written and keeps the buffer. */
  reset(): this {
    this.#length = 0
    return this
  }

  /** Writes length and text when all of it is ASCII; otherwise writes nothing and returns false. */
  #shortAscii(text: string): boolean {
    if (!this.#plainAscii(text, this.#length + 1)) return false
    this.#bytes[this.#length] = text.length
    this.#length += text.length + 1
    return true
  }

  /** Puts a short text's bytes at `start`, and leaves the length as it is; false when not all of it is ASCII. */
  #plainAscii(text: string, start: number): boolean {
    this.#reserve(text.length + 1)
    const bytes = this.#bytes
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i)
      if (unit > 0x7f) return false
      bytes[start + i] = unit
    }
    return true
  }

  #reserve(more: number): void {
    const needed = this.#length + more
    if (needed <= this.#bytes.length) return
    if (needed > this.#bytesMax) {
      throw new BytesError(
        'too-long',
        this.#length,
        `writing ${more} bytes at offset ${this.#length}: limit ${this.#bytesMax} in all`,
      )
    }
    const grown = new Uint8Array(Math.min(this.#bytesMax, Math.max(needed, this.#bytes.length * 2)))
    grown.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = grown
  }
}
