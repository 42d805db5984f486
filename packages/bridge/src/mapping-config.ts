/**
 * How a collection and a type of rows correspond, as an operator writes it down: checked strictly, so that a misspelt key is an error that says where. The same in TypeScript, where
 * functions may stand, and in a YAML or JSON file, where expressions stand for them.
 */
import type { Json, JsonObject, Scalar } from '@skerry/core'
import * as z from 'zod'
import type { ExternalRow } from './adapter-port.ts'
import { COLLECT_MS_MAX, FIELDS_MAX, TABLE_VALUES_MAX } from './limits.ts'
import { DECIMAL_DIGITS_MAX } from './mapping/decimal.ts'
import { type Form, forms, type Kind, kinds } from './mapping/kinds.ts'

export type Direction = 'both' | 'in' | 'out'
/** What becomes of a field that both sides changed (SPEC B-30, B-31). */
export type ConflictRule = 'last-writer' | 'this-side' | 'that-side' | 'merge'
/** What becomes of a record that one side deleted and the other edited (SPEC B-33). */
export type DeleteRule = 'edit-wins' | 'delete-wins'
/** JSONata (SPEC B-77). */
export type Expression = string

/** When what is ours is written (SPEC B-86 to B-88). */
export type ModeConfig =
  /** Default. */
  | 'at-once'
  /** When `bridge.pushNow` says so. */
  | 'on-demand'
  /** Milliseconds since the last edit, and at most `ceilingMs` since the first; by default ten times as long. */
  | { quietMs: number; ceilingMs?: number }
  /** Five fields, or six with seconds first; `zone` is a name such as `Europe/Berlin`, default UTC. */
  | { cron: string; zone?: string }

export interface FieldConfig {
  /** The field in the external system; `Account.Name` leads into an object (SPEC B-70). */
  field: string
  /** Conversion by declaration (SPEC B-72); instead of `to` and `from`. */
  kind?: Kind
  /** How the row has it, where that is not the kind's default. */
  as?: Form
  /** Digits behind the point, of a decimal. */
  scale?: number
  /** Of an enum, or of a boolean (`true`, `false`): the row's value by the record's. */
  values?: Record<string, Scalar>
  /** From the record's value to the row's; pure. Undefined and null both empty the field. */
  to?: ((value: Json | undefined) => Json | undefined) | Expression
  /** From the row's value (null when absent) to the record's; pure. Undefined removes the field. */
  from?: ((value: Json) => Json | undefined) | Expression
  /** Collection whose record's id the record's field holds (SPEC B-80). The row's holds the id of that record's row. */
  reference?: string
  /** What the row's field holds of the other row; default `rowId`. */
  by?: 'rowId' | 'externalId'
  /** Default: the mapping's. */
  direction?: Direction
  /** Default `last-writer`, or `merge` for a field that merges (text, list, map, counter). */
  rule?: ConflictRule
}

/** Several fields that only together say the same (SPEC B-71). Functions get and give an object with the fields of one side; they are not called where all of it is empty. */
export interface GroupConfig {
  /** Fields of the record. */
  record: string[]
  /** Fields of the row. */
  row: string[]
  to?: ((values: JsonObject) => JsonObject | undefined) | Expression
  from?: ((values: JsonObject) => JsonObject | undefined) | Expression
  direction?: Direction
  rule?: ConflictRule
}

export interface MappingConfig {
  /** Name of a collection of the replica. */
  collection: string
  /** Type of rows in the external system. */
  type: string
  /** By the record's field, `address.city` leads into an object: the external field's name, or more about it. */
  fields: Record<string, string | FieldConfig>
  groups?: GroupConfig[]
  /** Of all its fields; default `both`. */
  direction?: Direction
  filter?: {
    /** Rows that become records. One that has become a record stays one. An expression sees the row's fields. */
    in?: ((row: ExternalRow) => boolean) | Expression
    /** Records that are written. */
    out?: ((record: JsonObject) => boolean) | Expression
  }
  /** Default `edit-wins`. */
  deletes?: DeleteRule
  /** When edits are written; default `at-once`. */
  mode?: ModeConfig
  /** Milliseconds for which edits of a record are collected before one call writes them all, counted from the first; default 0 (SPEC B-19). Of the mode `at-once`. */
  collectMs?: number
  /** Fields that a record made from a row gets where the row has none. */
  defaults?: JsonObject
  /** Fields that a row made from a record gets where the record has none; also constants that no field is mapped to (SPEC B-75). */
  rowDefaults?: JsonObject
}

