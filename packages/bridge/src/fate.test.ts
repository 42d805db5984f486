import { collection, counter, type Json, keyed, text } from '@skerry/core'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { changedSince, type Fate, fateOf } from './fate.ts'
import { makeMappings } from './mapping.ts'

const things = collection(
  'things',
  z.object({
    name: z.string(),
    site: z.string(),
    notes: text(),
    hours: counter(),
    tags: z.array(z.string()),
    parts: keyed('sku', z.object({ sku: z.string(), qty: z.number() })),
  }),
)

const names = ['name', 'site', 'notes', 'hours', 'tags', 'parts']
const [mapping] = makeMappings(
  [{ collection: 'things', type: 'things', fields: Object.fromEntries(names.map((name) => [name, name])) }],
  new Map([['things', things]]),
  'memory',
)

type Row = Record<string, Json>

test.each<{ what: string; before: Row; sent: Row; mapped: Row; fate: Fate }>([
  { what: 'as it was', before: { name: 'a' }, sent: { name: 'b' }, mapped: { name: 'a' }, fate: 'not' },
  {
    what: 'as sent',
    before: { name: 'a' },
    sent: { name: 'b' },
    mapped: { name: 'b' },
    fate: 'carried-out',
  },
  { what: 'other scalar', before: { name: 'a' }, sent: { name: 'b' }, mapped: { name: 'c' }, fate: 'open' },
  {
    what: 'one as sent, one as it was',
    before: { name: 'a', site: 'x' },
    sent: { name: 'b', site: 'y' },
    mapped: { name: 'b', site: 'x' },
    fate: 'not',
  },
  {
    what: 'a field sent without a change',
    before: { name: 'a', site: 'x' },
    sent: { name: 'b', site: 'x' },
    mapped: { name: 'c', site: 'x' },
    fate: 'open',
  },
  { what: 'empty, emptied', before: { site: 'x' }, sent: { site: null }, mapped: {}, fate: 'carried-out' },
  { what: 'counter', before: { hours: 3 }, sent: { hours: 5 }, mapped: { hours: 6 }, fate: 'open' },
  { what: 'first counter', before: {}, sent: { hours: 5 }, mapped: { hours: 6 }, fate: 'open' },
  {
    what: 'words added, and more',
    before: { notes: 'gate is stuck.' },
    sent: { notes: 'gate is stuck. Oiled it.' },
    mapped: { notes: 'The gate is stuck. Oiled it. Thanks!' },
    fate: 'carried-out',
  },
  {
    what: 'words not added',
    before: { notes: 'gate is stuck' },
    sent: { notes: 'gate is stuck, oiled' },
    mapped: { notes: 'north gate is stuck' },
    fate: 'not',
  },
  {
    what: 'a word said twice is not the word said once',
    before: { notes: 'knock' },
    sent: { notes: 'knock knock' },
    mapped: { notes: 'knock, who' },
    fate: 'not',
  },
  {
    what: 'some of the words',
    before: { notes: 'gate' },
    sent: { notes: 'gate oiled today' },
    mapped: { notes: 'gate oiled' },
    fate: 'open',
  },
  {
    what: 'a word replaced there',
    before: { notes: 'abc' },
    sent: { notes: 'abcd' },
    mapped: { notes: 'abcde' },
    fate: 'open',
  },
  {
    what: 'nothing but marks',
    before: { notes: 'abc' },
    sent: { notes: 'abc!' },
    mapped: { notes: 'abc! d' },
    fate: 'open',
  },
  {
    what: 'list with our element',
    before: { tags: ['a'] },
    sent: { tags: ['a', 'b'] },
    mapped: { tags: ['a', 'b', 'c'] },
    fate: 'carried-out',
  },
  {
    what: 'list without it',
    before: { tags: ['a'] },
    sent: { tags: ['a', 'b'] },
    mapped: { tags: ['c', 'a'] },
    fate: 'not',
  },
  {
    what: 'rows: our quantity',
    before: { parts: [{ sku: 'A', qty: 1 }] },
    sent: { parts: [{ sku: 'A', qty: 5 }] },
    mapped: {
      parts: [
        { qty: 5, sku: 'A' },
        { qty: 1, sku: 'B' },
      ],
    },
    fate: 'carried-out',
  },
])('B-12 B-38 $what: $fate', ({ before, sent, mapped, fate }) => {
  expect(fateOf(mapping!, { before, sent, mapped })).toBe(fate)
})

test('B-12 only what the call was to change, and is otherwise now, is still to be decided', () => {
  const changed = changedSince(mapping!, {
    before: { name: 'a', site: 'x', hours: 3 },
    sent: { name: 'b', site: 'x', hours: 5 },
    mapped: { name: 'b', site: 'y', hours: 6 },
  })
  expect(changed.map(({ name }) => name)).toEqual(['hours'])
})
