/**
 * How a collection and a type of rows correspond, as an operator writes it down: checked strictly, so that a misspelt key is an error that says where. The same in TypeScript, where
 * functions may stand, and in a YAML or JSON file, where expressions stand for them.
 */
import type { Json, JsonObject, Scalar } from '@skerry/core'
import * as z from 'zod'
import type { ExternalRow } from './adapter-port.ts'
import { type Tier, tiers } from './delivery/tiers.ts'
import {
  type MatchConfig,
  type MergeConfig,
  matchSchema,
  mergeFileSchema,
  mergeSchema,
} from './identity/identity-config.ts'
import { COLLECT_MS_MAX, FIELDS_MAX, TABLE_VALUES_MAX } from './limits.ts'
import { DECIMAL_DIGITS_MAX } from './mapping/decimal.ts'
import { type Form, forms, type Kind, kinds } from './mapping/kinds.ts'
import { type ConflictRule, namedRules } from './rules/resolve.ts'

export type Direction = 'both' | 'in' | 'out'
/** What becomes of a record that one side deleted and the other edited (SPEC B-33, B-104). */
export type DeleteRule = 'edit-wins' | 'delete-wins' | 'review'
/**
 * Whose a field is (SPEC B-96 to B-98). `this`: nobody changes it there; `that`: nobody changes it here. A list of systems, the highest first: a lower one does not overrule what a higher
 * one gave.
 */
export type Authority = 'this' | 'that' | readonly string[]
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
  /** Default `last-writer`, or `merge` for a field that merges (text, list, map, counter). A function must depend on the conflict alone. */
  rule?: ConflictRule
  /** An edit of this field is written in the critical tier, whatever the mapping's, and is not collected first (SPEC B-50). */
  urgent?: boolean
  /** Default nobody's: both sides edit it alike. */
  authority?: Authority
  /** The row gets a keyed hash of it (HMAC-SHA256, hex), and nothing is taken in (SPEC B-158). The bridge wants a `hashKey`. */
  hashed?: boolean
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
  urgent?: boolean
  authority?: 'this' | 'that'
}

/** What is never bridged, in either direction, and kept in no table of the bridge (SPEC B-157). Paths; what lies in them too. */
export interface NeverConfig {
  /** Of the record. */
  record?: readonly string[]
  /** Of the row, as far as an adapter tells it. */
  row?: readonly string[]
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
  /** How much its writes matter: whose turn it is, and what of the budget they may use. `reference` waits for approval. Default `operational` (SPEC B-50 to B-53). */
  tier?: Tier
  /** Fields that a record made from a row gets where the row has none. */
  defaults?: JsonObject
  /** How a row and a record that are both there already are known to be the same thing; absent: only by the external id (SPEC B-125, B-126). */
  match?: readonly MatchConfig[]
  /** How two records that are the same thing become one (SPEC B-131 to B-133). */
  merge?: MergeConfig
  /** Fields that a row made from a record gets where the record has none; also constants that no field is mapped to (SPEC B-75). */
  rowDefaults?: JsonObject
  never?: NeverConfig
}

// biome-ignore lint/complexity/noBannedTypes: zod checks that it can be called, the interface above says how
const callable = z.custom<Function>((value) => typeof value === 'function', 'want a function')
const expression = z.string().min(1).describe('JSONata')
const name = z.string().min(1).max(200)
const direction = z.enum(['both', 'in', 'out'])
const namedRule = z.enum(namedRules)
const owner = z.enum(['this', 'that'])
const wantAuthority = "want 'this', 'that', or a list of systems, the highest first, each once"
const authority = z
  .union([z.array(name), owner], { error: wantAuthority })
  .refine((value) => typeof value === 'string' || isListOfNames(value), { error: wantAuthority })
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

function isListOfNames(value: readonly string[]): boolean {
  return value.length > 0 && new Set(value).size === value.length
}

/** What differs between TypeScript and a file. */
interface Code {
  /** What may stand for a function. */
  code: z.ZodType
  rule: z.ZodType
  merge: z.ZodType
}

function fieldSchema({ code, rule }: Code) {
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
        urgent: z.boolean().optional(),
        authority: authority.optional(),
        hashed: z.boolean().optional(),
      }),
    ],
    { error: "want the external field's name, or { field, … }" },
  )
}

const names = z.array(name).min(1).max(FIELDS_MAX)

function groupSchema({ code, rule }: Code) {
  return z.strictObject({
    record: names,
    row: names,
    to: code.optional(),
    from: code.optional(),
    direction: direction.optional(),
    rule: rule.optional(),
    urgent: z.boolean().optional(),
    authority: owner.optional(),
  })
}

function mappingSchemaWith(may: Code) {
  const { code, merge } = may
  return z.strictObject({
    collection: z.string().min(1),
    type: name,
    fields: z
      .record(z.string().min(1), fieldSchema(may))
      .refine((fields) => Object.keys(fields).length > 0, 'wants at least one field')
      .refine((fields) => Object.keys(fields).length <= FIELDS_MAX, `at most ${FIELDS_MAX} fields`),
    groups: z.array(groupSchema(may)).max(FIELDS_MAX).optional(),
    direction: direction.optional(),
    filter: z.strictObject({ in: code.optional(), out: code.optional() }).optional(),
    deletes: z.enum(['edit-wins', 'delete-wins', 'review']).optional(),
    mode: modeSchema.optional(),
    collectMs: duration.optional(),
    tier: z.enum(tiers).optional(),
    defaults: z.record(z.string(), z.json()).optional(),
    rowDefaults: z.record(z.string(), z.json()).optional(),
    never: z
      .strictObject({ record: names.optional(), row: names.optional() })
      .refine(({ record, row }) => record !== undefined || row !== undefined, 'wants record, row, or both')
      .optional(),
    match: matchSchema.optional(),
    merge: merge.optional(),
  })
}

export const mappingSchema = mappingSchemaWith({
  code: z.union([callable, expression], { error: 'want a function, or an expression' }),
  rule: z.union([namedRule, callable], {
    error: `want one of ${namedRules.join(', ')}, or a function of the conflict`,
  }),
  merge: mergeSchema,
})

const fileCode = { code: expression, rule: namedRule, merge: mergeFileSchema }

/** What a YAML or JSON file holds: rules by their names, since an expression is not told apart from one. */
export const mappingFileSchema = z.strictObject({
  mappings: z.array(mappingSchemaWith(fileCode)).min(1),
})
