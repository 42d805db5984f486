/**
 * Cursors and runs as a session sees them. A restored backup or a cloned disk opens a new run at a lower sequence, so cursors beyond it
 * name a run that no longer owns them, and are refused instead of trusted (H7).
 */
import { ownsSeq, runOwning } from '../log/cursor.ts'
import type { Origin, RunRow, Seq } from '../store/port.ts'
import { RUNS_LISTED_MAX } from './limits.ts'
import type { Cursor, Want } from './port.ts'

/** Stands for "no run": the cursor from the beginning, on the wire. */
export const NO_RUN = '0'.repeat(32)

/**
 * From the beginning, LEAVE marks included (H12). At sequence 0 a store tells none. At 1 it does, and nothing is missed by it: the first item of a log is an entry, which its
 * mark tells, or the mark of a stream, whose entries are told by themselves.
 */
export function withLeaves(log: string): Cursor {
  return { log, run: NO_RUN, seq: 1 }
}

/** Asks for a channel to be reconciled: what a side asks that has records in it and no valid cursor (H12). */
export function toReconcile(log: string): Cursor {
  return { log, run: NO_RUN, seq: 2 }
}

export function isToReconcile(cursor: { run: string; seq: Seq } | undefined): boolean {
  return cursor !== undefined && cursor.run === NO_RUN && cursor.seq === 2
}

function isWithLeaves({ run, seq }: { run: string; seq: Seq }): boolean {
  return run === NO_RUN && seq === 1
}

/** Nothing of the channel was told yet. */
export function isFromBeginning(cursor: Cursor | undefined): boolean {
  return cursor === undefined || isWithLeaves(cursor)
}

/** The run that owns `seq`, as 32 hex digits. Undefined for 0, and below the oldest run given. */
export function ownerOf(runs: readonly RunRow[], seq: Seq): string | undefined {
  return runOwning(runs, seq)?.run
}

/** Whether the cursor may be continued in a log with these runs (all of them) and this head. */
export function isValid(cursor: { run: string; seq: Seq }, runs: readonly RunRow[], head: Seq): boolean {
  if (cursor.seq === 0 || isWithLeaves(cursor) || isToReconcile(cursor)) return true
  return ownsSeq(runs, cursor.run, cursor.seq, head)
}

/** O3: whether the peer with these runs (by the names that origins have for them) is where an entry was heard. */
export function cameFrom(runs: readonly RunRow[], origin: Origin | undefined): boolean {
  return origin !== undefined && ownsSeq(runs, origin.run, origin.seq)
}

/**
 * The runs that a peer is told (O3), newest last. They claim that all their entries are held here, so they begin above `forgotten`: what stood below may have been
 * given up with its record.
 */
export function listedRuns(runs: readonly RunRow[], forgotten: Seq): readonly RunRow[] {
  const claimed = runs
    .filter((_, i) => i === runs.length - 1 || runs[i + 1]!.first > forgotten + 1)
    .map(({ run, first }) => ({ run, first: Math.max(first, forgotten + 1) }))
  return claimed.slice(-RUNS_LISTED_MAX)
}

/** A want's cursors by channel; the log's is called `*`. */
export function cursorsOf(want: Want): ReadonlyMap<string, Cursor | undefined> {
  if (want.kind === 'channels') return want.cursors
  return want.kind === 'log' ? new Map([['*', want.cursor]]) : new Map()
}
