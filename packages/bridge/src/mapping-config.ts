/** How a collection and a type of rows correspond, as an operator writes it down: checked strictly, so that a misspelt key is an error that says where. */
import type { Json, JsonObject } from '@skerry/core'
import * as z from 'zod'
import type { ExternalRow } from './adapter-port.ts'
import { type Tier, tiers } from './delivery/tiers.ts'
import { type MatchConfig, type MergeConfig, matchSchema, mergeSchema } from './identity/identity-config.ts'
import { COLLECT_MS_MAX, FIELDS_MAX } from './limits.ts'
import { type ConflictRule, namedRules } from './rules/resolve.ts'

export type Direction = 'both' | 'in' | 'out'
/** What becomes of a record that one side deleted and the other edited (SPEC B-33, B-104). */
export type DeleteRule = 'edit-wins' | 'delete-wins' | 'review'
/**
 * Whose a field is (SPEC B-96 to B-98). `this`: nobody changes it there; `that`: nobody changes it here. A list of systems, the highest first: a lower one does not overrule what a higher
 * one gave.
 */
export type Authority = 'this' | 'that' | readonly string[]

export interface FieldConfig {
  /** The field's name in the external system. */
  field: string
  /** From the record's value to the row's; pure. Undefined and null both empty the field. */
  to?: (value: Json | undefined) => Json | undefined
  /** From the row's value (null when absent) to the record's; pure. Undefined removes the field. */
  from?: (value: Json) => Json | undefined
  /** Default `both`. */
  direction?: Direction
  /** Default `last-writer`, or `merge` for a field that merges (text, list, map, counter). A function must depend on the conflict alone. */
  rule?: ConflictRule
  /** An edit of this field is written in the critical tier, whatever the mapping's, and is not collected first (SPEC B-50). */
  urgent?: boolean
  /** Default nobody's: both sides edit it alike. */
  authority?: Authority
}

export interface MappingConfig {
  /** Name of a collection of the replica. */
  collection: string
  /** Type of rows in the external system; each type belongs to one mapping. */
  type: string
  /** By the record's field: the external field's name, or more about it. */
  fields: Record<string, string | FieldConfig>
  filter?: {
    /** Rows that become records. One that has become a record stays one. */
    in?: (row: ExternalRow) => boolean
    /** Records that are written. */
    out?: (record: JsonObject) => boolean
  }
  /** Default `edit-wins`. */
  deletes?: DeleteRule
  /** Milliseconds for which edits of a record are collected before one call writes them all, counted from the first; default 0 (SPEC B-19). */
  collectMs?: number
  /** How much its writes matter: whose turn it is, and what of the budget they may use. `reference` waits for approval. Default `operational` (SPEC B-50 to B-53). */
  tier?: Tier
  /** Fields that a record made from a row gets where the row has none. */
  defaults?: JsonObject
  /** How a row and a record that are both there already are known to be the same thing; absent: only by the external id (SPEC B-125, B-126). */
  match?: readonly MatchConfig[]
  /** How two records that are the same thing become one (SPEC B-131 to B-133). */
  merge?: MergeConfig
}

// biome-ignore lint/complexity/noBannedTypes: zod checks that it can be called, the interface above says how
const callable = z.custom<Function>((value) => typeof value === 'function', 'want a function')
const name = z.string().min(1).max(200)
const rule = z.custom<ConflictRule>(
  (value) => typeof value === 'function' || (namedRules as readonly unknown[]).includes(value),
  `want one of ${namedRules.join(', ')}, or a function of the conflict`,
)
const authority = z.custom<Authority>(
  (value) => value === 'this' || value === 'that' || isListOfNames(value),
  "want 'this', 'that', or a list of systems, the highest first, each once",
)

function isListOfNames(value: unknown): boolean {
  if (!Array.isArray(value) || value.length === 0) return false
  return new Set(value).size === value.length && value.every((one) => name.safeParse(one).success)
}

const fieldSchema = z.union([
  name,
  z.strictObject({
    field: name,
    to: callable.optional(),
    from: callable.optional(),
    direction: z.enum(['both', 'in', 'out']).optional(),
    rule: rule.optional(),
    authority: authority.optional(),
    urgent: z.boolean().optional(),
  }),
])

const fieldsSchema = z
  .record(z.string(), fieldSchema)
  .refine((fields) => Object.keys(fields).length > 0, 'wants at least one field')
  .refine((fields) => Object.keys(fields).length <= FIELDS_MAX, `at most ${FIELDS_MAX} fields`)

export const mappingSchema = z.strictObject({
  collection: z.string().min(1),
  type: name,
  fields: fieldsSchema,
  filter: z.strictObject({ in: callable.optional(), out: callable.optional() }).optional(),
  deletes: z.enum(['edit-wins', 'delete-wins', 'review']).optional(),
  collectMs: z.number().int().min(0).max(COLLECT_MS_MAX).optional(),
  tier: z.enum(tiers).optional(),
  defaults: z.record(z.string(), z.json()).optional(),
  match: matchSchema.optional(),
  merge: mergeSchema.optional(),
})
