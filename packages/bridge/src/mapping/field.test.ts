import { collection } from '@skerry/core'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { makeMappings } from '../mapping.ts'
import {
  concerns,
  isAt,
  partsNamed,
  pointersOf,
  readField,
  rowPart,
  versionNaming,
  withField,
  withRowPart,
} from './field.ts'

const people = collection(
  'people',
  z.object({
    name: z.string().optional(),
    home: z.object({ city: z.string().optional() }).optional(),
    tag: z.string().optional(),
  }),
)
const [mapping] = makeMappings(
  [
    {
      collection: 'people',
      type: 'contacts',
      fields: { 'home.city': 'Mail.City' },
      groups: [{ record: ['name', 'tag'], row: ['First', 'Extra.Tag'], to: '$', from: '$' }],
    },
  ],
  new Map([['people', people]]),
  'crm',
)
const [city, group] = mapping!.fields

test('B-71 the values of a group are one, and there is none where all are empty', () => {
  expect(readField({ name: 'Ada', tag: 'x', home: {} }, group!)).toEqual({ name: 'Ada', tag: 'x' })
  expect(readField({ home: {} }, group!)).toBeUndefined()
  expect(readField(undefined, group!)).toBeUndefined()
  expect(rowPart({ First: null, Extra: { Tag: 'x' } }, group!)).toEqual({ Extra: { Tag: 'x' } })
  expect(rowPart({ Extra: { Other: 1 } }, group!)).toBeNull()
  expect(withField({ name: 'Ada', tag: 'x' }, group!, { tag: 'y' })).toEqual({ tag: 'y' })
  expect(withRowPart({ First: 'Ada', Extra: { Tag: 'x', Other: 1 } }, group!, null)).toEqual({
    First: null,
    Extra: { Tag: null, Other: 1 },
  })
})

test('B-70 a field knows the paths, and the names, that have to do with it', () => {
  expect(
    [['home'], ['home', 'city'], ['home', 'city', 'x'], ['name'], []].map((steps) => concerns(city!, steps)),
  ).toEqual([true, true, true, false, false])
  expect(['Mail', 'Mail.City', 'City', 'Mail.Zip'].map((name) => isAt(city!, name))).toEqual([
    true,
    true,
    false,
    false,
  ])
})

test('B-102 what a name stood for is known when no mapping has it any more', () => {
  for (const field of [city!, group!]) {
    expect(pointersOf(partsNamed(field.name))).toEqual(pointersOf(field))
    const record = { name: 'Ada', tag: 'x', home: { city: 'Kiel' } }
    expect(readField(record, partsNamed(field.name))).toEqual(readField(record, field))
  }
})

test('B-84 a change is named by the references that it sets, and by nothing else', () => {
  const site = { ...city!, name: 'site', reference: { collection: 'sites', by: 'rowId' as const } }
  const other = { field: city!, value: 'Kiel' }
  expect(versionNaming('7', [other])).toBe('7')
  const names = ['a', 'b', undefined].map((value) => versionNaming('7', [other, { field: site, value }]))
  expect(new Set(['7', ...names]).size).toBe(4)
  expect(versionNaming('7', [{ field: site, value: 'a' }])).toBe(names[0])
})
