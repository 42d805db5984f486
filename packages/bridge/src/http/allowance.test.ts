import { expect, test } from 'vitest'
import { allowancesOf } from './allowance.ts'
import { ALLOWANCES_MAX, RATE_LIMIT_LENGTH_MAX } from './limits.ts'
import { renewedInMs, retryAfterMs } from './retry-after.ts'

const now = Date.UTC(2026, 10, 29, 12)
const told = (headers: Record<string, string>) => allowancesOf(new Headers(headers), now)

test('the IETF draft: each limit by its name, with what its policy says', () => {
  expect(
    told({
      'RateLimit-Policy': '"burst";q=100;w=10, "daily";q=10000;w=86400',
      RateLimit: '"burst";r=50;t=5, "daily";r=9000',
    }),
  ).toEqual([
    { limit: 'burst', remaining: 50, max: 100, resetsInMs: 5_000 },
    { limit: 'daily', remaining: 9_000, max: 10_000, resetsInMs: undefined },
  ])
  expect(told({ RateLimit: 'default;r=0;t=30' })).toMatchObject([
    { limit: 'default', remaining: 0, resetsInMs: 30_000 },
  ])
})

test.each([
  ['ratelimit', '30', 30_000],
  ['x-ratelimit', '30', 30_000],
  ['x-ratelimit', String(now / 1000 + 60), 60_000],
  ['x-rate-limit', String(now / 1000 - 60), 0],
])('earlier forms: %s-*, renewed at %s', (prefix, reset, resetsInMs) => {
  const headers = {
    [`${prefix}-limit`]: '100, 100;w=60',
    [`${prefix}-remaining`]: '7',
    [`${prefix}-reset`]: reset,
  }
  expect(told(headers)).toEqual([{ limit: 'default', remaining: 7, max: 100, resetsInMs }])
})

test.each([
  { RateLimit: '"burst";r=many' },
  { RateLimit: '"burst";r=-1' },
  { RateLimit: '"burst"' },
  { RateLimit: '"burst;r=5' },
  { RateLimit: ';r=5' },
  { RateLimit: '' },
  { 'X-RateLimit-Remaining': 'lots' },
  { 'X-RateLimit-Remaining': '1e3' },
])('what is malformed says nothing: %o', (headers) => {
  expect(told(headers as Record<string, string>)).toEqual([])
})

test('a header is read up to its ceilings', () => {
  const items = (count: number) => Array.from({ length: count }, (_, i) => `"l${i}";r=1`).join(',')
  expect(told({ RateLimit: items(ALLOWANCES_MAX) })).toHaveLength(ALLOWANCES_MAX)
  expect(told({ RateLimit: items(ALLOWANCES_MAX + 1) })).toHaveLength(ALLOWANCES_MAX)
  const long = (length: number) => `"a";r=1;x=${'9'.repeat(length - 10)}`
  expect(told({ RateLimit: long(RATE_LIMIT_LENGTH_MAX) })).toHaveLength(1)
  expect(told({ RateLimit: long(RATE_LIMIT_LENGTH_MAX + 1) })).toEqual([])
})

test.each([
  ['120', 120_000],
  ['0', 0],
  ['Sun, 29 Nov 2026 12:02:00 GMT', 120_000],
  ['Sunday, 29-Nov-26 12:02:00 GMT', 120_000],
  ['Sun, 29 Nov 2026 11:00:00 GMT', 0],
  ['soon', undefined],
  ['1.5', undefined],
  ['-5', undefined],
  ['1234567890', undefined],
  ['', undefined],
])('Retry-After %j is %s ms', (value, ms) => {
  expect(retryAfterMs(new Headers({ 'retry-after': value }), now)).toBe(ms)
})

test('a limit that is used up says when it is renewed; the longest counts, and one with something left does not', () => {
  const renewed = (RateLimit: string) => renewedInMs(new Headers({ RateLimit }), now)
  expect(renewed('"burst";r=0;t=5, "daily";r=0;t=600')).toBe(600_000)
  expect(renewed('"burst";r=0;t=5, "daily";r=1;t=600')).toBe(5_000)
  expect(renewed('"burst";r=1;t=5')).toBeUndefined()
  expect(renewed('"burst";r=0')).toBeUndefined()
})
