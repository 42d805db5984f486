/** Where a listing stands, as a word that only this adapter reads. Times are milliseconds since 1970 by Salesforce's clock. */
import * as z from 'zod'

const time = z.number().int().min(0)
const cursorSchema = z.strictObject({ stamp: time, id: z.string() })

/** Of the changes. */
const positionSchema = z.strictObject({
  kind: z.literal('changes'),
  /** Rows of this stamp and later. */
  since: time,
  /** When the pass began; absent between two passes. */
  startedAt: time.optional(),
  /** Up to which row it has come. */
  at: cursorSchema.optional(),
  /** Deletions are asked for from here; absent in the first pass of all. */
  deletedFrom: time.optional(),
  /** All rows were told; of the deletions up to `to`, so many. */
  deletions: z.strictObject({ to: time, told: z.number().int().min(0) }).optional(),
})

/** Of a whole listing: after which id. */
const listPositionSchema = z.strictObject({ kind: z.literal('list'), after: z.string() })

export type Position = z.output<typeof positionSchema>

/** Undefined for what this adapter did not make. */
export function readPosition(text: string): Position | undefined {
  return positionSchema.safeParse(parsed(text)).data
}

export function readListPosition(text: string): string | undefined {
  return listPositionSchema.safeParse(parsed(text)).data?.after
}

export function writePosition(position: Omit<Position, 'kind'>): string {
  return JSON.stringify({ kind: 'changes', ...position })
}

export function writeListPosition(after: string): string {
  return JSON.stringify({ kind: 'list', after })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
