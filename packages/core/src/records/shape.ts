/**
 * What a collection's fields are to the merge: a tree of shapes, read once from the zod schema. `text()`, `counter()` and `keyed()`
 * mark their schemas in a registry; everything else follows from zod's own types. Shapes decide how a view is read from a document and
 * how the difference of two views becomes edits; validation stays with the schema.
 */
import * as z from 'zod'

export type Scalar = string | number | boolean | null

export type Json = Scalar | Json[] | { [key: string]: Json }

export type JsonObject = { [key: string]: Json }

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What a plain field may hold: `choice` is an enum or a literal, whose values are names and no quantities. */
export type ScalarKind = 'string' | 'number' | 'boolean' | 'choice' | 'null'

export type Shape =
  /** The last writer wins as a whole. */
  | {
      kind: 'scalar'
      holds: readonly ScalarKind[]
      /** Code units, of a string with `.max()`. */
      lengthMax?: number
      /** All that a choice may be. */
      choices?: readonly Scalar[]
    }
  /** Merges letter by letter. */
  | { kind: 'text' }
  /** Adds up. */
  | { kind: 'counter' }
  /** Merges field by field. */
  | { kind: 'map'; fields: ReadonlyMap<string, Shape> }
  /** `z.record`: keys from data, all of one shape. */
  | { kind: 'dictionary'; value: Shape }
  /** A list of objects, kept as a map by `key` with a position, so that it merges row by row. */
  | { kind: 'keyed'; key: string; row: Shape & { kind: 'map' } }
  /** A list of scalars, edited by index. */
  | { kind: 'list' }

type Marked = { kind: 'text' } | { kind: 'counter' } | { kind: 'keyed'; key: string; row: z.ZodObject }

/** By schema instance: a method such as `.min(1)` makes a new, unmarked one, so constraints belong inside, wrappers (`.optional()`) outside. */
const marked = new WeakMap<z.ZodType, Marked>()

function mark<Schema extends z.ZodType>(schema: Schema, as: Marked): Schema {
  marked.set(schema, as)
  return schema
}

/** A string that merges letter by letter when two replicas edit it at once. */
export function text(): z.ZodString {
  return mark(z.string(), { kind: 'text' })
}

/** A number that adds up: concurrent `+= 2` and `+= 3` give 5 more. Assigning adds the difference to what was read. */
export function counter(): z.ZodNumber {
  return mark(z.number().int(), { kind: 'counter' })
}

/**
 * A list of objects that merges row by row; `key` names the field that tells rows apart (a string, unique in the list).
 */
export function keyed<Row extends z.ZodObject>(key: keyof z.infer<Row> & string, row: Row): z.ZodArray<Row> {
  return mark(z.array(row), { kind: 'keyed', key, row })
}

export class SchemaDefinitionError extends Error {
  override readonly name = 'SchemaDefinitionError'
  readonly code = 'schema-definition'
}

/** Keys the documents use themselves, or that would reach an object's prototype. */
export function isReservedKey(key: string): boolean {
  return key.startsWith('@') || key === '__proto__' || key === 'constructor' || key === 'prototype'
}

/** @throws SchemaDefinitionError for a schema that cannot be kept as a merging document */
export function shapeOf(schema: z.ZodType, where: string): Shape {
  const as = marked.get(schema)
  if (as?.kind === 'text') return { kind: 'text' }
  if (as?.kind === 'counter') return { kind: 'counter' }
  if (as?.kind === 'keyed') {
    const row = shapeOf(as.row, `${where}[]`)
    if (row.kind !== 'map' || row.fields.get(as.key)?.kind !== 'scalar')
      throw new SchemaDefinitionError(
        `${where}: keyed('${as.key}') needs that field in its rows, as a plain string`,
      )
    return { kind: 'keyed', key: as.key, row }
  }
  const unwrapped = unwrap(schema)
  if (unwrapped !== schema) return shapeOf(unwrapped, where)
  return plainShape(schema, where)
}

const scalarKinds = new Map<string, ScalarKind>([
  ['string', 'string'],
  ['template_literal', 'string'],
  ['number', 'number'],
  ['int', 'number'],
  ['boolean', 'boolean'],
  ['enum', 'choice'],
  ['literal', 'choice'],
  ['null', 'null'],
])

function plainShape(schema: z.ZodType, where: string): Shape {
  const type = schema.def.type
  const scalar = scalarKinds.get(type)
  if (scalar) return { kind: 'scalar', holds: [scalar], ...boundsOf(schema) }
  if (schema instanceof z.ZodObject) return objectShape(schema, where)
  if (schema instanceof z.ZodRecord)
    return { kind: 'dictionary', value: shapeOf(schema.valueType as z.ZodType, `${where}.*`) }
  if (schema instanceof z.ZodUnion) {
    const holds = scalarsOf(schema.options as z.ZodType[], where)
    if (holds) return { kind: 'scalar', holds }
  }
  if (schema instanceof z.ZodArray) {
    if (shapeOf(schema.element as z.ZodType, `${where}[]`).kind === 'scalar') return { kind: 'list' }
    throw new SchemaDefinitionError(
      `${where}: a list of objects must say what tells its rows apart: keyed('id', z.object({ … }))`,
    )
  }
  throw new SchemaDefinitionError(
    `${where}: a field of type '${type}' cannot be kept in a record; use strings, numbers, booleans, enums, objects, records, text(), counter() or keyed()`,
  )
}

/** What else the schema says of a scalar, for whoever compares it with another system's. */
function boundsOf(schema: z.ZodType): Pick<Shape & { kind: 'scalar' }, 'lengthMax' | 'choices'> {
  if (schema instanceof z.ZodString) return schema.maxLength === null ? {} : { lengthMax: schema.maxLength }
  if (schema instanceof z.ZodEnum) return { choices: schema.options }
  if (schema instanceof z.ZodLiteral) return { choices: [...schema.values] as Scalar[] }
  return {}
}

/** How a field is stored whose name another one had in an earlier version. */
const takenAgain = /~\d+$/

function objectShape(schema: z.ZodObject, where: string): Shape {
  const fields = new Map<string, Shape>()
  for (const [key, value] of Object.entries(schema.shape)) {
    if (isReservedKey(key) || takenAgain.test(key))
      throw new SchemaDefinitionError(`${where}.${key}: this field name is reserved`)
    const field = shapeOf(value as z.ZodType, `${where}.${key}`)
    if (field.kind !== 'scalar' && mustBeNull(value as z.ZodType))
      throw new SchemaDefinitionError(
        `${where}.${key}: what merges is there or absent, and cannot be null; use .optional() instead of .nullable()`,
      )
    fields.set(key, field)
  }
  return { kind: 'map', fields }
}

/** True for a field that can be null but not absent. */
function mustBeNull(schema: z.ZodType): boolean {
  return schema.safeParse(null).success && !schema.safeParse(undefined).success
}

/** What the options hold together; undefined when one of them is no scalar. */
function scalarsOf(options: readonly z.ZodType[], where: string): ScalarKind[] | undefined {
  const holds = new Set<ScalarKind>()
  for (const option of options) {
    const shape = shapeOf(option, where)
    if (shape.kind !== 'scalar') return undefined
    for (const kind of shape.holds) holds.add(kind)
  }
  return [...holds]
}

function unwrap(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return schema.unwrap() as z.ZodType
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodReadonly) return schema.unwrap() as z.ZodType
  return schema
}
