import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { changedFields, outermost, putBack, valueAt } from './changed-fields.ts'
import { pathOf, pointerOf } from './pointer.ts'
import { type JsonObject, keyed } from './shape.ts'
import { mapShape } from './things.test-support.ts'

const shape = mapShape(
  z.object({
    title: z.string(),
    tags: z.array(z.string()),
    place: z.object({ city: z.string().optional(), zip: z.string().optional() }).optional(),
    stock: z.record(z.string(), z.object({ n: z.number() })),
    parts: keyed('sku', z.object({ sku: z.string(), price: z.number().optional() })).optional(),
  }),
)
const before: JsonObject = {
  title: 't',
  tags: ['a'],
  place: { city: 'SEA', zip: '1' },
  stock: { oil: { n: 1 } },
  parts: [
    { sku: 'a', price: 1 },
    { sku: 'b', price: 2 },
  ],
}

interface Draft {
  title?: string
  place?: object
  stock: object
  parts?: object[]
}

/** Each edit, the fields that it changes, and what is left when those go back. */
const edits: [string[], (draft: Draft) => void][] = [
  [[], () => undefined],
  [['/title'], (draft) => Object.assign(draft, { title: 'u' })],
  [['/tags'], (draft) => Object.assign(draft, { tags: [] })],
  [['/title'], (draft) => delete draft.title],
  [['/extra'], (draft) => Object.assign(draft, { extra: { of: 'a newer version' } })],
  [['/place/city'], (draft) => Object.assign(draft.place!, { city: 'PDX' })],
  [['/place', '/place/city', '/place/zip'], (draft) => delete draft.place],
  [['/stock/gas', '/stock/gas/n'], (draft) => Object.assign(draft.stock, { gas: { n: 3 } })],
  [['/stock/oil/n'], (draft) => Object.assign(draft.stock, { oil: { n: 3 } })],
  [['/parts/a/price'], (draft) => Object.assign(draft.parts![0]!, { price: 9 })],
  [['/parts/c', '/parts/c/sku'], (draft) => draft.parts!.push({ sku: 'c' })],
  [['/parts/a', '/parts/a/sku', '/parts/a/price'], (draft) => draft.parts!.shift()],
  [['/parts/@order'], (draft) => draft.parts!.reverse()],
  [
    ['/parts', '/parts/a', '/parts/a/sku', '/parts/a/price', '/parts/b', '/parts/b/sku', '/parts/b/price'],
    (draft) => delete draft.parts,
  ],
]

describe('M-10: the fields that an edit changed', () => {
  test.each(edits)('%j', (changed, edit) => {
    const after = structuredClone(before)
    edit(after as never)
    const found = changedFields(shape, before, after)
    expect(found.map(pointerOf)).toEqual(changed)
    expect(putBack(shape, before, after, found)).toEqual(before)
    expect(putBack(shape, before, after, [])).toEqual(after)
  })

  test('one goes back, the others stay', () => {
    const after = {
      ...before,
      title: 'u',
      place: { city: 'PDX', zip: '2' },
      parts: [
        { sku: 'b', price: 3 },
        { sku: 'c', price: 5 },
      ],
    }
    const back = (...pointers: string[]) => putBack(shape, before, after, pointers.map(pathOf))
    expect(back('/place/city')).toEqual({ ...after, place: { city: 'SEA', zip: '2' } })
    expect(back('place')).toEqual({ ...after, place: before.place })
    expect(back('/parts/b/price').parts).toEqual([
      { sku: 'b', price: 2 },
      { sku: 'c', price: 5 },
    ])
    // What stood in a row that only one side has goes back with the row.
    expect(back('/parts/a/price').parts).toEqual([{ sku: 'a', price: 1 }, ...after.parts])
    expect(back('/parts/c/price').parts).toEqual([{ sku: 'b', price: 3 }])
    expect(back('/nowhere/at/all', '/title/deeper', '/parts/z/price')).toEqual({ ...after, title: 't' })
  })

  test('of a new record all; a field of another kind as a whole', () => {
    expect(changedFields(shape, {}, { title: 't', place: { city: 'SEA' } }).map(pointerOf)).toEqual([
      '/title',
      '/place',
      '/place/city',
    ])
    expect(changedFields(shape, { place: 'x' }, { place: { city: 'SEA' } }).map(pointerOf)).toEqual([
      '/place',
    ])
  })

  test('outermost leaves out what is inside another one', () => {
    const paths = ['/a/b/c', '/a/b', '/ab', '/d/e'].map(pathOf)
    expect(outermost(paths).map(pointerOf)).toEqual(['/a/b', '/ab', '/d/e'])
  })

  test('values are found by the key of their row, and in what the schema does not name', () => {
    const value = { ...before, more: { list: [1, { deep: true }] } }
    const at = (pointer: string) => valueAt(shape, value, pathOf(pointer))
    expect(at('/parts/b/price')).toBe(2)
    expect(at('/parts/@order')).toEqual(['a', 'b'])
    expect(at('/more/list/1/deep')).toBe(true)
    expect([at('/parts/z/price'), at('/title/x'), at('/toString')]).toEqual([undefined, undefined, undefined])
    expect(at('')).toBe(value)
  })
})

test('R-9: pointers are read as they were written', () => {
  for (const path of [[], ['a'], ['a/b', 'c~d', '~1', ''], ['']])
    expect(pathOf(pointerOf(path))).toEqual(path)
  expect(pathOf('a/b')).toEqual(['a/b'])
})
