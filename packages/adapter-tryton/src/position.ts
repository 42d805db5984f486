/**
 * Where `changes` stands: which stage of the pass, and for each stage the stamp from which it goes on. Within a pass a stage goes on behind a row (time and id); between passes it begins
 * by time alone, and further back, because a slow transaction shows its rows late (SPEC TR-31, TR-32).
 */
import * as z from 'zod'
import { CLOCK_MARGIN_MS } from './limits.ts'

/** UTC with microseconds, `2026-01-31T10:30:00.000001`: ordered as text. */
const moment = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}$/)

const stageSchema = z.strictObject({
  /** Rows of this time and later; null: from the beginning. */
  since: moment.nullable(),
  /** Of all rows told in this pass and before. */
  newest: moment.nullable(),
  /** While the pass goes on: the last row told, of time `since`, and when the pass began by the server's clock. */
  after: z.number().int().min(0).optional(),
  began: moment.optional(),
})

const positionSchema = z.strictObject({
  /** Which stages there are: a position for others is of no use. */
  of: z.string(),
  at: z.number().int().min(0),
  stages: z.array(stageSchema).min(1),
})

export type StagePosition = z.output<typeof stageSchema>
export type Position = z.output<typeof positionSchema>

/** @param of names of the stages @returns undefined for a position that this adapter did not make for them */
export function readPosition(text: string | undefined, of: readonly string[]): Position | undefined {
  const names = of.join(' ')
  if (text === undefined) return { of: names, at: 0, stages: of.map(() => ({ since: null, newest: null })) }
  try {
    const position = positionSchema.safeParse(JSON.parse(text)).data
    const fits = position?.of === names && position.stages.length === of.length && position.at < of.length
    return fits ? position : undefined
  } catch {
    return undefined
  }
}

export function writePosition(position: Position): string {
  return JSON.stringify(position)
}

/** Behind the last row of a page that was full. */
export function behind(
  stage: StagePosition,
  last: { moment: string; id: number },
  began: string,
): StagePosition {
  return {
    since: last.moment,
    newest: later(stage.newest, last.moment),
    after: last.id,
    began: stage.began ?? began,
  }
}

/**
 * After the last page of a stage: where its next pass begins. What was still under way when this one began has a stamp from no longer than `overlapMs` before that; where the pass followed
 * the head while people went on writing, its beginning counts and not the newest row, and where nobody writes, it moves on by the clock.
 */
export function rewound(
  stage: StagePosition,
  last: string | undefined,
  began: string,
  overlapMs: number,
): StagePosition {
  const newest = last === undefined ? stage.newest : later(stage.newest, last)
  if (newest === null) return { since: null, newest }
  const from = stage.began ?? began
  const reached = later([newest, from].sort()[0]!, earlier(from, CLOCK_MARGIN_MS))
  return { since: earlier(reached, overlapMs), newest }
}

function earlier(at: string, ms: number): string {
  return `${momentOf(Date.parse(`${at.slice(0, 23)}Z`) - ms).slice(0, 23)}${at.slice(23)}`
}

/** Milliseconds since 1970 as a moment. */
export function momentOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 23)}000`
}

function later(one: string | null, other: string): string {
  return one !== null && one > other ? one : other
}
