import type { Json } from '@skerry/core'
import { describe, expect, test } from 'vitest'
import { CANDIDATES_MAX, WORDS_PER_FIELD_MAX } from '../limits.ts'
import { alike, scoreOf } from './alike.ts'
import { keysBy, keysOf } from './match-keys.ts'
import { normalised, wordsOf } from './normalise.ts'

describe('B-126 REC-5: normalised', () => {
  test.each<[Json | undefined, Json | undefined]>([
    ['Müller & Söhne  GmbH', 'MULLER, SOHNE gmbh'],
    ['Straße 5', 'STRASSE 5'],
    ['e\u0301te\u0301', 'été'],
    ['+47 55 12-34-56', '0047 55 123456'],
    ['+49 (0)30 1234 56', '+49 30 123456'],
    [' Ann@Example.ORG ', 'ann@example.org'],
    ['ﬁn', 'fin'],
    [
      { b: 1, a: 2 },
      { a: 2, b: 1 },
    ],
    [12.5, 12.5],
    [undefined, null],
    ['', null],
  ])('%j is %j', (a, b) => {
    expect(normalised(a)).toBe(normalised(b))
  })

  test.each<[Json, Json]>([
    ['Müller', 'Möller'],
    ['+47 55 12 34 56', '+47 55 12 34 57'],
    ['a.b@example.org', 'ab@example.org'],
    ['???', '!!!'],
    ['12 34', '1 234'],
    [false, ''],
  ])('%j is not %j', (a, b) => {
    expect(normalised(a)).not.toBe(normalised(b))
  })

  test('words keep their order and lose their case', () => {
    expect(wordsOf('Åse  Øren-Lund, 2nd')).toEqual(['ase', 'øren', 'lund', '2nd'])
  })
})

describe('B-126: alike', () => {
  test('from 0 to 1, the same both ways', () => {
    expect(alike('Pump house 4', 'pump house 4')).toBe(1)
    expect(alike('Pump house 4', undefined)).toBe(0)
    expect(alike(undefined, null)).toBe(0)
    for (const [a, b] of [
      ['Pump house 4', 'Pump hose 4'],
      ['abc', 'xyz'],
    ]) {
      expect(alike(a, b)).toBe(alike(b, a))
      expect(alike(a, b)).toBeLessThan(1)
    }
    expect(alike('Pump house 4', 'Pump hose 4')).toBeGreaterThan(alike('Pump house 4', 'Boiler room'))
    expect(alike('Lund, Anna', 'Anna Lund')).toBe(1)
    expect(alike('abc', 'xyz')).toBe(0)
    // One letter has a beginning and an end.
    expect(alike('a', 'b')).toBe(0)
    expect(alike('aaaa', 'aa')).toBeLessThan(1)
  })

  test('a score is what the fields weigh, and a field that one lacks counts against', () => {
    const weights = { name: 3, city: 1 }
    expect(scoreOf(weights, { name: 'Anna', city: 'Bergen' }, { name: 'anna', city: 'Bergen' })).toBe(1)
    expect(scoreOf(weights, { name: 'Anna', city: 'Bergen' }, { name: 'Anna' })).toBe(0.75)
    expect(scoreOf(weights, { name: 'Anna' }, { city: 'Bergen' })).toBe(0)
  })
})

describe('B-126: keys', () => {
  const host = {
    sha256: (bytes: Uint8Array) => Uint8Array.from([...bytes, ...new Uint8Array(64)]).slice(0, 32),
  }
  const exact = { how: 'exact', fields: ['code', 'site'] } as const
  const scored = { how: 'scored', fields: { name: 1 }, sure: 1, doubtful: 0.5 } as const

  test('a rule wants all of its fields', () => {
    expect(keysBy(host, exact, 0, { code: 'A', site: 'B' })).toHaveLength(1)
    for (const value of [{ code: 'A' }, { code: 'A', site: '' }, { code: 'A', site: null }])
      expect(keysBy(host, exact, 0, value)).toEqual([])
  })

  test('exact keys know case and kind, normalised ones do not', () => {
    const keys = (how: 'exact' | 'normalised', value: object) =>
      keysOf(host, [{ how, fields: ['code'] }], value as never)
    expect(keys('exact', { code: 'a1' })).not.toEqual(keys('exact', { code: 'A1' }))
    expect(keys('normalised', { code: 'a1' })).toEqual(keys('normalised', { code: 'A1' }))
  })

  test('a scored field has a key for each of its words, up to WORDS_PER_FIELD_MAX', () => {
    const words = (count: number) => Array.from({ length: count }, (_, i) => `w${i}`).join(' ')
    expect(keysBy(host, scored, 0, { name: 'a b a' })).toHaveLength(2)
    expect(keysBy(host, scored, 0, { name: words(WORDS_PER_FIELD_MAX) })).toHaveLength(WORDS_PER_FIELD_MAX)
    expect(keysBy(host, scored, 0, { name: words(WORDS_PER_FIELD_MAX + 1) })).toHaveLength(
      WORDS_PER_FIELD_MAX,
    )
    expect(CANDIDATES_MAX).toBeGreaterThan(1)
  })
})
