import type { Json } from '@skerry/core'
import { describe, expect, test } from 'vitest'
import { decoded, encoded, Unfit } from './values.ts'

const field = (type: string) => ({ name: 'the_field', type })

/** Type, as Tryton has it, as a row has it. */
const both: [string, Json, Json][] = [
  ['numeric', { __class__: 'Decimal', decimal: '19.90' }, '19.90'],
  ['numeric', { __class__: 'Decimal', decimal: '-1E+3' }, '-1E+3'],
  ['date', { __class__: 'date', year: 2026, month: 1, day: 31 }, '2026-01-31'],
  ['date', { __class__: 'date', year: 987, month: 2, day: 3 }, '0987-02-03'],
  ['time', { __class__: 'time', hour: 9, minute: 5, second: 0, microsecond: 0 }, '09:05:00'],
  ['time', { __class__: 'time', hour: 9, minute: 5, second: 0, microsecond: 50 }, '09:05:00.000050'],
  ...(['datetime', 'timestamp'] as const).map((type): [string, Json, Json] => [
    type,
    {
      __class__: 'datetime',
      year: 2026,
      month: 11,
      day: 29,
      hour: 23,
      minute: 59,
      second: 58,
      microsecond: 123456,
    },
    '2026-11-29T23:59:58.123456Z',
  ]),
  ['timedelta', { __class__: 'timedelta', seconds: 5400.5 }, 5400.5],
  ['binary', { __class__: 'bytes', base64: 'aGVsbG8=' }, 'aGVsbG8='],
  ['char', 'Pump', 'Pump'],
  ['text', '', ''],
  ['selection', 'draft', 'draft'],
  ['boolean', false, false],
  ['integer', 2 ** 31 - 1, 2 ** 31 - 1],
  ['biginteger', Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  ['float', 0.1, 0.1],
  ['reference', 'party.party,5', 'party.party,5'],
  ['multiselection', ['a', 'b'], ['a', 'b']],
  ['dict', { length: { __class__: 'Decimal', decimal: '1' } }, { length: '1' }],
]

describe('TR-10: values', () => {
  test.each(both)('a %s is read: %j', (_, theirs, ours) => {
    expect(decoded(theirs)).toEqual(ours)
  })

  test.each(both.filter(([type]) => type !== 'dict'))('a %s is written: %j', (type, theirs, ours) => {
    expect(encoded(field(type), ours)).toEqual(theirs)
  })

  test('an id is a text outside and a number there', () => {
    expect(encoded(field('many2one'), '17')).toBe(17)
  })

  test('base64 comes in lines from Python, and goes without', () => {
    expect(decoded({ __class__: 'bytes', base64: 'aGVs\nbG8=\n' })).toBe('aGVsbG8=')
  })

  test('null is empty in every type, and what is absent is null', () => {
    for (const [type] of both) expect(encoded(field(type), null)).toBeNull()
    expect(decoded(undefined)).toBeNull()
  })

  test('a whole number will do for a decimal', () => {
    expect(encoded(field('numeric'), 20)).toEqual({ __class__: 'Decimal', decimal: '20' })
  })
})

describe('TR-11: values that do not fit are named before anything is sent', () => {
  test.each<[string, Json]>([
    ['char', 5],
    ['boolean', 'yes'],
    ['integer', 2 ** 31],
    ['integer', -(2 ** 31)],
    ['integer', 1.5],
    ['biginteger', 2 ** 53],
    ['float', '1.5'],
    ['numeric', 19.9],
    ['numeric', '19,90'],
    ['numeric', ''],
    ['date', '2026-02-30'],
    ['date', '2026-1-1'],
    ['date', '2026-01-31T00:00:00Z'],
    ['time', '24:00:00'],
    ['datetime', '2026-01-31T10:30:00'],
    ['datetime', '2026-01-31T10:30:00+01:00'],
    ['datetime', '2026-02-30T10:30:00Z'],
    ['timestamp', '2026-01-31T10:60:00Z'],
    ['timedelta', 'PT1H'],
    ['binary', 'not base64!'],
    ['binary', 'abc'],
    ['many2one', 5],
    ['many2one', 'five'],
    ['reference', 'party.party'],
    ['multiselection', 'a'],
    ['dict', ['a']],
    ['many2many', ['1']],
    ['one2many', []],
  ])('a %s is not %j', (type, value) => {
    expect(() => encoded(field(type), value)).toThrow(Unfit)
    expect(() => encoded(field(type), value)).toThrow(/the_field (?:wants|is a)/)
  })

  test('the message says what would do', () => {
    expect(() => encoded(field('numeric'), 19.9)).toThrow(
      'the_field wants a decimal as a text, as in "19.90", and got 19.9',
    )
  })
})
