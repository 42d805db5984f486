/** Each rule alone: what it says of a conflict, and that it says the same wherever and however often it is asked. */
import { collection, counter, type Json, keyed, type Shape, text } from '@skerry/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { AMOUNT_DIGITS_MAX, decimalOf, spelled } from './amount.ts'
import type { FieldConflict, Resolution } from './conflict.ts'
import { defaultRule, kindOf, ruleFits, rulesFor } from './fit.ts'
import { type ConflictRule, namedRules, resolve } from './resolve.ts'

type Three = Pick<FieldConflict, 'agreed' | 'ours' | 'theirs'>

const conflict = (three: Partial<FieldConflict>): FieldConflict => ({
  record: 'jobs/1',
  field: 'x',
  agreed: undefined,
  ours: undefined,
  theirs: undefined,
  here: {},
  ...three,
})

/** The value that a rule comes to; `undecided` when a person has to. */
function value(rule: ConflictRule, three: Partial<FieldConflict>): Json | undefined | 'undecided' {
  const one = conflict(three)
  const ending = resolve(rule, one)
  if (ending.winner === 'made') return ending.value
  if (ending.winner === 'review') return 'undecided'
  return ending.winner === 'both' ? 'both' : one[ending.winner]
}

const runs = { seed: 90, numRuns: 300 }
const money = fc
  .tuple(fc.bigInt(-(10n ** 30n), 10n ** 30n), fc.nat(6))
  .map(([units, digits]) => spelled({ units, digits }))

describe('B-91 larger and smaller', () => {
  test.each<[Json | undefined, Json | undefined, Json | undefined | 'undecided']>([
    [1, 2, 2],
    [-1, -2, -1],
    ['9.99', '10', '10'],
    ['12345678901234567890.01', '12345678901234567890.02', '12345678901234567890.02'],
    [2, '1.5', 2],
    ['2024-01-31', '2024-02-01', '2024-02-01'],
    ['2024-01-31T12:00Z', '2024-01-31T12:00:00.001+00:00', '2024-01-31T12:00:00.001+00:00'],
    // Noon in Los Angeles is later than two in the afternoon in London.
    ['2024-01-31T12:00:00-08:00', '2024-01-31T14:00:00Z', '2024-01-31T12:00:00-08:00'],
    [undefined, 3, 3],
    [3, undefined, 3],
    [3, null, 3],
    ['b', 'a', 'undecided'],
    ['2024-01-31', '2024-02-01T00:00Z', 'undecided'],
    ['2024-01-31T12:00', '2024-01-31T13:00', 'undecided'],
    ['2024-13-01', '2024-01-01', 'undecided'],
    [true, false, 'undecided'],
    [[1], [2], 'undecided'],
    ['1e3', '2', 'undecided'],
    [' 1', '2', 'undecided'],
  ])('%j and %j: %j', (ours, theirs, larger) => {
    expect(value('larger', { ours, theirs })).toEqual(larger)
    const isNothing = [ours, theirs].some((one) => one === undefined || one === null)
    const smaller = larger === 'undecided' || isNothing ? larger : larger === ours ? theirs : ours
    expect(value('smaller', { ours, theirs })).toEqual(smaller)
  })

  test('do not depend on the side, also where two spellings are one amount', () => {
    const amount = fc.oneof(money, fc.integer(), fc.constantFrom('1', '1.0', '1.00', '-0', '0', '0.0'))
    fc.assert(
      fc.property(amount, amount, (ours, theirs) => {
        for (const rule of ['larger', 'smaller'] as const)
          expect(value(rule, { ours, theirs })).toEqual(value(rule, { ours: theirs, theirs: ours }))
      }),
      runs,
    )
  })
})

