import { expect, it } from 'vitest'
import { closeCodeHeard, closeReason } from './close-code.ts'
import { CLOSE_REASON_BYTES_MAX } from './limits.ts'

it.each([
  ['a'.repeat(123), 123],
  ['a'.repeat(124), 123],
  ['ä'.repeat(70), 122],
  ['🌊'.repeat(40), 120],
  ['', 0],
])('cuts a reason at 123 bytes and never inside a character: %s', (reason, bytes) => {
  const cut = closeReason(reason)
  expect(Buffer.byteLength(cut)).toBe(bytes)
  expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(CLOSE_REASON_BYTES_MAX)
  expect(reason.startsWith(cut)).toBe(true)
})

it.each([
  [1009, 4413],
  [1002, 4400],
  [1006, 1006],
  [4503, 4503],
])('T7 reads close code %i as %i', (code, heard) => {
  expect(closeCodeHeard(code)).toBe(heard)
})
