/**
 * An enrolment code: `7K3M-9QXT-2BHF`. Four letters name it, so that wrong tries can be counted against it; eight are secret (40 bits). Crockford's base 32, because people read it out and
 * type it.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const ID_LENGTH = 4
const CODE_LENGTH = 12
const GROUP_LENGTH = 4

export interface EnrolmentCode {
  id: string
  /** Of the whole code, hex. */
  digest: string
}

export function createCode(): EnrolmentCode & { shown: string } {
  // 256 is a multiple of 32, so every letter is equally likely.
  const letters = [...randomBytes(CODE_LENGTH)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('')
  const groups = [0, 1, 2].map((n) => letters.slice(n * GROUP_LENGTH, (n + 1) * GROUP_LENGTH))
  return { ...taken(letters), shown: groups.join('-') }
}

/** As people type it; undefined when it cannot be one. */
export function parseCode(text: string): EnrolmentCode | undefined {
  const letters = text.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1')
  const isCode = letters.length === CODE_LENGTH && [...letters].every((letter) => ALPHABET.includes(letter))
  return isCode ? taken(letters) : undefined
}

/** Takes the same time wherever they differ. */
export function sameDigest(one: string, other: string): boolean {
  return timingSafeEqual(Buffer.from(one, 'hex'), Buffer.from(other, 'hex'))
}

/** Of no code: what a code that is not there is compared with. */
export const NO_DIGEST = '00'.repeat(32)

function taken(letters: string): EnrolmentCode {
  return { id: letters.slice(0, ID_LENGTH), digest: createHash('sha256').update(letters).digest('hex') }
}
