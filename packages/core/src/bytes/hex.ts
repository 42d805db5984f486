// Bytes as lower-case hex, the form in which Automerge and our logs name actors and hashes.

import { BytesError } from './bytes-error.ts'

const HEX_DIGITS = '0123456789abcdef'
const pairs: readonly string[] = Array.from(
  { length: 256 },
  (_, byte) => HEX_DIGITS[byte >> 4]! + HEX_DIGITS[byte & 15]!,
)

/** Two lower-case digits a byte. */
export function toHex(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i++) text += pairs[bytes[i]!]!
  return text
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
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  const lower = code | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}
