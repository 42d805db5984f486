/** A recount reads every record of a channel: how often one device may cause that. */
import { expect, test } from 'vitest'
import { RECOUNT_MS_MIN, RECOUNTS_REMEMBERED_MAX } from './limits.ts'
import { Recounts } from './recounts.ts'

test('RECOUNT_MS_MIN: one for each device in that time, and another when a clock was set back', () => {
  const recounts = new Recounts()
  const now = 10 * RECOUNT_MS_MIN
  expect(recounts.mayMakeFor('a', now)).toBe(true)
  expect(recounts.mayMakeFor('b', now)).toBe(true)
  expect(recounts.mayMakeFor('a', now + RECOUNT_MS_MIN - 1)).toBe(false)
  expect(recounts.mayMakeFor('a', now + RECOUNT_MS_MIN)).toBe(true)
  expect(recounts.mayMakeFor('a', 0)).toBe(true)
})

test('RECOUNTS_REMEMBERED_MAX: the device asked for longest ago is forgotten', () => {
  const recounts = new Recounts()
  for (let i = 0; i < RECOUNTS_REMEMBERED_MAX; i++) recounts.mayMakeFor(`${i}`, 0)
  expect(recounts.mayMakeFor('0', 0)).toBe(false)
  recounts.mayMakeFor('one more', 0)
  expect(recounts.mayMakeFor('1', 0)).toBe(false)
  expect(recounts.mayMakeFor('0', 0)).toBe(true)
})
