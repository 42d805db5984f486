import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { startEngine } from '../replica/replica.test-support.ts'
import { equalJson } from './edits.ts'
import { type Peer, withPeers } from './peer.test-support.ts'
import type { Json, JsonObject, Shape } from './shape.ts'
import { PROPERTY, thing, thingShape } from './things.test-support.ts'

beforeAll(startEngine)

/** Both get what the other has. */
function meet(a: Peer, b: Peer): void {
  a.take(b)
  b.take(a)
}

/** What two edits of one value made at once may become: an independent statement of. Throws when `merged` is none of it. */
function expectMerged(
  shape: Shape,
  base: Json | undefined,
  [a, b]: readonly [Json | undefined, Json | undefined],
  merged: Json | undefined,
  at: string,
): void {
  if (equalJson(a, base)) {
    expectSame(shape, merged, b, at)
    return
  }
  if (equalJson(b, base)) {
    expectSame(shape, merged, a, at)
    return
  }
  if (shape.kind === 'scalar') {
    // Of a value and a removal the value stays.
    const left = [a, b].filter((one) => one !== undefined)
    expect(left.length === 0 ? merged === undefined : left.some((one) => equalJson(one, merged)), at).toBe(
      true,
    )
    return
  }
  if (base !== undefined && (a === undefined || b === undefined)) {
    expect(merged, at).toBeUndefined()
    return
  }
  if (a === undefined || b === undefined) {
    expectSame(shape, merged, a ?? b, at)
    return
  }
  expectInside(shape, base, [a, b], merged, at)
}

function expectInside(
  shape: Exclude<Shape, { kind: 'scalar' }>,
  base: Json | undefined,
  [a, b]: readonly [Json, Json],
  merged: Json | undefined,
  at: string,
): void {
  switch (shape.kind) {
    case 'counter':
      expect(merged, at).toBe(Number(a) + Number(b) - Number(base ?? 0))
      return
    case 'text':
    case 'list': {
      const length = (of: Json | undefined) => (of as string | Json[] | undefined)?.length ?? 0
      expect(length(merged), at).toBeLessThanOrEqual(length(a) + length(b))
      return
    }
    case 'map':
      for (const [key, field] of shape.fields)
        expectMerged(
          field,
          inside(base, key),
          [inside(a, key), inside(b, key)],
          inside(merged, key),
          `${at}/${key}`,
        )
      return
    case 'dictionary':
      for (const key of keysOf(base, a, b, merged))
        expectMerged(
          shape.value,
          inside(base, key),
          [inside(a, key), inside(b, key)],
          inside(merged, key),
          `${at}/${key}`,
        )
      return
    case 'keyed': {
      const [baseRows, aRows, bRows, mergedRows] = [base, a, b, merged].map((list) => byKey(shape.key, list))
      for (const key of keysOf(baseRows, aRows, bRows, mergedRows))
        expectMerged(
          shape.row,
          inside(baseRows, key),
          [inside(aRows, key), inside(bRows, key)],
          inside(mergedRows, key),
          `${at}/${key}`,
        )
    }
  }
}

/** Equal, but for the order of rows: two may have come to the same place. */
function expectSame(shape: Shape, merged: Json | undefined, value: Json | undefined, at: string): void {
  const whole = shape.kind === 'keyed' ? byKey(shape.key, merged) : merged
  expect(
    equalJson(whole, shape.kind === 'keyed' ? byKey(shape.key, value) : value),
    `${at}: ${JSON.stringify([merged, value])}`,
  ).toBe(true)
}

function inside(value: Json | undefined, key: string): Json | undefined {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as JsonObject)[key]
    : undefined
}

function byKey(key: string, list: Json | undefined): Json | undefined {
  if (!Array.isArray(list)) return undefined
  return Object.fromEntries(list.map((row) => [(row as JsonObject)[key] as string, row]))
}

function keysOf(...values: (Json | undefined)[]): Set<string> {
  return new Set(values.flatMap((value) => Object.keys((value as JsonObject | undefined) ?? {})))
}

describe('one replica', () => {
  test('R-20: whatever was there, writing the difference makes exactly the new value', () => {
    fc.assert(
      fc.property(fc.array(thing, { minLength: 1, maxLength: 5 }), (values) =>
        withPeers(thingShape, 2, (peer, reader) => {
          for (const value of values) {
            peer.assign(value)
            expect(equalJson(peer.view, value), JSON.stringify([peer.view, value])).toBe(true)
            reader.take(peer)
            expect(reader.view).toEqual(peer.view)
          }
        }),
      ),
      PROPERTY,
    )
  })

  test('R-20: writing what is there already makes no change', () => {
    fc.assert(
      fc.property(thing, (value) =>
        withPeers(thingShape, 1, (peer) => {
          peer.assign(value)
          expect(peer.assign(peer.view)).toEqual({ containers: [], own: [] })
        }),
      ),
      PROPERTY,
    )
  })
})

describe('two replicas at once', () => {
  test('R-40, R-41: both end with the same value, and each field has what was written to it', () => {
    fc.assert(
      fc.property(thing, thing, thing, (base, left, right) =>
        withPeers(thingShape, 2, (a, b) => {
          a.assign(base)
          b.take(a)
          a.assign(left)
          b.assign(right)
          meet(a, b)
          expect(a.view).toEqual(b.view)
          expectMerged(thingShape, base, [left, right], a.view, '')
        }),
      ),
      { ...PROPERTY, numRuns: 100 },
    )
  })

  test('R-40: both make the same record offline', () => {
    fc.assert(
      fc.property(thing, thing, (left, right) =>
        withPeers(thingShape, 2, (a, b) => {
          a.assign(left)
          b.assign(right)
          meet(a, b)
          expect(a.view).toEqual(b.view)
          expectMerged(thingShape, {}, [left, right], a.view, '')
        }),
      ),
      PROPERTY,
    )
  })

  const step = fc.record({
    who: fc.nat({ max: 2 }),
    value: thing,
    from: fc.nat({ max: 2 }),
    meet: fc.boolean(),
  })

  test('R-40: three replicas that edit and meet as they like converge, and each edit was exact where it was made', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 4, maxLength: 14 }), (steps) =>
        withPeers(thingShape, 3, (...peers) => {
          for (const { who, value, from, meet: meets } of steps) {
            const peer = peers[who]!
            peer.assign(value)
            expect(equalJson(peer.view, value), JSON.stringify([peer.view, value])).toBe(true)
            if (meets) peer.take(peers[from]!)
          }
          for (const one of peers) for (const other of peers) one.take(other)
          const [first, ...others] = peers.map((peer) => peer.view)
          for (const other of others) expect(other).toEqual(first)
          expect(new Set(peers.map((peer) => peer.document.heads().sort().join())).size).toBe(1)
        }),
      ),
      { ...PROPERTY, numRuns: 40 },
    )
  })
})
