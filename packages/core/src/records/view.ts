/**
 * From a document's plain data to the view an app reads: scalars unwrapped, keyed lists back in order, our own keys hidden. A field that the
 * schema does not name (written by a newer version) stays in the document and is shown as plain JSON.
 */
import { plainScalar } from '../engine/document.ts'
import { comparePositions, isPosition } from './position.ts'
import { isReservedKey, type Json, type JsonObject, type Shape } from './shape.ts'

/** Key in a keyed row that holds its place in the list. */
export const POSITION_KEY = '@pos'
/** Key at the root that marks a deleted record. */
export const DELETED_KEY = '@deleted'

export interface View {
  value: JsonObject
  deleted: boolean
}

export function viewOf(shape: Shape & { kind: 'map' }, raw: Record<string, unknown>): View {
  return {
    value: mapView(shape, raw),
    deleted: Object.hasOwn(raw, DELETED_KEY) && plainScalar(raw[DELETED_KEY]) === true,
  }
}

function mapView(shape: Shape & { kind: 'map' }, raw: Record<string, unknown>): JsonObject {
  const view: JsonObject = {}
  for (const key of Object.keys(raw).sort()) {
    if (isReservedKey(key)) continue
    const field = shape.fields.get(key)
    const value = field ? fieldView(field, raw[key]) : plainJson(raw[key])
    if (value !== undefined) view[key] = value
  }
  return view
}

function fieldView(shape: Shape, raw: unknown): Json | undefined {
  switch (shape.kind) {
    case 'scalar':
      return isContainer(raw) ? undefined : plainScalar(raw)
    case 'text':
      return isContainer(raw) ? undefined : plainText(raw)
    case 'counter':
      return isContainer(raw) ? undefined : wholeNumber(raw)
    case 'list':
      return Array.isArray(raw) ? raw.map(plainScalar) : undefined
    case 'map':
      return isMap(raw) ? mapView(shape, raw) : undefined
    case 'dictionary':
      return isMap(raw) ? dictionaryView(shape, raw) : undefined
    case 'keyed':
      return isMap(raw) ? keyedView(shape, raw) : undefined
  }
}

/** What an earlier version of the schema kept there as one value is shown; the first edit makes a text of it. */
function plainText(raw: unknown): string | undefined {
  const value = plainScalar(raw)
  return value === null ? undefined : String(value)
}

/** What an earlier version of the schema kept there as a number counts; anything else is no counter, and so is absent. */
function wholeNumber(raw: unknown): number | undefined {
  const value = plainScalar(raw)
  return Number.isInteger(value) ? Number(value) : undefined
}

function dictionaryView(shape: Shape & { kind: 'dictionary' }, raw: Record<string, unknown>): JsonObject {
  const view: JsonObject = {}
  for (const key of Object.keys(raw).sort()) {
    const value = isReservedKey(key) ? undefined : fieldView(shape.value, raw[key])
    if (value !== undefined) view[key] = value
  }
  return view
}

function keyedView(shape: Shape & { kind: 'keyed' }, raw: Record<string, unknown>): Json[] {
  return Object.entries(raw)
    .filter((row): row is [string, Record<string, unknown>] => isRow(...row))
    .map(([key, row]) => ({
      key,
      position: positionOf(row),
      view: { ...mapView(shape.row, row), [shape.key]: key },
    }))
    .sort((a, b) => comparePositions(a.position, b.position) || (a.key < b.key ? -1 : 1))
    .map((row) => row.view)
}

/** Keys that no draft could write are no rows. */
function isRow(key: string, raw: unknown): raw is Record<string, unknown> {
  return key !== '' && !isReservedKey(key) && isMap(raw)
}

/** Empty for a row without a place: it stands at the start. */
function positionOf(row: Record<string, unknown>): string {
  const position = Object.hasOwn(row, POSITION_KEY) ? String(plainScalar(row[POSITION_KEY])) : ''
  return isPosition(position) ? position : ''
}

/** Places of a keyed list's rows, by key, as the document has them. */
export function positionsOf(raw: unknown): Map<string, string> {
  const positions = new Map<string, string>()
  if (isMap(raw))
    for (const [key, row] of Object.entries(raw)) if (isRow(key, row)) positions.set(key, positionOf(row))
  return positions
}

function plainJson(raw: unknown): Json {
  if (Array.isArray(raw)) return raw.map(plainJson)
  if (!isMap(raw)) return plainScalar(raw)
  return Object.fromEntries(
    Object.keys(raw)
      .filter((key) => !isReservedKey(key))
      .sort()
      .map((key) => [key, plainJson(raw[key])]),
  )
}

function isContainer(raw: unknown): boolean {
  return Array.isArray(raw) || isMap(raw)
}

/** A map of the engine, as opposed to its wrapped scalars (immutable string, counter), which have a prototype of their own. */
function isMap(raw: unknown): raw is Record<string, unknown> {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return false
  const prototype: unknown = Object.getPrototypeOf(raw)
  return prototype === Object.prototype || prototype === null
}
