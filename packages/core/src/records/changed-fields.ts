/**
 * Which fields of a record differ, by path, down to the single value; what only one side has, and then each field of it. Rows are named by their keys, and the order of rows by a name
 * that no row can have.
 */

import { equalJson, own } from './edits.ts'
import { copyJson } from './json-copy.ts'
import { isObject, type Json, type JsonObject, type Shape } from './shape.ts'

type MapShape = Shape & { kind: 'map' }
type Rows = ReadonlyMap<string, Json>

/** Stands behind a keyed list's path for the order of its rows. */
const ORDER_NAME = '@order'

export function changedFields(shape: MapShape, before: JsonObject, after: JsonObject): string[][] {
  return changesIn(shape, before, after, [])
}

/** The value at this path; of a row by its key. */
export function valueAt(
  shape: Shape | undefined,
  value: Json | undefined,
  path: readonly string[],
): Json | undefined {
  const [part, ...rest] = path
  if (part === undefined || value === undefined) return value
  if (shape?.kind === 'keyed' && Array.isArray(value))
    return part === ORDER_NAME
      ? [...rowsByKey(shape, value).keys()]
      : valueAt(shape.row, rowsByKey(shape, value).get(part), rest)
  if (Array.isArray(value)) return valueAt(undefined, value[Number(part)], rest)
  return isObject(value) ? valueAt(innerShape(shape, part), own(value, part), rest) : undefined
}

/** Of what stands at this path; undefined where nothing says it. */
export function shapeAt(shape: Shape | undefined, [part, ...rest]: readonly string[]): Shape | undefined {
  if (part === undefined) return shape
  return shapeAt(shape?.kind === 'keyed' ? shape.row : innerShape(shape, part), rest)
}

/** `after` with what stands at these paths as it was before. What stood in something that only one side has goes back with it. */
export function putBack(
  shape: MapShape,
  before: JsonObject,
  after: JsonObject,
  paths: Iterable<readonly string[]>,
): JsonObject {
  const mended = copyJson(after)
  for (const path of paths) restore(shape, mended, before, path)
  return mended
}

function changesIn(
  shape: Shape | undefined,
  before: Json | undefined,
  after: Json | undefined,
  path: string[],
): string[][] {
  if (equalJson(before, after)) return []
  if (shape?.kind === 'map' || shape?.kind === 'dictionary') {
    if (isObject(before) && isObject(after)) return changesInMap(shape, before, after, path)
    if (before === undefined) return [path, ...changesInMap(shape, {}, asMap(after), path)]
    if (after === undefined) return [path, ...changesInMap(shape, asMap(before), {}, path)]
  }
  if (shape?.kind === 'keyed') {
    if (Array.isArray(before) && Array.isArray(after)) return changesInRows(shape, before, after, path)
    if (before === undefined) return [path, ...changesInRows(shape, [], asRows(after), path)]
    if (after === undefined) return [path, ...changesInRows(shape, asRows(before), [], path)]
  }
  return [path]
}

function changesInMap(shape: Shape, before: JsonObject, after: JsonObject, path: string[]): string[][] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) =>
    changesIn(innerShape(shape, key), own(before, key), own(after, key), [...path, key]),
  )
}

function asMap(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {}
}

function asRows(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : []
}

function changesInRows(
  shape: Shape & { kind: 'keyed' },
  before: Json[],
  after: Json[],
  path: string[],
): string[][] {
  const [old, now] = [rowsByKey(shape, before), rowsByKey(shape, after)]
  const changed = [...new Set([...old.keys(), ...now.keys()])].flatMap((key) =>
    changesIn(shape.row, old.get(key), now.get(key), [...path, key]),
  )
  const stayed = (rows: Rows, others: Rows) => [...rows.keys()].filter((key) => others.has(key))
  return equalJson(stayed(old, now), stayed(now, old)) ? changed : [...changed, [...path, ORDER_NAME]]
}

function restore(
  shape: Shape | undefined,
  at: Json,
  before: Json | undefined,
  path: readonly string[],
): void {
  const [part, ...rest] = path
  if (part === undefined) return
  if (shape?.kind === 'keyed' && Array.isArray(at)) {
    restoreRow(shape, at, Array.isArray(before) ? before : [], part, rest)
    return
  }
  if (!isObject(at)) return
  const was = isObject(before) ? own(before, part) : undefined
  const now = own(at, part)
  if (rest.length > 0 && isContainer(was) && isContainer(now))
    restore(innerShape(shape, part), now, was, rest)
  else if (was === undefined) delete at[part]
  else at[part] = copyJson(was)
}

function restoreRow(
  shape: Shape & { kind: 'keyed' },
  rows: Json[],
  before: Json[],
  key: string,
  rest: readonly string[],
): void {
  if (key === ORDER_NAME) {
    const places = new Map([...rowsByKey(shape, before).keys()].map((one, i) => [one, i]))
    const place = (row: Json) => places.get(keyOf(shape, row)) ?? places.size
    rows.sort((a, b) => place(a) - place(b))
    return
  }
  const old = rowsByKey(shape, before)
  const was = old.get(key)
  const at = rows.findIndex((row) => keyOf(shape, row) === key)
  if (rest.length > 0 && was !== undefined && at >= 0) restore(shape.row, rows[at]!, was, rest)
  else if (was === undefined) {
    if (at >= 0) rows.splice(at, 1)
  } else if (at >= 0) rows[at] = copyJson(was)
  else rows.splice(Math.min([...old.keys()].indexOf(key), rows.length), 0, copyJson(was))
}

function innerShape(shape: Shape | undefined, key: string): Shape | undefined {
  if (shape?.kind === 'map') return shape.fields.get(key)
  return shape?.kind === 'dictionary' ? shape.value : undefined
}

/** Those that are inside no other one. */
export function outermost(paths: readonly string[][]): string[][] {
  const known = new Set(paths.map((path) => JSON.stringify(path)))
  return paths.filter((path) => !path.some((_, i) => known.has(JSON.stringify(path.slice(0, i)))))
}

function isContainer(value: Json | undefined): value is Json[] | JsonObject {
  return typeof value === 'object' && value !== null
}

function keyOf({ key }: Shape & { kind: 'keyed' }, row: Json): string {
  return isObject(row) ? String(own(row, key)) : ''
}

function rowsByKey(shape: Shape & { kind: 'keyed' }, rows: readonly Json[]): Rows {
  return new Map(rows.map((row) => [keyOf(shape, row), row]))
}
