import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isSameOrInside, PATH_STEPS_MAX, parsePath, valueAt, withValueAt } from './path.ts'

const name = fc.string({ minLength: 1, maxLength: 5 }).filter((text) => !text.includes('\\'))
const written = (names: readonly string[]) => names.map((text) => text.replaceAll('.', '\\.')).join('.')

test('B-70 what is put at a path is found there, whatever the names are, and nothing beside it changes', () => {
  fc.assert(
    fc.property(
      fc.array(name, { minLength: 1, maxLength: 4 }),
      fc.object(),
      fc.jsonValue(),
      (names, object, value) => {
        const path = parsePath(written(names))
        const before = JSON.parse(JSON.stringify(object))
        const after = withValueAt(before, path, value as never)
        expect(path.steps).toEqual(names)
        if (value !== null) expect(valueAt(after, path)).toEqual(value)
        expect(before).toEqual(JSON.parse(JSON.stringify(object)))
        for (const key of Object.keys(before)) if (key !== path.root) expect(after[key]).toBe(before[key])
      },
    ),
    { seed: 1, numRuns: 300 },
  )
})

describe('B-70', () => {
  test('a value taken away leaves the object it was in; nothing is made for nothing', () => {
    const path = parsePath('a.b')
    expect(withValueAt({ a: { b: 1 } }, path, undefined)).toEqual({ a: {} })
    expect(withValueAt({ a: { b: 1 } }, path, null)).toEqual({ a: { b: null } })
    expect(withValueAt({}, path, undefined)).toEqual({})
    expect(withValueAt({ a: null }, path, null)).toEqual({ a: null })
    expect(withValueAt({ a: 'text' }, path, 1)).toEqual({ a: { b: 1 } })
  })

  test('what every object inherits is not there', () => {
    expect(valueAt({}, parsePath('constructor.name'))).toBeUndefined()
    expect(valueAt({ a: {} }, parsePath('a.__proto__'))).toBeUndefined()
    const odd = withValueAt({}, parsePath('__proto__.role'), 'admin')
    expect([Object.keys(odd), ({} as { role?: string }).role]).toEqual([['__proto__'], undefined])
  })

  test('a path is as long as a person reads', () => {
    const path = (steps: number) => Array(steps).fill('a').join('.')
    expect(parsePath(path(PATH_STEPS_MAX)).steps).toHaveLength(PATH_STEPS_MAX)
    expect(() => parsePath(path(PATH_STEPS_MAX + 1))).toThrow(`limit ${PATH_STEPS_MAX}`)
    for (const empty of ['', '.a', 'a.', 'a..b']) expect(() => parsePath(empty)).toThrow('has an empty name')
  })

  test('one leads into another', () => {
    expect(isSameOrInside(['a'], ['a', 'b'])).toBe(true)
    expect(isSameOrInside(['a', 'b'], ['a', 'c'])).toBe(false)
  })
})
