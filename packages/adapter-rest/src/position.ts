/**
 * Where a listing of changes stands. While a pass goes on: the time it began from, what leads to the next page, and the newest row seen. Between passes: the time to begin from, which
 * reaches back behind the newest row, because a slow transaction shows its rows late and with an older time.
 *
 * Numbered pages in the order of time move on by time instead, since a row that changes moves to the end and draws those behind it to the front:
 *
 *   from T ── page 1 ──▶ its last row is later than T: from there, page 1
 *                   └──▶ all of it is of T, a *tie*: page 2, 3 … until its end; and again, until two walks saw the same rows
 */
import type { ExternalRow } from '@skerry/bridge'
import * as z from 'zod'
import { WALKS_MAX } from './limits.ts'
import type { Next } from './paging.ts'
import { isSame, seenSchema, withSeen } from './seen.ts'

const positionSchema = z.strictObject({
  since: z.number().min(0),
  newest: z.number().min(0),
  cursor: z.string().optional(),
  /** Of this walk through numbered pages, of the one before it, and how many there were. */
  seen: seenSchema.optional(),
  before: seenSchema.optional(),
  walks: z.number().int().min(1).optional(),
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

export const writePosition = (position: Position): string => JSON.stringify(position)

/** What a page was: its rows, and what comes after it. */
export interface Passed {
  rows: readonly ExternalRow[]
  next: Exclude<Next, { kind: 'lost' }>
}

export interface Advanced {
  position: Position
  complete: boolean
}

/** After a page, where each leads to the next by itself. */
export function advance({ since, newest }: Position, { rows, next }: Passed, overlapMs: number): Advanced {
  const seen = Math.max(newest, ...rows.map(timeOf))
  if (next.kind === 'at') return { position: { since, newest: seen, cursor: next.cursor }, complete: false }
  return { position: passEnded(since, seen, overlapMs), complete: true }
}

/** After a numbered page of rows in the order of their time. */
export function advanceByTime(position: Position, { rows, next }: Passed, overlapMs: number): Advanced {
  const { since, cursor, before } = position
  const newest = Math.max(position.newest, ...rows.map(timeOf))
  const last = rows.length > 0 ? timeOf(rows.at(-1)!) : since
  const isTie = last <= since
  const seen = withSeen(
    position.seen,
    rows.filter((row) => timeOf(row) <= since),
  )
  if (isTie && next.kind === 'at')
    return {
      position: { since, newest, cursor: next.cursor, seen, ...(before && { before }) },
      complete: false,
    }
  // One page shows its rows as they are at one moment; a walk through several does not.
  const isTrusted = cursor === undefined || isSame(before, seen)
  if (!isTrusted) return { position: { since, newest, before: seen }, complete: false }
  if (next.kind === 'at') return { position: { since: last, newest }, complete: false }
  return { position: passEnded(since, newest, overlapMs), complete: true }
}

/**
 * After a numbered page of rows in any other order, of a system that deletes for good: a row that goes draws those behind it past the reader. So a pass of several pages is walked until two walks saw
 * the same rows, or often enough.
 */
export function advanceTwice(position: Position, { rows, next }: Passed, overlapMs: number): Advanced {
  const { since, cursor, before, walks = 1 } = position
  const newest = Math.max(position.newest, ...rows.map(timeOf))
  const seen = withSeen(position.seen, rows)
  if (next.kind === 'at')
    return {
      position: { since, newest, cursor: next.cursor, seen, walks, ...(before && { before }) },
      complete: false,
    }
  if (cursor === undefined || isSame(before, seen) || walks >= WALKS_MAX)
    return { position: passEnded(since, newest, overlapMs), complete: true }
  return { position: { since, newest, before: seen, walks: walks + 1 }, complete: false }
}

function passEnded(since: number, newest: number, overlapMs: number): Position {
  return { since: Math.max(since, newest - overlapMs), newest }
}

function timeOf({ modifiedAt = 0 }: ExternalRow): number {
  return modifiedAt
}
