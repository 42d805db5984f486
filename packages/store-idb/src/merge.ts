/** Which frames are to be merged, and into what (rules M-1, M-2, M-4). */
import type { Seq } from '@skerry/core'
import type { Loaded } from './bodies.ts'
import { viewOf } from './contents.ts'
import { deadBytes, FRAME_BYTES, type Frame, type Index, type Span } from './frame.ts'
import { FrameDrafts, type Piece } from './frame-draft.ts'
import type { ReadHead } from './frame-head.ts'

/** Frames: opening reads each, and merging so many rewrites less for a commit than its own transaction costs. */
export const LOOSE_FRAMES_MAX = 32
/** Frames that one merge takes at most, so that a commit never waits for more than some 10 ms of it. When so many are due, it does not wait for commits to stop. */
export const MERGED_FRAMES_MAX = 64

/** The first run of neighbours that is due, if one is. `frames` ascends. */
export function dueRun(frames: readonly Frame[]): Frame[] | undefined {
  let run: Frame[] = []
  for (const frame of frames) {
    if (isLoose(frame) && run.length < MERGED_FRAMES_MAX) run.push(frame)
    else if (isDue(run)) return run
    else run = isLoose(frame) ? [frame] : []
  }
  return isDue(run) ? run : undefined
}

function isLoose({ liveBytes, headBytes, isFixed }: Frame): boolean {
  return !isFixed && liveBytes + headBytes < FRAME_BYTES / 2
}

function isDue(run: readonly Frame[]): boolean {
  const live = run.reduce((sum, { liveBytes }) => sum + liveBytes, 0)
  const dead = run.reduce((sum, frame) => sum + deadBytes(frame), 0)
  return run.length > LOOSE_FRAMES_MAX || dead >= Math.max(live, FRAME_BYTES / 2)
}

/** Whether something live lies where its body does not reach. */
export function isWanting({ batch }: ReadHead, index: Index, bodies: Loaded): boolean {
  return liveSpans(index, batch).some((span) => viewOf(bodies, span) === undefined)
}

/** What is live of these, in the order of their numbers. None of them is wanting. */
export function mergedFrames(
  run: readonly ReadHead[],
  { index, bodies, isFirst }: { index: Index; bodies: Loaded; isFirst: boolean },
): FrameDrafts {
  const drafts = new FrameDrafts()
  const batches = run.map(({ batch }) => batch)
  if (!isFirst) for (const batch of batches) keepRemovals(drafts, batch)
  const pieces = new Map<Span, Piece>()
  for (const span of batches.flatMap((batch) => liveSpans(index, batch)))
    pieces.set(span, { bytes: viewOf(bodies, span)!, crc: span.crc })
  const isMarked = marksOf(index)
  for (const entry of batches.flatMap(({ entries }) => entries)) {
    const piece = pieces.get(entry.bytes)
    if (piece) drafts.for(piece.bytes.length).entry(entry, piece)
  }
  for (const mark of batches.flatMap(({ marks }) => marks))
    if (isMarked(mark.channel, mark.record, mark.seq)) drafts.for(0).mark(mark)
  for (const row of batches.flatMap(({ records }) => records)) {
    const piece = pieces.get(row.bytes)
    if (piece) drafts.for(piece.bytes.length).row(row, piece)
  }
  for (const { table, key, value } of batches.flatMap(({ tables }) => tables)) {
    const piece = value && pieces.get(value)
    if (piece) drafts.for(piece.bytes.length).value(table, key, piece)
  }
  return drafts
}

/** A key that was put again within the run is told after its removal. */
function keepRemovals(drafts: FrameDrafts, { forgotten, removed, tables }: ReadHead['batch']): void {
  for (const record of forgotten) drafts.for(0).forget(record)
  for (const seq of removed) drafts.for(0).remove(seq)
  for (const { table, key, value } of tables) if (!value) drafts.for(0).value(table, key, undefined)
}

/** Of what a frame brought: the spans that the index still points to. */
export function liveSpans(index: Index, { entries, records, tables }: ReadHead['batch']): Span[] {
  const spans = [
    ...entries.map(({ seq, bytes }) => [bytes, index.entryAt.get(seq)?.bytes] as const),
    ...records.map(({ record, bytes }) => [bytes, index.records.get(record)?.row?.bytes] as const),
    ...tables.map(({ table, key, value }) => [value, index.tables.get(table)?.get(key)] as const),
  ]
  return spans.flatMap(([span, live]) => (span && live && isSame(span, live) ? span : []))
}

/** Heads are read anew for a merge, so their frames are other objects. */
function isSame(left: Span, right: Span): boolean {
  return left.frame.body === right.frame.body && left.from === right.from && left.length === right.length
}

function marksOf(index: Index): (channel: string, record: string, seq: Seq) => boolean {
  return (channel, record, seq) => index.records.get(record)?.marks.get(channel)?.seq === seq
}
