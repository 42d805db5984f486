/**
 * Where a listing stands. While a pass goes on: the time it began from, the system's cursor, and the newest row seen. Between passes: the time to begin from, which reaches
 * back behind the newest row, because a slow transaction shows its rows late and with an older time.
 */
import * as z from 'zod'
import type { Page } from './rows.ts'

const positionSchema = z.strictObject({
  since: z.number().min(0),
  newest: z.number().min(0),
  cursor: z.string().optional(),
})

export type Position = z.output<typeof positionSchema>

export const start: Position = { since: 0, newest: 0 }

/** Undefined for a position that this adapter did not make. */
export function readPosition(text: string | undefined): Position | undefined {
  if (text === undefined) return start
  try {
    return positionSchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

export function writePosition({ since, newest, cursor }: Position): string {
  return JSON.stringify({ since, newest, ...(cursor !== undefined && { cursor }) })
}

/** After this page of the pass. */
export function advance({ since, newest }: Position, page: Page, overlapMs: number): Position {
  const seen = page.rows.reduce((latest, { modifiedAt = 0 }) => Math.max(latest, modifiedAt), newest)
  if (page.next !== undefined) return { since, newest: seen, cursor: page.next }
  return { since: Math.max(since, seen - overlapMs), newest: seen }
}
