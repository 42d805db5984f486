// Bytes as lower-case hex, the form in which Automerge and our logs name actors and hashes.

import { BytesError } from './bytes-error.ts'

const HEX_DIGITS = '0123456789abcdef'
/** Character codes of a byte's digits. */
const high = Uint8Array.from({ length: 256 }, (_, byte) => HEX_DIGITS.charCodeAt(byte >> 4))
const low = Uint8Array.from({ length: 256 }, (_, byte) => HEX_DIGITS.charCodeAt(byte & 15))

/** A digit's value by its character code; -1 is none. */
const digits = Int8Array.from({ length: 128 }, (_, code) =>
  HEX_DIGITS.indexOf(String.fromCharCode(code).toLowerCase()),
)
/** Bytes written as one piece: a call takes so many arguments and more, but not any number. */
const PIECE_BYTES_MAX = 1024

/** Two lower-case digits a byte. */
export function toHex(bytes: Uint8Array): string {
  if (bytes.length <= PIECE_BYTES_MAX) return pieceOf(bytes)
  let text = ''
  for (let at = 0; at < bytes.length; at += PIECE_BYTES_MAX)
    text += pieceOf(bytes.subarray(at, at + PIECE_BYTES_MAX))
  return text
}

/** All at once: every change is named by three or four hashes, and a text that grows by pairs takes twice the time and leaves garbage. */
function pieceOf(bytes: Uint8Array): string {
  const codes = new Array<number>(bytes.length * 2)
  for (let i = 0; i < bytes.length; i++) {
    codes[2 * i] = high[bytes[i]!]!
    codes[2 * i + 1] = low[bytes[i]!]!
  }
  return String.fromCharCode(...codes)
}

/**
 * The bytes of lower- or upper-case hex. Throws `BytesError`: 'truncated' for half a byte, 'not-hex' for any
 * other character.
 */
export function fromHex(text: string): Uint8Array {
  if (text.length % 2 !== 0) {
    throw new BytesError(
      'truncated',
      text.length >> 1,
      `reading hex: ${text.length} digits, an even number is needed`,
    )
  }
  const bytes = new Uint8Array(text.length / 2)
  for (let i = 0; i < bytes.length; i++) {
    const value = (digit(text.charCodeAt(2 * i)) << 4) | digit(text.charCodeAt(2 * i + 1))
    if (value < 0)
      throw new BytesError(
        'not-hex',
        i,
        `reading hex at digit ${2 * i}: ${JSON.stringify(text.slice(2 * i, 2 * i + 2))}`,
      )
    bytes[i] = value
  }
  return bytes
}

/** The value of one digit's character code, or -1 (which stays negative under << and |). */
function digit(code: number): number {
  return digits[code] ?? -1
}
