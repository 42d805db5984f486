import { expect, test } from 'vitest'
import { OwnEntries } from './own-entries.ts'

test('ranges that follow each other are one, and what was passed is forgotten', () => {
  const own = new OwnEntries()
  own.add(5, 9)
  own.add(10, 12)
  own.add(20, 22)
  // Nothing was appended.
  own.add(23, 22)
  expect([1, 4].map((seq) => own.endAt(seq))).toEqual([undefined, undefined])
  expect([5, 8, 12].map((seq) => own.endAt(seq))).toEqual([12, 12, 12])
  expect(own.hasMore).toBe(true)
  expect([13, 19, 20].map((seq) => own.endAt(seq))).toEqual([undefined, undefined, 22])
  expect(own.endAt(5)).toBeUndefined()
  expect(own.endAt(23)).toBeUndefined()
  expect(own.hasMore).toBe(false)
})
