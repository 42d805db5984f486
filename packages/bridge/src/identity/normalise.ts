/** One spelling for what people spell in many ways: case, spaces, accents and marks, telephone numbers, e-mail addresses (SPEC B-126). */
import type { Json } from '@skerry/core'
import { canonical } from '../canonical.ts'

const email = /^[^\s@]+@[^\s@]+$/
const telephone = /^[+(\d][\d\s().\u00a0/-]*$/
const TELEPHONE_DIGITS_MIN = 6
const word = /[\p{L}\p{N}]+/gu

/** Empty for what says nothing. */
export function normalised(value: Json | undefined): string {
  if (value === undefined || value === null) return ''
  if (typeof value === 'object') return canonical(value)
  const text = String(value).normalize('NFKC').trim()
  if (email.test(text)) return text.toLowerCase()
  return telephoneNumber(text) ?? (wordsOf(text).join(' ') || text)
}

/** Words without case and accents, in their order. */
export function wordsOf(text: string): string[] {
  // Upper case first: ß and SS are one.
  const plain = text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toUpperCase().toLowerCase()
  return plain.match(word) ?? []
}

/** Digits, with a plus where the country is told: `0049 (0)30 12-34` is `+49301234`. */
function telephoneNumber(text: string): string | undefined {
  if (!telephone.test(text)) return undefined
  const digits = text.replace('(0)', '').replaceAll(/[^\d+]/g, '')
  if (digits.length < TELEPHONE_DIGITS_MIN) return undefined
  return digits.replace(/^00/, '+')
}
