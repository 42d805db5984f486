import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { plainJson } from './plain-json.ts'
import { pureFunction, SAMPLE_LENGTH_MAX, SAMPLES_MAX } from './pure-function.ts'

describe('B-76 a function that is none', () => {
  test('dice are found at the first call, with both results', () => {
    let dice = 3
    const roll = pureFunction('jobs ↔ cases: hours.to', () => dice++)
    expect(() => roll('x')).toThrow(
      expect.objectContaining({
        code: 'mapping-not-a-function',
        message: expect.stringContaining(
          'jobs ↔ cases: hours.to is not a function of its input: of "x" it made 3, and then 4',
        ),
      }),
    )
  })

  test('a clock is found when an input comes again', () => {
    let day = 'Monday'
    const stamp = pureFunction('stamp', (value) => `${value} on ${day}`)
    expect(stamp('open')).toBe('open on Monday')
    day = 'Tuesday'
    expect(stamp('done')).toBe('done on Tuesday')
    expect(() => stamp('open')).toThrow('it made "open on Monday", and then "open on Tuesday"')
  })

  test('what is remembered is bounded, in number and in size', () => {
    let day = 1
    const stamp = pureFunction('stamp', (value: number | string) => `${String(value).length} ${day}`)
    const long = 'x'.repeat(SAMPLE_LENGTH_MAX)
    for (let i = 0; i < SAMPLES_MAX; i++) stamp(i)
    stamp('one more')
    day = 2
    expect(stamp('one more')).toBe('8 2')
    expect(stamp(long)).toBe(`${SAMPLE_LENGTH_MAX} 2`)
    expect(() => stamp(SAMPLES_MAX - 1)).toThrow('not a function')
  })

  test('it cannot change what it is given, nor be changed by it', () => {
    const parts = [{ sku: 'B' }, { sku: 'A' }]
    const sorted = pureFunction('sorted', (list: { sku: string }[]) =>
      list.sort((a, b) => (a.sku < b.sku ? -1 : 1)),
    )
    expect(sorted(parts)).toEqual([{ sku: 'A' }, { sku: 'B' }])
    expect(parts).toEqual([{ sku: 'B' }, { sku: 'A' }])
  })

  test.each<[string, () => unknown, string]>([
    [
      'throws',
      () => {
        throw new Error('no such customer')
      },
      'f failed: no such customer',
    ],
    [
      'answers later',
      async () => 1,
      'f failed: a Promise (a mapping function answers at once) is no plain JSON',
    ],
    ['gives a Date', () => new Date(0), 'a Date is no plain JSON'],
    ['gives no number', () => Number.NaN, 'NaN is no number that JSON has'],
    ['gives a function', () => () => 1, 'a function is no plain JSON'],
    ['gives a bigint', () => 1n, 'a bigint is no plain JSON'],
    [
      'gives a circle',
      () => {
        const a: unknown[] = []
        a.push(a)
        return a
      },
      'nested more than 64 deep',
    ],
  ])('one that %s', (_, call, message) => {
    expect(() => pureFunction('f', call)(1)).toThrow(message)
  })
})

test('B-76 equal values look equal, whatever the order of their keys', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const turned = plainJson(reversed(value))
      expect(JSON.stringify(turned)).toBe(JSON.stringify(plainJson(value)))
      expect(turned).toEqual(JSON.parse(JSON.stringify(value)))
    }),
    { seed: 1, numRuns: 300 },
  )
})

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, reversed(inner)]),
  )
}
