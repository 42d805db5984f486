import { expect, test } from 'vitest'
import { valueAt, withValueAt } from './path-in.ts'

const value = { a: { b: [{ c: 1 }], 'x.y': 2, '/': 3 }, 'd.e': 4 }

test.each<[string, unknown]>([
  ['', value],
  ['a.b', [{ c: 1 }]],
  ['a.b.0.c', 1],
  ['/a/x.y', 2],
  ['/a/~1', 3],
  ['/d.e', 4],
  ['d.e', undefined],
  ['a.z.z', undefined],
  ['a.constructor', undefined],
  ['__proto__.polluted', undefined],
])('at %j stands %j', (path, found) => {
  expect(valueAt(value, path)).toEqual(found)
})

test.each<[string, unknown, object]>([
  ['x', 1, { a: { b: 1 }, x: 1 }],
  ['a.c', 2, { a: { b: 1, c: 2 } }],
  ['x.y.z', 3, { a: { b: 1 }, x: { y: { z: 3 } } }],
  ['/a/x.y', 4, { a: { b: 1, 'x.y': 4 } }],
  ['a.b.c', 5, { a: { b: { c: 5 } } }],
  ['', { c: 6 }, { a: { b: 1 }, c: 6 }],
])('put at %j', (path, put, whole) => {
  const before = { a: { b: 1 } }
  expect(withValueAt(before, path, put as never)).toEqual(whole)
  expect(before).toEqual({ a: { b: 1 } })
})
