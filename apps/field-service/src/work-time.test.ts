/** Quarters of an hour over two counters. */
import { expect, test } from 'vitest'
import { minutesOf, withMinutes } from './work-time.ts'

test.each([
  [{ hours: 0 }, 15, { hours: 0, minutes: 15 }],
  [{ hours: 1, minutes: 45 }, 15, { hours: 2, minutes: 0 }],
  [{ hours: 2, minutes: 0 }, -15, { hours: 1, minutes: 45 }],
  [{ hours: 0, minutes: 0 }, -15, { hours: 0, minutes: 0 }],
])('%o with %i minutes more', (time, added, wanted) => {
  expect(withMinutes(time, added)).toEqual(wanted)
})

test('what two people carry over at once adds up', () => {
  const before = { hours: 0, minutes: 45 }
  const each = withMinutes(before, 15)
  // Counters: both differences are added.
  const both = {
    hours: before.hours + 2 * (each.hours - before.hours),
    minutes: before.minutes + 2 * (each.minutes - before.minutes),
  }
  expect(minutesOf(both)).toBe(75)
})
