import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalDecimal, DECIMAL_DIGITS_MAX, FLOAT_DIGITS } from './decimal.ts'
import { canonicalTime, checkedDate } from './instant.ts'
import { type Conversion, converterOf } from './kinds.ts'
import { lostOnTheWay } from './round-trip.ts'

const runs = { seed: 1, numRuns: 300 }

/** Values as a record holds them, by kind. */
const digits = (min: number, max: number) =>
  fc.array(fc.constantFrom(...'0123456789'), { minLength: min, maxLength: max }).map((all) => all.join(''))
const decimal = (wholeMax: number, scale: number) =>
  fc
    .tuple(fc.boolean(), digits(1, wholeMax), digits(scale, scale))
    .map(([minus, whole, behind]) => canonicalDecimal(`${minus ? '-' : ''}${whole}.${behind}`, scale))
const days = fc.integer({ min: -20_000, max: 100_000 })
const date = days.map((day) => new Date(day * 86_400_000).toISOString().slice(0, 10))
const ms = fc.integer({ min: -1e12, max: 4e12 })
const micros = fc
  .tuple(ms, digits(3, 3))
  .map(([at, more]) => canonicalTime(`${new Date(at).toISOString().slice(0, -1)}${more}Z`))

const cases: [what: string, Conversion, fc.Arbitrary<unknown>][] = [
  ['text', { kind: 'text' }, fc.string()],
  ['integer', { kind: 'integer' }, fc.maxSafeInteger()],
  ['number', { kind: 'number' }, fc.double({ noNaN: true, noDefaultInfinity: true })],
  ['decimal', { kind: 'decimal', scale: 2 }, decimal(20, 2)],
  ['decimal as a number', { kind: 'decimal', scale: 2, as: 'number' }, decimal(FLOAT_DIGITS - 2, 2)],
  ['boolean', { kind: 'boolean' }, fc.boolean()],
  ['boolean by a table', { kind: 'boolean', values: { true: 'Y', false: 'N' } }, fc.boolean()],
  ['date', { kind: 'date' }, date],
  ['date in milliseconds', { kind: 'date', as: 'milliseconds' }, date],
  ['time', { kind: 'time' }, micros],
  ['time without a zone', { kind: 'time', as: 'iso-without-zone' }, micros],
  ['time in milliseconds', { kind: 'time', as: 'milliseconds' }, ms.map((at) => new Date(at).toISOString())],
  ['enum', { kind: 'enum', values: { open: 'New', done: 7, none: null } }, fc.constantFrom('open', 'done')],
  ['json', { kind: 'json' }, fc.jsonValue()],
]

test.each(cases)('MAP-3 B-72: %s comes back as it went, through JSON as well', (_, conversion, values) => {
  const { to, from } = converterOf(conversion)
  fc.assert(
    fc.property(values, (value) => {
      const there = JSON.parse(JSON.stringify(to(value as never)))
      // -0 is 0 to everybody but Object.is.
      expect(JSON.stringify(from(there))).toBe(JSON.stringify(value))
    }),
    runs,
  )
})

describe('MAP-3 B-73: money never passes a float', () => {
  const money = converterOf({ kind: 'decimal', scale: 2 })
  const open = converterOf({ kind: 'decimal' })

  test.each(['19.90', '12345678901234567.89', '-0.01', '0.00'])('%s stays as it is written', (amount) => {
    expect(money.from(JSON.parse(JSON.stringify(money.to(amount))))).toBe(amount)
  })

  test('what a float is not is refused: 0.1 + 0.2, and money as a number in a record', () => {
    expect(() => open.from(0.1 + 0.2)).toThrow('more digits than a JSON number keeps (15)')
    expect(() => open.to(0.1 + 0.2)).toThrow('is not a decimal as text')
    expect(() => money.to(19.9)).toThrow("such as '19.90'")
    expect(() => open.from(Number('12345678901234567.89'))).toThrow('some are lost already')
    expect(open.from(0.1)).toBe('0.1')
    expect(money.from(19.9)).toBe('19.90')
  })

  test('nothing is rounded: digits that the field has not are refused', () => {
    expect(() => money.to('19.905')).toThrow('has 3 digits behind the point, the field has 2')
    expect(money.to('19.900')).toBe('19.90')
  })

  test('a system that wants a JSON number gets one that keeps every digit, or nothing', () => {
    const asNumber = converterOf({ kind: 'decimal', scale: 2, as: 'number' })
    expect(JSON.stringify(asNumber.to('19.90'))).toBe('19.9')
    expect(asNumber.to('1234567890123.45')).toBe(1234567890123.45)
    expect(() => asNumber.to('12345678901234.56')).toThrow('has 16 digits, and a JSON number keeps 15')
  })

  test('one way of writing', () => {
    const written = ['+1.50', '01.5', '1.5e0', '15E-1', ' 1.5 ', '.15e1'].map((text) =>
      canonicalDecimal(text),
    )
    expect(new Set(written)).toEqual(new Set(['1.5']))
    expect(['-0', '-0.00', '0e5', '.0'].map((text) => canonicalDecimal(text))).toEqual(['0', '0', '0', '0'])
    expect(canonicalDecimal('1e-7')).toBe('0.0000001')
    expect(canonicalDecimal(1e21)).toBe('1000000000000000000000')
    for (const bad of ['', '.', '1,5', '0x1', '1.2.3', 'Infinity', '--1', '1e1000'])
      expect(() => canonicalDecimal(bad)).toThrow(RangeError)
    const longest = '9'.repeat(DECIMAL_DIGITS_MAX)
    expect(canonicalDecimal(longest)).toBe(longest)
    expect(() => canonicalDecimal(`${longest}9`)).toThrow(`more than ${DECIMAL_DIGITS_MAX} digits`)
  })
})

