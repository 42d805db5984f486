/**
 * The difference of two views as edits: how an app's plain assignment becomes a merge-friendly change. Assigned text becomes a text edit, an
 * assigned counter the amount it moved by, a keyed list is compared row by row. The bridge uses the same function on external values.
 */
import type { Json, JsonObject, Scalar, Shape } from './shape.ts'
import { isReservedKey } from './shape.ts'

export type Edit =
  | { op: 'put'; path: string[]; value: Scalar }
  | { op: 'delete'; path: string[] }
  /** The whole new text; the smallest edit is found when it is applied. */
  | { op: 'text'; path: string[]; value: string }
  | { op: 'increment'; path: string[]; by: number }
  | { op: 'list'; path: string[]; index: number; remove: number; insert: Scalar[] }
  | { op: 'make'; path: string[]; kind: 'map' | 'list' | 'text' | 'counter' }
  /** Order of a keyed list's rows after the edit, given when rows were added or moved. */
  | { op: 'order'; path: string[]; keys: string[] }

export class DraftError extends Error {
  override readonly name = 'DraftError'
  readonly code = 'draft'
}

/**
 * Fields that the schema does not name can be read but not written. `refuse` is for what an app assigned; `leave` is for differences that are not the
 * writer's doing (a mend, an edit set aside), where such a field stays as it is.
 */
export type UnknownFields = 'refuse' | 'leave'

interface Diff {
  edits: Edit[]
  unknown: UnknownFields
}

/** @throws DraftError for a value that cannot be kept (a function, a duplicate row key, a reserved key, with `refuse` an unknown field) */
export function diffViews(
  shape: Shape & { kind: 'map' },
  before: JsonObject,
  after: JsonObject,
  unknown: UnknownFields = 'refuse',
): Edit[] {
  const diff: Diff = { edits: [], unknown }
  diffMap(shape, before, after, [], diff)
  return diff.edits
}

function diffMap(
  shape: Shape & { kind: 'map' },
  before: JsonObject,
  after: JsonObject,
  path: string[],
  diff: Diff,
): void {
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const field = shape.fields.get(key)
    if (field) diffField(field, own(before, key), own(after, key), [...path, key], diff)
    else if (diff.unknown === 'refuse' && !equalJson(own(before, key), own(after, key)))
      throw new DraftError(
        `${[...path, key].join('.')}: the schema has no such field; it can be read but not written`,
      )
  }
}

