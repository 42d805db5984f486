import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import {
  CHANNEL_NAME_LENGTH_MAX,
  CHANNELS_PER_RECORD_MAX,
  collection,
  DELETED_KEPT_MS,
  HISTORY_ENTRIES_MAX,
  type History,
} from './collection.ts'
import { counter, SchemaDefinitionError, text } from './shape.ts'

const schema = z.object({ title: z.string(), notes: text().optional(), hours: counter().optional() })

describe('refused collections', () => {
  test.each(['', 'A', '1a', 'a-b', 'a/b', 'é', `a${'b'.repeat(63)}`])('R-1: the name %j', (name) => {
    expect(() => collection(name, schema)).toThrow(SchemaDefinitionError)
  })

  test('R-1: a name of 63', () => {
    expect(collection(`a${'b'.repeat(62)}`, schema).name).toHaveLength(63)
  })

  test.each(['notes', 'hours', 'missing'])('R-7: an index on %s', (field) => {
    expect(() => collection('c', schema, { indexes: [field as 'title'] })).toThrow(/is not a scalar field/)
  })

  test('R-7: an index on a plain field', () => {
    expect(collection('c', schema, { indexes: ['title'] }).indexes).toEqual(['title'])
  })

  test('R-3: a schema that is no object', () => {
    expect(() => collection('c', z.string() as never)).toThrow(/must be z.object/)
  })
})

describe('R-8: channels', () => {
  const channels = (of: (value: never) => unknown, value: object = {}) =>
    collection('c', schema, { channels: of as never }).channels(value as never)

  test('without a function: the one named like the collection', () => {
    expect(collection('c', schema).channels({})).toEqual(['c'])
  })

  test('follow from the value; sorted, each once', () => {
    expect(channels((r: { title: string }) => ['b', r.title, 'b'], { title: 'a' })).toEqual(['a', 'b'])
  })

  test.each([
    [
      'a function that throws',
      () => {
        throw new TypeError('no site')
      },
    ],
    ['nothing', () => undefined],
    ['no list', () => 'abc'],
    ['what are no names', () => ['', '*', 5, null, 'x'.repeat(CHANNEL_NAME_LENGTH_MAX + 1)]],
  ])('%s puts it into none', (_, of) => {
    expect(channels(of)).toEqual([])
  })

  test('names have a limit, and so has their number', () => {
    const longest = 'x'.repeat(CHANNEL_NAME_LENGTH_MAX)
    expect(channels(() => [longest])).toEqual([longest])
    const many = Array.from({ length: CHANNELS_PER_RECORD_MAX + 1 }, (_, i) => `n${1000 + i}`)
    expect(channels(() => many)).toEqual(many.slice(0, CHANNELS_PER_RECORD_MAX))
  })
})

describe('R-9: validation', () => {
  test.each([
    ['a name above its limit', 'x'.repeat(CHANNEL_NAME_LENGTH_MAX + 1)],
    ['no name', ''],
    ['the name of all', '*'],
  ])('%s is an issue of the record, or it would be nobody’s', (_, name) => {
    const odd = collection('c', z.object({ a: z.string() }), { channels: (record) => ['fine', record.a] })
    expect(odd.parse({ a: name })).toMatchObject({ issues: [{ path: '', message: /channel/ }] })
    expect(odd.parse({ a: 'x'.repeat(CHANNEL_NAME_LENGTH_MAX) })).toHaveProperty('value')
    expect(odd.parse({ a: 'b' })).toHaveProperty('value')
  })

  test.each([CHANNELS_PER_RECORD_MAX, CHANNELS_PER_RECORD_MAX + 1])('%i channels', (count) => {
    const many = collection('c', z.object({}), {
      channels: () => Array.from({ length: count }, (_, i) => `n${i}`),
    })
    expect('value' in many.parse({})).toBe(count <= CHANNELS_PER_RECORD_MAX)
  })

  test('fills in defaults', () => {
    const withDefault = collection('c', z.object({ a: z.string().default('x') }))
    expect(withDefault.parse({})).toEqual({ value: { a: 'x' } })
  })

  test('says what is wrong by JSON pointer', () => {
    const odd = collection('c', z.object({ 'a/b~c': z.object({ n: z.number() }) }))
    expect(odd.parse({ 'a/b~c': { n: 'x' } })).toMatchObject({ issues: [{ path: '/a~1b~0c/n' }] })
  })

  test('says it of the record as a whole by the empty pointer', () => {
    const ranged = collection(
      'c',
      z.object({ from: z.number(), to: z.number() }).refine((r) => r.from <= r.to, 'backwards'),
    )
    expect(ranged.parse({ from: 2, to: 1 })).toEqual({ issues: [{ path: '', message: 'backwards' }] })
    expect(ranged.parse([])).toMatchObject({ issues: [{ path: '' }] })
  })
})

describe('K-7: history', () => {
  const historyOf = (history?: History) =>
    collection('a', z.object({ n: z.number() }), history === undefined ? {} : { history }).history

  test('is compacted above HISTORY_ENTRIES_MAX entries, above so many as the collection says, or kept', () => {
    expect(historyOf()).toEqual({ entriesMax: HISTORY_ENTRIES_MAX })
    expect(historyOf({ entriesMax: 1 })).toEqual({ entriesMax: 1 })
    expect(historyOf('keep')).toBe('keep')
    for (const entriesMax of [0, -1, 1.5, Number.NaN])
      expect(() => historyOf({ entriesMax })).toThrow(/whole number from 1/)
  })
})

test('T-2: a deleted record is kept for DELETED_KEPT_MS, or as long as the collection says', () => {
  const keptMs = (options: { deletedKeptMs?: number }) =>
    collection('a', z.object({ n: z.number() }), options).deletedKeptMs
  expect(keptMs({})).toBe(DELETED_KEPT_MS)
  for (const deletedKeptMs of [0, 1, Number.POSITIVE_INFINITY])
    expect(keptMs({ deletedKeptMs })).toBe(deletedKeptMs)
  for (const deletedKeptMs of [-1, Number.NaN]) expect(() => keptMs({ deletedKeptMs })).toThrow(/from 0/)
})
