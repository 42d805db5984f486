/** Where a listing stands, as a word that only this adapter reads. Times are milliseconds since 1970 by HubSpot's clock. */
import * as z from 'zod'

const time = z.number().int().min(0)
/** Where the next page of a listing by id begins; empty: at its beginning. */
const after = z.string().regex(/^[\w-]{0,200}$/)

/** Of the changes, between passes and in them. */
const positionSchema = z.strictObject({
  kind: z.literal('changes'),
  /** The pass tells what was changed at this time and later. */
  since: time,
  /** When the pass began; absent between two passes. */
  startedAt: time.optional(),
  /** Which part of the pass is under way; absent: the search. The first pass of all lists what lives. */
  part: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('all'), after }),
      /** From this time on; with an id: among the rows of just this time, those with a larger id. */
      z.strictObject({ kind: z.literal('search'), time, id: z.string().regex(/^\d+$/).optional() }),
      z.strictObject({ kind: z.literal('archived'), after }),
    ])
    .optional(),
  /** Rows archived at this time and later are not told of yet; what is older was. */
  archivedSince: time,
  /** When archived rows were listed last. */
  archivedAt: time,
  /** Rows that were merged into others, and did not fit on the page with those. */
  merged: z.array(z.string().regex(/^\d+$/)).optional(),
})

/** Of a whole listing: which of its two parts is under way. */
const listPositionSchema = z.strictObject({ kind: z.literal('list'), archived: z.boolean(), after })

export type Position = z.output<typeof positionSchema>
export type ListPosition = Omit<z.output<typeof listPositionSchema>, 'kind'>

/** Undefined for what this adapter did not make. */
export function readPosition(text: string): Position | undefined {
  return positionSchema.safeParse(parsed(text)).data
}

export function readListPosition(text: string): ListPosition | undefined {
  return listPositionSchema.safeParse(parsed(text)).data
}

export function writePosition(position: Position): string {
  return JSON.stringify(position)
}

export function writeListPosition(position: ListPosition): string {
  return JSON.stringify({ kind: 'list', ...position })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