// biome-ignore lint/complexity/noBannedTypes: zod checks that it can be called, the interface above says how
const callable = z.custom<Function>((value) => typeof value === 'function', 'want a function')
const expression = z.string().min(1).describe('JSONata')
const name = z.string().min(1).max(200)
const direction = z.enum(['both', 'in', 'out'])
const rule = z.enum(['last-writer', 'this-side', 'that-side', 'merge'])
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()], {
  error: 'want text, a number, true, false or null',
})
const duration = z.number().int().min(0).max(COLLECT_MS_MAX)

const tableSchema = z
  .record(z.string(), scalar)
  .refine((values) => Object.keys(values).length > 0, 'wants at least one value')
  .refine((values) => Object.keys(values).length <= TABLE_VALUES_MAX, `at most ${TABLE_VALUES_MAX} values`)

const modeSchema = z.union(
  [
    z.enum(['at-once', 'on-demand']),
    z.strictObject({ quietMs: duration.min(1), ceilingMs: duration.min(1).optional() }),
    z.strictObject({ cron: z.string(), zone: z.string().optional() }),
  ],
  { error: 'want at-once, on-demand, { quietMs } or { cron }' },
)

/** @param code what may stand for a function */
function fieldSchema(code: z.ZodType) {
  return z.union(
    [
      name,
      z.strictObject({
        field: name,
        kind: z.enum(kinds).optional(),
        as: z.enum(forms).optional(),
        scale: z.number().int().min(0).max(DECIMAL_DIGITS_MAX).optional(),
        values: tableSchema.optional(),
        to: code.optional(),
        from: code.optional(),
        reference: z.string().min(1).optional(),
        by: z.enum(['rowId', 'externalId']).optional(),
        direction: direction.optional(),
        rule: rule.optional(),
      }),
    ],
    { error: "want the external field's name, or { field, … }" },
  )
}

function groupSchema(code: z.ZodType) {
  const names = z.array(name).min(1).max(FIELDS_MAX)
  return z.strictObject({
    record: names,
    row: names,
    to: code.optional(),
    from: code.optional(),
    direction: direction.optional(),
    rule: rule.optional(),
  })
}

function mappingSchemaWith(code: z.ZodType) {
  return z.strictObject({
    collection: z.string().min(1),
    type: name,
    fields: z
      .record(z.string().min(1), fieldSchema(code))
      .refine((fields) => Object.keys(fields).length > 0, 'wants at least one field')
      .refine((fields) => Object.keys(fields).length <= FIELDS_MAX, `at most ${FIELDS_MAX} fields`),
    groups: z.array(groupSchema(code)).max(FIELDS_MAX).optional(),
    direction: direction.optional(),
    filter: z.strictObject({ in: code.optional(), out: code.optional() }).optional(),
    deletes: z.enum(['edit-wins', 'delete-wins']).optional(),
    mode: modeSchema.optional(),
    collectMs: duration.optional(),
    defaults: z.record(z.string(), z.json()).optional(),
    rowDefaults: z.record(z.string(), z.json()).optional(),
  })
}

export const mappingSchema = mappingSchemaWith(
  z.union([callable, expression], { error: 'want a function, or an expression' }),
)

/** What a YAML or JSON file holds. */
export const mappingFileSchema = z.strictObject({ mappings: z.array(mappingSchemaWith(expression)).min(1) })
