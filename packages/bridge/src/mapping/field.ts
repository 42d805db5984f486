/**
 * One correspondence of a mapping: a value of the record and a value of the row that say the same. Mostly one field each; of a group (SPEC B-71) several on either side, whose values
 * then are one object with those fields, decided and written together. The engine knows a field by what is here, never by its configuration.
 */
import { type Json, type JsonObject, pointerOf } from '@skerry/core'
import type { Authority, Direction } from '../mapping-config.ts'
import type { ConflictRule, NamedRule } from '../rules/resolve.ts'
import type { Conversion } from './kinds.ts'
import { isSameOrInside, type Path, parsePath, valueAt, withValueAt } from './path.ts'

/** Between the names of a group's fields. */
export const BETWEEN_NAMES = ' + '

export interface Field {
  /** Names it in tables and messages: the record's path; of a group all of them. */
  name: string
  /** Names it in shadows and messages: the row's path; of a group all of them. */
  external: string
  /** In the record. */
  record: readonly Path[]
  /** In the row. */
  row: readonly Path[]
  direction: Direction
  rule: ConflictRule
  /** Named rules that it could have (SPEC B-109). */
  rules: readonly NamedRule[]
  authority: Authority | undefined
  urgent: boolean
  /** The row has a hash of it: it is written, and never taken in (SPEC B-158). */
  hashed?: true
  /** @throws BridgeError mapping, mapping-not-a-function */
  to(value: Json | undefined): Json
  /** @throws BridgeError mapping, mapping-not-a-function */
  from(value: Json): Json | undefined
  /** True for values of the row that are equal, or mean the same by their kind (SPEC B-72): `19.9` and `"19.90"` as money. */
  same(a: Json, b: Json): boolean
  reference?: Reference
  /** As it was declared; `code`: functions convert it, and nothing is known of what they write. Absent: as it is. */
  conversion?: Conversion | 'code'
  /** Of a reference: key of the record whose row must be there before this value can be written. Only where links are at hand (reference.ts). */
  missing?(value: Json | undefined): string | undefined
}

export interface Reference {
  collection: string
  /** What the row's field holds of the other row. */
  by: 'rowId' | 'externalId'
  /** The row holds the id as a number. */
  as?: 'number'
}

/** Undefined when the record has none of it. */
export function readField(
  record: JsonObject | undefined,
  { record: paths }: Pick<Field, 'record'>,
): Json | undefined {
  return together(record, paths)
}

/** A copy of the record with the field's value; undefined takes it away. */
export function withField(record: JsonObject, { record: paths }: Field, value: Json | undefined): JsonObject {
  if (paths.length === 1) return withValueAt(record, paths[0]!, value)
  return paths.reduce(
    (changed, path) => withValueAt(changed, path, valueAt(value as JsonObject | undefined, path)),
    record,
  )
}

/** Null when the row has none of it. */
export function rowPart(row: JsonObject, { row: paths }: Field): Json {
  return together(row, paths) ?? null
}

/** A copy of the row with the field's value; null empties it. */
export function withRowPart(row: JsonObject, { row: paths }: Field, value: Json): JsonObject {
  if (paths.length === 1) return withValueAt(row, paths[0]!, value)
  return paths.reduce(
    (changed, path) =>
      withValueAt(changed, path, value === null ? null : (valueAt(value as JsonObject, path) ?? null)),
    row,
  )
}

/** What a group's function gave, as `readField` and `rowPart` would read it back. */
export function together(object: JsonObject | undefined, paths: readonly Path[]): Json | undefined {
  if (paths.length === 1) return valueAt(object, paths[0]!)
  let value: JsonObject | undefined
  for (const path of paths) {
    const part = valueAt(object, path)
    if (part !== undefined && part !== null) value = withValueAt(value ?? {}, path, part)
  }
  return value
}

/** The values by JSON pointer into the record, as receipts name them. */
export function valuesByPointer(
  { record: paths }: Field,
  value: Json | undefined,
): [pointer: string, value: Json | undefined][] {
  if (paths.length === 1) return [[pointerOf(paths[0]!.steps), value]]
  return paths.map((path) => [pointerOf(path.steps), valueAt(value as JsonObject | undefined, path)])
}

/** True for a path of the record (a change's, an issue's) that has to do with the field. */
export function concerns({ record: paths }: Field, steps: readonly string[]): boolean {
  return steps.length > 0 && paths.some((path) => isSameOrInside(path.steps, steps))
}

/** JSON pointers of what it stands for in the record. */
export function pointersOf({ record: paths }: Pick<Field, 'record'>): string[] {
  return paths.map(({ steps }) => pointerOf(steps))
}

/** What a field stands for in the record, from its name alone: no mapping may have it any more, or that of another bridge. */
export function partsNamed(name: string): Pick<Field, 'record'> {
  return { record: name.split(BETWEEN_NAMES).map(parsePath) }
}

/**
 * The name of a change that sets these fields. What a reference leads to is known by the links of this node, and another node may know less: so the change is named by it, beside the
 * row's version, or two nodes would write different changes under one name (SPEC B-84).
 */
export function versionNaming(
  version: string,
  set: readonly { field: Field; value: Json | undefined }[],
): string {
  const references = set.filter(({ field }) => field.reference)
  if (references.length === 0) return version
  return `${version}\n${JSON.stringify(references.map(({ field, value }) => [field.name, value ?? null]))}`
}

/** True when the field leads into the row's field of this name, which is how a system speaks of it. */
export function isAt({ row: paths }: Field, external: string): boolean {
  return paths.some(({ text, root }) => text === external || root === external)
}
