/** What a page's edit becomes on a record that moved on, held against the merge of the same two edits made at once in two documents. */
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { startEngine } from '../replica/replica.test-support.ts'
import { equalJson } from './edits.ts'
import { withPeers } from './peer.test-support.ts'
import { rebase } from './rebase.ts'
import { isObject, type Json, type JsonObject, type Shape } from './shape.ts'
import { PROPERTY, thing, thingShape } from './things.test-support.ts'

beforeAll(startEngine)

interface Values {
  base: Json | undefined
  ours: Json | undefined
  theirs: Json | undefined
  merged: Json | undefined
  rebased: Json | undefined
}

/** Order is free where both wrote. Letters and items are another test's matter: which of them are the same is told by another search here than in the engine. */
function expectSame(shape: Shape | undefined, values: Values, at: string): void {
  const { base, ours, theirs, merged, rebased } = values
  if (equalJson(ours, base) || equalJson(theirs, base)) {
    expect(unordered(rebased), at).toEqual(unordered(merged))
    return
  }
  // Removed by one and written by the other: say what comes of it, and the document says otherwise.
  if (ours === undefined || ours === null || theirs === undefined || theirs === null) return
  if (shape?.kind === 'scalar') expect(rebased, at).toEqual(ours)
  else if (shape?.kind === 'counter') expect(rebased, at).toBe(merged)
  else if (shape?.kind === 'map')
    for (const [field, inner] of shape.fields)
      expectSame(
        inner,
        each(values, (one) => part(one, field)),
        `${at}/${field}`,
      )
  else if (shape?.kind === 'dictionary')
    for (const key of keysOf(values))
      expectSame(
        shape.value,
        each(values, (one) => part(one, key)),
        `${at}/${key}`,
      )
  else if (shape?.kind === 'keyed')
    expectSameRows(
      shape,
      each(values, (one) => rowsOf(shape.key, one)),
      at,
    )
}

function expectSameRows({ row }: Shape & { kind: 'keyed' }, values: Values, at: string): void {
  for (const key of keysOf(values)) {
    const rows = each(values, (one) => part(one, key))
    expect(rows.rebased === undefined, `${at}/${key}`).toBe(rows.merged === undefined)
    if (rows.merged !== undefined) expectSame(row, rows, `${at}/${key}`)
  }
}

const each = (values: Values, change: (one: Json | undefined) => Json | undefined): Values => ({
  base: change(values.base),
  ours: change(values.ours),
  theirs: change(values.theirs),
  merged: change(values.merged),
  rebased: change(values.rebased),
})

const keysOf = (values: Values) =>
  new Set(Object.values(values).flatMap((one) => Object.keys((one ?? {}) as object)))

function part(value: Json | undefined, key: string): Json | undefined {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
}

function rowsOf(key: string, list: Json | undefined): JsonObject | undefined {
  return list === undefined
    ? undefined
    : Object.fromEntries((list as JsonObject[]).map((row) => [row[key], row]))
}

/** Rows by no order: one that was moved and one that was made at once may stand either way. */
function unordered(value: Json | undefined): Json | undefined {
  if (Array.isArray(value))
    return value
      .map((one) => unordered(one)!)
      .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, unordered(value[key])!]),
  )
}

test('R-60 to R-64: counters, rows, scalars and what only one of the two wrote are as in the merged document', () => {
  fc.assert(
    fc.property(thing, thing, thing, (base, mine, other) => {
      withPeers(thingShape, 2, (a, b) => {
        a.assign(base)
        b.take(a)
        a.assign(mine)
        b.assign(other)
        const [ours, theirs] = [a.view, b.view]
        b.take(a)
        const rebased = rebase(thingShape, base, ours, theirs)
        expectSame(thingShape, { base, ours, theirs, merged: b.view, rebased }, '')
      })
    }),
    PROPERTY,
  )
})