describe('B-92 sum', () => {
  test.each<[Three, Json | 'undecided']>([
    [{ agreed: 10, ours: 12, theirs: 7 }, 9],
    [{ agreed: 0.3, ours: 0.1, theirs: 0.2 }, 0],
    [{ agreed: 0, ours: 0.1, theirs: 0.2 }, 0.3],
    [{ agreed: '10.00', ours: '10.10', theirs: '9.5' }, '9.60'],
    [
      {
        agreed: '99999999999999999999.99',
        ours: '100000000000000000000.00',
        theirs: '99999999999999999999.98',
      },
      '99999999999999999999.99',
    ],
    [{ agreed: undefined, ours: 3, theirs: 4 }, 7],
    [{ agreed: 10, ours: undefined, theirs: 12 }, 2],
    [{ agreed: '1', ours: '-1', theirs: undefined }, '-2'],
    [{ agreed: 1e21, ours: 2e21, theirs: 1e21 }, 2e21],
    [{ agreed: '1', ours: 'two', theirs: '3' }, 'undecided'],
    [{ agreed: true, ours: 1, theirs: 2 }, 'undecided'],
    [{ agreed: 0, ours: 1e300, theirs: 1 }, 'undecided'],
  ])('%j is %j', (three, sum) => {
    expect(value('sum', three)).toEqual(sum)
  })

  test('is exact, the same from both sides, and a change against nothing is the change', () => {
    fc.assert(
      fc.property(money, money, money, (agreed, ours, theirs) => {
        const sum = value('sum', { agreed, ours, theirs })
        expect(sum).toEqual(value('sum', { agreed, ours: theirs, theirs: ours }))
        // Held against integers of one scale.
        const scale = (text: string): bigint => {
          const { units: of, digits } = decimalOf(text)!
          return of * 10n ** BigInt(6 - digits)
        }
        expect(scale(sum as string)).toBe(scale(ours) + scale(theirs) - scale(agreed))
        expect(scale(value('sum', { agreed, ours, theirs: agreed }) as string)).toBe(scale(ours))
      }),
      runs,
    )
  })

  test('decimals stay as they are spelled, up to the digits that are followed', () => {
    fc.assert(
      fc.property(money, (text) => {
        expect(spelled(decimalOf(text)!)).toBe(text.replace(/^-(0(?:\.0+)?)$/, '$1'))
      }),
      runs,
    )
    const digits = (many: number) => `0.${'1'.repeat(many)}`
    expect(decimalOf(digits(AMOUNT_DIGITS_MAX))).toBeDefined()
    expect(decimalOf(digits(AMOUNT_DIGITS_MAX + 1))).toBeUndefined()
    expect(decimalOf('1'.repeat(100))).toBeDefined()
    expect(decimalOf('1'.repeat(101))).toBeUndefined()
  })
})

describe('B-93 union', () => {
  test.each<[Three, Json | 'undecided']>([
    [{ agreed: ['b', 'a'], ours: ['b', 'a', 'd'], theirs: ['c', 'b', 'a'] }, ['b', 'a', 'c', 'd']],
    [{ agreed: ['a', 'b'], ours: ['a'], theirs: ['b'] }, ['a', 'b']],
    [{ agreed: ['a', 'b'], ours: ['a'], theirs: ['a', 'c'] }, ['a', 'c']],
    [{ agreed: undefined, ours: [2, 10], theirs: [10, '2'] }, ['2', 10, 2]],
    [{ agreed: ['a'], ours: undefined, theirs: ['a', 'b'] }, ['a', 'b']],
    [{ agreed: [], ours: 'a', theirs: ['b'] }, 'undecided'],
  ])('%j is %j', (three, union) => {
    expect(value('union', three)).toEqual(union)
  })

  test('does not depend on the side, loses nothing, and has each once', () => {
    const list = fc.array(fc.oneof(fc.constantFrom('a', 'b', 'c', 'd'), fc.nat(3)))
    fc.assert(
      fc.property(list, list, list, (agreed, ours, theirs) => {
        const union = value('union', { agreed, ours, theirs }) as Json[]
        expect(union).toEqual(value('union', { agreed, ours: theirs, theirs: ours }))
        expect(new Set(union)).toEqual(new Set([...ours, ...theirs]))
        expect(union).toHaveLength(new Set(union).size)
      }),
      runs,
    )
  })
})

