/**
 * Record ids: 15 characters that tell upper from lower case, and 3 that say which of them are upper case, so that a spreadsheet that does not tell cannot mix them up. The first
 * three name the type.
 */
import { Refusal } from '../refusal.ts'

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const suffixes = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345'

/** Where the record is kept: two characters, and one that is reserved. */
const instance = '5e0'
const numberDigits = 9

/** @param number from 1, never given twice for a type */
export function makeRecordId(keyPrefix: string, number: number): string {
  let rest = number
  let text = ''
  for (let i = 0; i < numberDigits; i++) {
    text = digits[rest % digits.length] + text
    rest = Math.floor(rest / digits.length)
  }
  return withSuffix(`${keyPrefix}${instance}${text}`)
}

/** The 18 characters of an id of 15. */
export function withSuffix(id: string): string {
  let suffix = ''
  for (let start = 0; start < 15; start += 5) {
    let upper = 0
    for (let i = 0; i < 5; i++) if (/[A-Z]/.test(id[start + i] ?? '')) upper |= 1 << i
    suffix += suffixes[upper]
  }
  return id + suffix
}

/** An id as it is stored, of one with or without its suffix; undefined for what is none, or has a wrong suffix. */
export function recordId(text: string): string | undefined {
  if (!/^[0-9a-zA-Z]{15}([0-9a-zA-Z]{3})?$/.test(text)) return undefined
  const whole = withSuffix(text.slice(0, 15))
  return text.length === 15 || text === whole ? whole : undefined
}

/** @param label of the field that holds it @throws Refusal MALFORMED_ID */
export function checkedId(text: string, label: string, field: string): string {
  const id = recordId(text)
  if (id !== undefined) return id
  throw new Refusal('MALFORMED_ID', `${label}: id value of incorrect type: ${text}`, [field])
}
