/** What a mapping says of things that are there twice: how a row and a record are known to be the same, and what becomes of two records that are (SPEC B-125 to B-134). */
import type { Json, JsonObject } from '@skerry/core'
import * as z from 'zod'
import { MATCH_RULES_MAX } from '../limits.ts'

/** Fields are those of the record. */
export type MatchConfig =
  | { how: 'exact' | 'normalised'; fields: readonly string[] }
  /** `fields` with their weights; the score of a pair is from 0 to 1. */
  | { how: 'scored'; fields: Readonly<Record<string, number>>; sure: number; doubtful: number }

/** One side of a merge, for one field. */
export interface Surviving {
  record: string
  value: Json | undefined
  /** Milliseconds since 1970; undefined when nobody can say. */
  changedAt: number | undefined
  /** The record has a row in this system. */
  hasRow: boolean
}

/** Which value of a field survives (SPEC B-132); the survivor's comes first. */
export type Survivorship =
  | 'most-recent'
  | 'longest'
  | 'that-side'
  | 'non-empty'
  | ((sides: readonly [survivor: Surviving, other: Surviving]) => Json | undefined)

export interface MergeConfig {
  /** By the record's field. Default `non-empty`. */
  fields?: Record<string, Survivorship>
  /** What becomes of the other record and its row: default `delete`; or fields that mark them. */
  other?: 'delete' | { mark: JsonObject }
}

const name = z.string().min(1)
const rule = z.custom<Extract<Survivorship, (...sides: never) => unknown>>(
  (value) => typeof value === 'function',
  'want a function',
)
const share = z.number().min(0).max(1)

const scoredSchema = z
  .strictObject({
    how: z.literal('scored'),
    fields: z
      .record(name, z.number().positive())
      .refine((fields) => Object.keys(fields).length > 0, 'wants at least one field'),
    sure: share,
    doubtful: share,
  })
  .refine(
    ({ sure, doubtful }) => doubtful <= sure,
    'doubtful is the lower threshold, and may not be above sure',
  )

export const matchSchema = z
  .array(
    z.discriminatedUnion('how', [
      z.strictObject({ how: z.literal('exact'), fields: z.array(name).min(1) }),
      z.strictObject({ how: z.literal('normalised'), fields: z.array(name).min(1) }),
      scoredSchema,
    ]),
  )
  .min(1)
  .max(MATCH_RULES_MAX)

const survivorship = z.union([
  z.enum(['most-recent', 'longest', 'that-side', 'non-empty'], {
    error: 'want most-recent, longest, that-side, non-empty or a function',
  }),
  rule,
])

export const mergeSchema = z.strictObject({
  fields: z.record(name, survivorship).optional(),
  other: z
    .union([z.literal('delete'), z.strictObject({ mark: z.record(name, z.json()) })], {
      error: "want 'delete' or { mark: { field: value } }",
    })
    .optional(),
})

/** Fields of the record that a mapping names here; whoever checks it knows which there are. */
export function namedFields({
  match = [],
  merge,
}: {
  match?: readonly MatchConfig[]
  merge?: MergeConfig
}): string[] {
  const matched = match.flatMap((rule) =>
    rule.how === 'scored' ? Object.keys(rule.fields) : [...rule.fields],
  )
  const marks = typeof merge?.other === 'object' ? Object.keys(merge.other.mark) : []
  return [...matched, ...Object.keys(merge?.fields ?? {}), ...marks]
}