/** Keys come from data: `toString` is one like any other, and not what every object inherits. */
export function own(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

function diffField(
  shape: Shape,
  before: Json | undefined,
  after: Json | undefined,
  path: string[],
  diff: Diff,
): void {
  if (equalJson(before, after)) return
  // A container is there or it is not: null means that it is not.
  if (after === undefined || (after === null && shape.kind !== 'scalar')) {
    if (before !== undefined) diff.edits.push({ op: 'delete', path })
    return
  }
  switch (shape.kind) {
    case 'scalar':
      diff.edits.push({ op: 'put', path, value: asScalar(after, path) })
      return
    case 'text':
      diffText(before, after, path, diff)
      return
    case 'counter':
      diffCounter(before, after, path, diff)
      return
    case 'list':
      diffList(before, after, path, diff)
      return
    case 'map':
      if (before === undefined) diff.edits.push({ op: 'make', path, kind: 'map' })
      diffMap(shape, asObject(before ?? {}, path), asObject(after, path), path, diff)
      return
    case 'dictionary':
      diffDictionary(shape, before, after, path, diff)
      return
    case 'keyed':
      diffKeyed(shape, before, after, path, diff)
  }
}

function diffText(before: Json | undefined, after: Json, path: string[], diff: Diff): void {
  if (typeof after !== 'string') throw new DraftError(`${path.join('.')}: expected text, got ${shown(after)}`)
  checkWellFormed(after, path)
  if (before === undefined) diff.edits.push({ op: 'make', path, kind: 'text' })
  if (after !== '' || before) diff.edits.push({ op: 'text', path, value: after })
}

function diffCounter(before: Json | undefined, after: Json, path: string[], diff: Diff): void {
  if (typeof after !== 'number' || !Number.isSafeInteger(after))
    throw new DraftError(`${path.join('.')}: a counter holds a whole number, got ${shown(after)}`)
  if (before === undefined) diff.edits.push({ op: 'make', path, kind: 'counter' })
  const by = after - (typeof before === 'number' ? before : 0)
  if (by !== 0) diff.edits.push({ op: 'increment', path, by })
}

function diffList(before: Json | undefined, after: Json, path: string[], diff: Diff): void {
  if (!Array.isArray(after)) throw new DraftError(`${path.join('.')}: expected a list`)
  const old = Array.isArray(before) ? before : []
  if (before === undefined) diff.edits.push({ op: 'make', path, kind: 'list' })
  let start = 0
  while (start < old.length && start < after.length && old[start] === after[start]) start++
  let end = 0
  while (end < old.length - start && end < after.length - start && old.at(-1 - end) === after.at(-1 - end))
    end++
  const insert = after.slice(start, after.length - end).map((value) => asScalar(value, path))
  const remove = old.length - end - start
  if (remove > 0 || insert.length > 0) diff.edits.push({ op: 'list', path, index: start, remove, insert })
}

function diffDictionary(
  shape: Shape & { kind: 'dictionary' },
  before: Json | undefined,
  after: Json,
  path: string[],
  diff: Diff,
): void {
  const old = asObject(before ?? {}, path)
  const next = asObject(after, path)
  if (before === undefined) diff.edits.push({ op: 'make', path, kind: 'map' })
  for (const key of new Set([...Object.keys(old), ...Object.keys(next)])) {
    if (isReservedKey(key)) throw new DraftError(`${[...path, key].join('.')}: this key is reserved`)
    checkWellFormed(key, path)
    diffField(shape.value, own(old, key), own(next, key), [...path, key], diff)
  }
}

function diffKeyed(
  shape: Shape & { kind: 'keyed' },
  before: Json | undefined,
  after: Json,
  path: string[],
  diff: Diff,
): void {
  const old = rowsByKey(shape, before ?? [], path)
  const next = rowsByKey(shape, after, path)
  if (before === undefined) diff.edits.push({ op: 'make', path, kind: 'map' })
  for (const key of old.keys()) if (!next.has(key)) diff.edits.push({ op: 'delete', path: [...path, key] })
  for (const [key, row] of next) {
    const previous = old.get(key)
    if (!previous) diff.edits.push({ op: 'make', path: [...path, key], kind: 'map' })
    diffMap(shape.row, previous ?? {}, row, [...path, key], diff)
  }
  const kept = [...old.keys()].filter((key) => next.has(key))
  const keys = [...next.keys()]
  if (keys.length > kept.length || keys.some((key, i) => key !== kept[i]))
    diff.edits.push({ op: 'order', path, keys })
}

function rowsByKey(shape: Shape & { kind: 'keyed' }, list: Json, path: string[]): Map<string, JsonObject> {
  if (!Array.isArray(list)) throw new DraftError(`${path.join('.')}: expected a list of rows`)
  const rows = new Map<string, JsonObject>()
  for (const item of list) {
    const row = asObject(item, path)
    const key = own(row, shape.key)
    if (typeof key !== 'string' || key === '' || isReservedKey(key))
      throw new DraftError(
        `${path.join('.')}: each row needs '${shape.key}', a non-empty string, got ${shown(key)}`,
      )
    checkWellFormed(key, path)
    if (rows.has(key)) throw new DraftError(`${path.join('.')}: two rows have ${shape.key} '${key}'`)
    rows.set(key, row)
  }
  return rows
}

function asObject(value: Json, path: string[]): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw new DraftError(`${path.join('.')}: expected an object, got ${shown(value)}`)
}

function asScalar(value: Json, path: string[]): Scalar {
  if (typeof value === 'string') checkWellFormed(value, path)
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  // JSON has one zero.
  if (typeof value === 'number' && Number.isFinite(value)) return value + 0
  throw new DraftError(
    `${path.join('.')}: expected a string, a finite number, a boolean or null, got ${shown(value)}`,
  )
}

/** The engine keeps UTF-8, and would put another character in the place of half a pair. */
function checkWellFormed(text: string, path: string[]): void {
  if (!text.isWellFormed())
    throw new DraftError(
      `${path.join('.')}: the text ${shown(text.toWellFormed())} has half of a character (an unpaired surrogate); cut texts between characters`,
    )
}

/** For messages: also of what is no JSON. */
function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value.slice(0, 40)}'`
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}

export function equalJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  return keys.every(
    (key) => Object.hasOwn(b, key) && equalJson((a as JsonObject)[key], (b as JsonObject)[key]),
  )
}
