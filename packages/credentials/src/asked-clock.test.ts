/** A clock that follows whoever is asked, where the own one is far off. */
import { expect, test } from 'vitest'
import { AskedClock } from './asked-clock.ts'

const NOW = Date.UTC(2027, 4, 4, 12)
const header = (at: number) => new Date(at).toUTCString()

test.each([
  ['years behind', -20 * 365 * 86_400_000, true],
  ['years ahead', 20 * 365 * 86_400_000, true],
  ['31 s ahead', 31_000, true],
  ['30 s ahead', 30_000, false],
  ['30 s behind', -30_000, false],
])('BL-36: a device %s', (_, byMs, follows) => {
  const clock = new AskedClock(() => NOW + byMs)
  expect(clock.heard(header(NOW))).toBe(follows)
  expect(clock.now()).toBe(follows ? NOW : NOW + byMs)
  expect(clock.heard(header(NOW))).toBe(false)
})

test.each([null, '', 'yesterday'])('BL-36: %j tells no time', (date) => {
  const clock = new AskedClock(() => NOW)
  expect(clock.heard(date)).toBe(false)
  expect(clock.now()).toBe(NOW)
})
