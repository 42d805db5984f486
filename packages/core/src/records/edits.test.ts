import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { DraftError, diffViews, equalJson } from './edits.ts'
import type { JsonObject } from './shape.ts'
import { mapShape, thingShape } from './things.test-support.ts'

const edits = (before: JsonObject, after: JsonObject) => diffViews(thingShape, before, after)
const refusal = (after: unknown, before: JsonObject = {}) => {
  try {
    edits(before, after as JsonObject)
  } catch (error) {
    expect(error).toBeInstanceOf(DraftError)
    return (error as DraftError).message
  }
  return undefined
}

describe('R-20: the difference of two views', () => {
  test('is the smallest edit of each field', () => {
    const before = {
      title: 'a',
      notes: 'n',
      hours: 3,
      tags: ['a', 'b', 'c', 'd'],
      place: { city: 'x', hint: 'h' },
    }
    const after = {
      title: 'b',
      notes: 'nn',
      hours: 1,
      tags: ['a', 'X', 'd'],
      place: { city: 'x', hint: 'hh' },
    }
    expect(edits(before, after)).toEqual([
      { op: 'put', path: ['title'], value: 'b' },
      { op: 'text', path: ['notes'], value: 'nn' },
      { op: 'increment', path: ['hours'], by: -2 },
      { op: 'list', path: ['tags'], index: 1, remove: 2, insert: ['X'] },
      { op: 'text', path: ['place', 'hint'], value: 'hh' },
    ])
    expect(edits(after, after)).toEqual([])
  })

  test('makes what was not there, also when it is empty', () => {
    expect(edits({}, { notes: '', hours: 0, tags: [], labels: {}, parts: [], place: {} })).toEqual(
      [
        ['notes', 'text'],
        ['hours', 'counter'],
        ['tags', 'list'],
        ['labels', 'map'],
        ['parts', 'map'],
        ['place', 'map'],
      ].map(([field, kind]) => ({ op: 'make', path: [field], kind })),
    )
  })

  test('R-30: says the order of rows only when rows came or moved', () => {
    const rows = [{ sku: 'a' }, { sku: 'b' }, { sku: 'c' }]
    const ops = (parts: JsonObject[]) => edits({ parts: rows }, { parts }).map((edit) => edit.op)
    expect(ops([rows[0]!, rows[2]!])).toEqual(['delete'])
    expect(ops([{ sku: 'a', qty: 1 }, rows[1]!, rows[2]!])).toEqual(['put'])
    expect(ops([rows[1]!, rows[0]!, rows[2]!])).toEqual(['order'])
    expect(ops([...rows, { sku: 'd' }])).toEqual(['make', 'put', 'order'])
  })
})

describe('R-21: refused drafts', () => {
  const row = { sku: 'a' }
  test.each([
    [{ unknown: 1 }, /no such field/],
    [{ place: { unknown: 1 } }, /place.unknown: .*no such field/],
    [{ title: {} }, /title: expected a string/],
    [{ size: Number.NaN }, /finite/],
    [{ size: Number.POSITIVE_INFINITY }, /finite/],
    [{ title: () => 1 }, /title/],
    [{ title: 1n }, /title/],
    [{ notes: 5 }, /notes: expected text/],
    [{ hours: 1.5 }, /hours: a counter holds a whole number/],
    [{ hours: 2 ** 53 }, /hours/],
    [{ hours: '1' }, /hours/],
    [{ tags: 'a' }, /tags: expected a list/],
    [{ tags: [['a']] }, /tags/],
    [{ place: [] }, /place: expected an object/],
    [{ labels: 'x' }, /labels: expected an object/],
    [{ labels: { '@x': 'a' } }, /labels.@x: this key is reserved/],
    [{ labels: { constructor: 'a' } }, /reserved/],
    [{ labels: JSON.parse('{"__proto__":"a"}') }, /reserved/],
    [{ parts: {} }, /parts: expected a list of rows/],
    [{ parts: ['a'] }, /parts: expected an object/],
    [{ parts: [{ qty: 1 }] }, /parts: each row needs 'sku'/],
    [{ parts: [{ sku: '' }] }, /each row needs/],
    [{ parts: [{ sku: 7 }] }, /each row needs/],
    [{ parts: [{ sku: '@x' }] }, /each row needs/],
    [{ parts: [{ sku: '__proto__' }] }, /each row needs/],
    [{ parts: [row, row] }, /two rows have sku 'a'/],
  ])('%o', (after, reason) => {
    expect(refusal(after)).toMatch(reason)
  })
})

describe('R-22: null', () => {
  test('is a value of a plain field, and the absence of what merges', () => {
    expect(edits({ size: 1 }, { size: null })).toEqual([{ op: 'put', path: ['size'], value: null }])
    const all = { notes: 'x', hours: 1, tags: ['a'], place: {}, labels: {}, parts: [] }
    const none = Object.fromEntries(Object.keys(all).map((key) => [key, null]))
    expect(edits(all, none)).toEqual(Object.keys(all).map((key) => ({ op: 'delete', path: [key] })))
    expect(edits({}, none)).toEqual([])
  })
})

describe('fault C10: R-23: keys that every object inherits are keys', () => {
  const shape = mapShape(z.object({ valueOf: z.string().optional(), by: z.record(z.string(), z.string()) }))
  test.each(['toString', 'valueOf', 'hasOwnProperty'])('%s comes and goes', (key) => {
    expect(diffViews(shape, { by: {} }, { by: { [key]: 'x' } })).toEqual([
      { op: 'put', path: ['by', key], value: 'x' },
    ])
    expect(diffViews(shape, { by: { [key]: 'x' } }, { by: {} })).toEqual([
      { op: 'delete', path: ['by', key] },
    ])
  })

  test('also as a field of the schema', () => {
    expect(diffViews(shape, { valueOf: 'x', by: {} } as never, { by: {} })).toEqual([
      { op: 'delete', path: ['valueOf'] },
    ])
  })
})

describe('R-24: fields that the schema does not name', () => {
  const before = { title: 'a', newer: 1, place: { newer: [1] }, parts: [{ sku: 'a', newer: {} }] }

  test('may stay as they are', () => {
    expect(edits(before, { ...before, title: 'b' })).toHaveLength(1)
  })

  test('are left alone, at every depth, where the difference is nobody’s draft', () => {
    const after = { title: 'b', place: { other: 1 }, parts: [{ sku: 'a', newer: 'x' }] }
    expect(diffViews(thingShape, before, after, 'leave')).toEqual([
      { op: 'put', path: ['title'], value: 'b' },
    ])
    expect(() => edits(before, after)).toThrow(DraftError)
  })
})

test('R-14: JSON has one zero', () => {
  expect(edits({ size: 0 }, { size: -0 })).toEqual([])
  expect(edits({}, { size: -0 })).toEqual([{ op: 'put', path: ['size'], value: 0 }])
})

test.each([
  [1, 1, true],
  [0, -0, true],
  ['1', 1, false],
  [null, undefined, false],
  [[1, [2]], [1, [2]], true],
  [[1], { 0: 1 }, false],
  [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
  [{ a: undefined }, {}, false],
  [{ toString: 1 }, { x: 1 }, false],
  [{ x: undefined }, { y: undefined }, false],
])('equalJson(%j, %j) is %j', (a, b, equal) => {
  expect(equalJson(a as never, b as never)).toBe(equal)
  expect(equalJson(b as never, a as never)).toBe(equal)
})
