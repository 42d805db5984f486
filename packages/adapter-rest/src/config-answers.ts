/**
 * What answers mean where the defaults (RFC 9110, classify.ts) are not what the system means: a table, read from the top. Each line says of which answers it speaks, and what they are.
 */
import * as z from 'zod'

export const meanings = [
  'done',
  /** The row is another one than was expected; the answer may hold it. */
  'conflict',
  'gone',
  'absent',
  /** The position of a listing is of no use any more. */
  'expired',
  'unauthorized',
  'later',
  'rejected',
  'unknown',
] as const

export type Meaning = (typeof meanings)[number]

const value = z.union([z.string(), z.number(), z.boolean(), z.null()])

const regularExpression = z.string().refine((source) => {
  try {
    new RegExp(source)
    return true
  } catch {
    return false
  }
}, 'is no regular expression')

export const answerSchema = z.strictObject({
  /** One status, or from one to another. */
  status: z.union([z.number().int(), z.tuple([z.number().int(), z.number().int()])]).optional(),
  /** Default: of both. */
  to: z.enum(['read', 'write']).optional(),
  /** By place in the body: a value, a regular expression that it matches, or that anything stands there. All must be so. */
  body: z
    .record(
      z.string(),
      z.union([
        value,
        z.strictObject({ matches: regularExpression }),
        z.strictObject({ there: z.boolean() }),
      ]),
    )
    .optional(),
  header: z.record(z.string(), regularExpression).optional(),
  is: z.enum(meanings),
  /** Milliseconds to wait where the answer does not say. */
  waitMs: z.number().int().min(0).optional(),
})

export type AnswerRule = z.output<typeof answerSchema>