describe('B-72 dates and times', () => {
  test.each([
    ['2026-03-29T12:00:00Z', '2026-03-29T12:00:00.000Z'],
    ['2026-03-29T14:00:00.000+0200', '2026-03-29T12:00:00.000Z'],
    ['2026-03-29T00:30:00.123456+05:30', '2026-03-28T19:00:00.123456Z'],
    ['2026-03-29 12:00Z', '2026-03-29T12:00:00.000Z'],
    ['2026-03-29T12:00:00.120000Z', '2026-03-29T12:00:00.120Z'],
  ])('%s is %s', (text, utc) => {
    expect(canonicalTime(text)).toBe(utc)
  })

  test.each([
    '2026-02-30T00:00:00Z',
    '2026-03-29T24:00:00Z',
    '2026-03-29T12:60:00Z',
    '2026-03-29T12:00:00+15:00',
    '2026-03-29',
    'noon',
  ])('%s is no time', (text) => {
    expect(() => canonicalTime(text)).toThrow(RangeError)
  })

  test('a time without a zone is refused, unless the system is said to mean UTC', () => {
    expect(() => canonicalTime('2026-03-29T12:00:00')).toThrow('has no zone')
    const { to, from } = converterOf({ kind: 'time', as: 'iso-without-zone' })
    expect(from('2026-03-29T12:00:00')).toBe('2026-03-29T12:00:00.000Z')
    expect(to('2026-03-29T14:00:00+02:00')).toBe('2026-03-29T12:00:00.000')
  })

  test('a date is a day of the calendar', () => {
    expect(checkedDate('2024-02-29')).toBe('2024-02-29')
    for (const bad of ['2026-02-29', '2026-2-9', '26-02-09', '2026-02-09T00:00:00Z'])
      expect(() => checkedDate(bad)).toThrow(RangeError)
    const { from } = converterOf({ kind: 'date' })
    expect(from('2026-02-09T00:00:00Z')).toBe('2026-02-09')
    expect(() => from('2026-02-09T01:00:00Z')).toThrow('does not stand at midnight UTC')
    expect(() => converterOf({ kind: 'date', as: 'milliseconds' }).from(5)).toThrow('not midnight UTC')
  })
})

describe('MAP-5 B-74: what does not fit is an error that says what would', () => {
  const stages = converterOf({ kind: 'enum', values: { open: 'New', done: 'Closed' } })

  test('a value that the table does not have', () => {
    expect(() => stages.to('opne')).toThrow("'opne' is not in the table; did you mean 'open'?")
    expect(() => stages.from('Escalated')).toThrow('"Escalated" is not in the table; it has New, Closed')
    expect(() => stages.to('toString')).toThrow('is not in the table')
  })

  test.each<[Conversion, unknown, string]>([
    [{ kind: 'integer' }, 1.5, '1.5 is not a whole number below 2^53'],
    [{ kind: 'integer' }, 2 ** 53, 'is not a whole number'],
    [{ kind: 'number' }, 'ten', '"ten" is not a number'],
    [{ kind: 'boolean' }, 1, '1 is not true or false'],
    [{ kind: 'text' }, { a: 1 }, '{"a":1} is not text'],
    [{ kind: 'time' }, 5, '5 is not text'],
  ])('%j of a row that says %j', (conversion, value, message) => {
    expect(() => converterOf(conversion).from(value as never)).toThrow(message)
  })

  test('a system that knows only text is understood', () => {
    expect(converterOf({ kind: 'integer' }).from(' 42 ')).toBe(42)
    expect(converterOf({ kind: 'number' }).from('-1.5e3')).toBe(-1500)
    expect(converterOf({ kind: 'boolean' }).from('true')).toBe(true)
    expect(converterOf({ kind: 'text' }).from(42)).toBe('42')
  })
})

describe('B-78 what does not come back is known before the data is', () => {
  test.each<[Conversion, string | undefined]>([
    [{ kind: 'decimal' }, undefined],
    [{ kind: 'decimal', scale: 0 }, undefined],
    [{ kind: 'decimal', scale: 2 }, undefined],
    [{ kind: 'decimal', scale: 2, as: 'number' }, '"12345678901234567.88" cannot be written'],
    [{ kind: 'time' }, undefined],
    [{ kind: 'time', as: 'milliseconds' }, 'comes back as "2026-03-29T01:30:00.123Z"'],
    [{ kind: 'time', as: 'seconds' }, 'comes back as "2026-03-29T01:30:00.000Z"'],
    [{ kind: 'date', as: 'seconds' }, undefined],
    [
      { kind: 'enum', values: { open: 'New', waiting: 'New' } },
      '"waiting" is written as "New" and comes back as "open"',
    ],
    [{ kind: 'boolean', values: { true: 1, false: 1 } }, 'false'],
    [{ kind: 'json' }, undefined],
  ])('%j: %s', (conversion, lost) => {
    const found = lostOnTheWay(conversion)
    if (lost === undefined) expect(found).toBeUndefined()
    else expect(found).toContain(lost)
  })
})