describe('CON-5 B-94 a function', () => {
  const sides = { agreed: 1, ours: 2, theirs: 3 }
  const reasonOf = (rule: ConflictRule): string => {
    const ending = resolve(rule, conflict(sides))
    return ending.winner === 'review' ? ending.reason : `no review, but ${ending.winner}`
  }

  test('sees both sides, who and when, and the record; its word is ours, theirs, or a value of its own', () => {
    let seen: FieldConflict | undefined
    const all = conflict({
      ...sides,
      oursAt: 5,
      oursBy: 'tech:ana',
      theirsAt: 6,
      theirsBy: 'office',
      here: { a: 1 },
    })
    expect(
      resolve((one) => {
        seen = one
        return 7
      }, all),
    ).toEqual({ winner: 'made', value: 7, keeps: false })
    expect(seen).toEqual(all)
    expect(resolve(({ ours }) => ours, all)).toEqual({ winner: 'ours' })
    expect(resolve(({ theirs }) => theirs, all)).toEqual({ winner: 'theirs' })
    expect(resolve(() => undefined, all)).toEqual({ winner: 'made', value: undefined, keeps: false })
  })

  test.each<[string, ConflictRule, RegExp]>([
    [
      'throws',
      () => {
        throw new Error('no rate for that day')
      },
      /no rate for that day/,
    ],
    [
      'is no function of the conflict',
      (() => {
        let n = 0
        return () => ++n
      })(),
      /two different values/,
    ],
    ['is asynchronous', (async () => 1) as never, /no plain JSON/],
    ['gives a date', (() => new Date(0)) as never, /no plain JSON/],
    ['gives what is no number', () => Number.NaN, /no number that JSON has/],
    ['gives a symbol', (() => Symbol('x')) as never, /a symbol is no plain JSON/],
  ])('that %s leaves it to a person', (_, rule, reason) => {
    expect(reasonOf(rule)).toMatch(reason)
  })

  test('gets copies: what it does to them changes nothing', () => {
    const all = conflict({ ours: ['a'], theirs: ['b'], here: { tags: ['a'] } })
    const before = structuredClone(all)
    const ending = resolve((one) => {
      ;(one.ours as Json[]).push('x')
      one.here['tags'] = 1
      return one.ours
    }, all)
    expect([all, ending]).toEqual([before, { winner: 'made', value: ['a', 'x'], keeps: false }])
  })
})

test('B-90 the same conflict ends the same, for every rule', () => {
  const json = fc.oneof(
    fc.constant(undefined),
    money,
    fc.integer(),
    fc.boolean(),
    fc.array(fc.nat(3)),
    fc.string(),
  )
  const time = fc.option(fc.integer({ min: 1.6e12, max: 1.8e12 }), { nil: undefined })
  fc.assert(
    fc.property(json, json, json, time, time, (agreed, ours, theirs, oursAt, theirsAt) => {
      const one = conflict({ agreed, ours, theirs, oursAt, theirsAt })
      const endings = (): Resolution[] => namedRules.map((rule) => resolve(rule, structuredClone(one)))
      expect(endings()).toEqual(endings())
    }),
    runs,
  )
})

describe('B-109 which rules fit', () => {
  const { shape } = collection(
    'things',
    z.object({
      name: z.string(),
      price: z.number(),
      done: z.boolean(),
      state: z.enum(['a', 'b']),
      mixed: z.union([z.boolean(), z.number()]),
      notes: text(),
      hours: counter(),
      tags: z.array(z.string()),
      parts: keyed('sku', z.object({ sku: z.string() })),
      address: z.object({ city: z.string() }),
    }),
  )
  const sides = ['last-writer', 'this-side', 'that-side', 'review']
  const amounts = [...sides, 'larger', 'smaller', 'sum']

  test.each<[string, string, string[], string]>([
    ['name', 'a string', amounts, 'last-writer'],
    ['price', 'a number', amounts, 'last-writer'],
    ['mixed', 'a boolean or number', amounts, 'last-writer'],
    ['done', 'a boolean', sides, 'last-writer'],
    ['state', 'a choice', sides, 'last-writer'],
    ['notes', 'a text that merges', [...sides, 'merge'], 'merge'],
    ['hours', 'a counter', [...sides, 'merge'], 'merge'],
    ['tags', 'a list', [...sides, 'union', 'merge'], 'merge'],
    ['parts', 'a keyed', [...sides, 'merge'], 'merge'],
    ['address', 'a map', [...sides, 'merge'], 'merge'],
  ])('%s is %s', (field, kind, rules, first) => {
    const of = [shape.fields.get(field) as Shape]
    expect([kindOf(of), rulesFor(of), defaultRule(of)]).toEqual([kind, rules, first])
    expect(ruleFits(rulesFor(of), () => 1)).toBe(true)
    for (const rule of namedRules) expect(ruleFits(rulesFor(of), rule)).toBe(rules.includes(rule))
  })
})
