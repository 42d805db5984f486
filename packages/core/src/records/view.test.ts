import { beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { containerChange } from '../change/container.ts'
import { Document } from '../engine/document.ts'
import { startEngine, testHost } from '../replica/replica.test-support.ts'
import { keepUnknown } from './keep-unknown.ts'
import { withPeers } from './peer.test-support.ts'
import { keyed, text } from './shape.ts'
import { mapShape, thingSchema, thingShape } from './things.test-support.ts'
import { DELETED_KEY, POSITION_KEY, positionsOf, viewOf } from './view.ts'

beforeAll(startEngine)

const view = (raw: Record<string, unknown>) => viewOf(thingShape, raw).value

describe('R-10: a view', () => {
  test('tells text, counters, lists, maps and rows as plain JSON, fields in order of their names', () => {
    withPeers(thingShape, 1, (peer) => {
      const value = {
        title: 't',
        notes: 'n',
        hours: -2,
        tags: ['a', 1],
        place: { city: 'c', at: { lat: 1.5, visits: 1 } },
        labels: { b: 'x', a: 'y' },
        parts: [{ sku: 'b', qty: 1 }, { sku: 'a' }],
      }
      peer.assign(value)
      expect(peer.view).toEqual(value)
      expect(Object.keys(peer.view)).toEqual(Object.keys(value).sort())
      expect(JSON.parse(JSON.stringify(peer.view))).toEqual(peer.view)
    })
  })

  test('R-50: a record is deleted when its mark says so, and by nothing else', () => {
    const deleted = (mark: unknown) => viewOf(thingShape, { [DELETED_KEY]: mark, title: 'x' })
    expect(deleted(true)).toEqual({ value: { title: 'x' }, deleted: true })
    for (const mark of [false, null, 1, 'true', {}]) expect(deleted(mark).deleted).toBe(false)
    expect(viewOf(thingShape, {}).deleted).toBe(false)
  })
})

describe('R-11: keys that are hidden', () => {
  const hidden = ['@pos', '@x', 'constructor', 'prototype']

  test('at the root, in maps, dictionaries, rows, as rows, and in what the schema does not name', () => {
    const inside = Object.fromEntries([...hidden, 'kept'].map((key) => [key, 'v']))
    const raw = {
      ...inside,
      place: { ...inside, city: 'c' },
      labels: inside,
      parts: { a: { ...inside, qty: 1 }, '': { qty: 1 }, '@x': { qty: 2 }, constructor: { qty: 3 } },
      newer: { deep: inside },
    }
    expect(view(raw)).toEqual({
      kept: 'v',
      labels: { kept: 'v' },
      newer: { deep: { kept: 'v' } },
      parts: [{ sku: 'a', qty: 1, kept: 'v' }],
      place: { city: 'c', kept: 'v' },
    })
  })

  test('fault C10: R-12: __proto__ reaches no prototype, from JSON or from the engine', () => {
    const raw = JSON.parse('{"__proto__":{"role":"admin"},"place":{"__proto__":{"role":"admin"},"city":"c"}}')
    const own = view(raw)
    expect(own).toEqual({ place: { city: 'c' } })
    expect((own as { role?: string }).role).toBeUndefined()
    expect((own['place'] as { role?: string }).role).toBeUndefined()
    expect(({} as { role?: string }).role).toBeUndefined()

    const document = new Document(`00${'11'.repeat(16)}`)
    const path = [{ key: 'labels', generation: 0 }]
    document.apply([containerChange({ record: 'r/1', incarnation: 0, path, kind: 'map' }, testHost()).bytes])
    document.put('_root', '__proto__', 'admin')
    document.put(document.container(['labels'])!.id, '__proto__', 'admin')
    const read = view(document.read())
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype)
    expect(Object.keys(read).filter((key) => key !== 'labels')).toEqual([])
    document.free()
  })
})

describe('fault C11: R-13: another kind than the schema says', () => {
  test.each([
    ['title', { a: 1 }, undefined],
    ['title', ['a'], undefined],
    ['notes', { a: 1 }, undefined],
    ['notes', 5, '5'],
    ['notes', null, undefined],
    ['hours', 'many', undefined],
    ['hours', 1.5, undefined],
    ['hours', Number.NaN, undefined],
    ['hours', [1], undefined],
    ['hours', 3, 3],
    ['tags', 'text', undefined],
    ['tags', { a: 1 }, undefined],
    ['place', 'x', undefined],
    ['place', ['x'], undefined],
    ['labels', 5, undefined],
    ['parts', ['a'], undefined],
    ['parts', { a: 'no row', b: ['x'], c: {} }, [{ sku: 'c' }]],
  ])('%s of %j is read as %j', (field, raw, read) => {
    expect(view({ [field]: raw })).toEqual(read === undefined ? {} : { [field]: read })
  })
})

describe('fault C12: R-14: numbers', () => {
  test.each([
    [-0, 0],
    [Number.NaN, null],
    [Number.NEGATIVE_INFINITY, null],
    [12n, 12],
  ])('%s is read as %s', (raw, read) => {
    expect(Object.is(view({ size: raw })['size'], read)).toBe(true)
  })
})

describe('R-24: what a newer version of the schema wrote', () => {
  const newer = mapShape(
    thingSchema.extend({
      priority: z.number().optional(),
      log: text().optional(),
      place: thingSchema.shape.place.unwrap().extend({ zip: z.string().optional() }).optional(),
      parts: keyed('sku', z.object({ sku: z.string(), colour: z.string().optional() })).optional(),
    }),
  )
  const written = {
    title: 'a',
    priority: 3,
    log: 'long',
    place: { city: 'x', zip: '0150' },
    parts: [{ sku: 'p', colour: 'red' }],
  }

  test('is shown, kept by an edit beside it, and still there for the newer version', () => {
    withPeers(newer, 1, (ahead) =>
      withPeers(thingShape, 1, (behind) => {
        ahead.assign(written)
        behind.take(ahead)
        expect(behind.view).toEqual({ ...written, parts: [{ sku: 'p', colour: 'red' }] })
        const seen = behind.view
        const draft = { ...seen, title: 'b', place: { ...(seen['place'] as object), city: 'y' } }
        // What the older schema hands back has only what it names.
        const parsed = thingSchema.parse(draft)
        expect(parsed.place).toEqual({ city: 'y' })
        behind.assign(keepUnknown(thingShape, draft, parsed as never))
        ahead.take(behind)
        expect(ahead.view).toEqual({ ...written, title: 'b', place: { city: 'y', zip: '0150' } })
      }),
    )
  })
})

test('positionsOf tells rows only', () => {
  const rows = {
    a: { [POSITION_KEY]: 'A' },
    b: {},
    c: 'no row',
    '@x': { [POSITION_KEY]: 'B' },
    d: { [POSITION_KEY]: '0' },
  }
  expect([...positionsOf(rows)]).toEqual([
    ['a', 'A'],
    ['b', ''],
    ['d', ''],
  ])
  expect(positionsOf('x').size).toBe(0)
})
