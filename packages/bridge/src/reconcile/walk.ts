/** One walk over everything of a type, as it is kept between its pages (SPEC B-115, B-116). */
import { decodeUtf8, encodeUtf8, type Seq } from '@skerry/core'
import type { BridgeTables } from '../tables.ts'
import { type Cause, emptyReport, type WalkReport } from './report.ts'

/**
 *   listing ──every page──► missing ──rows that no page had──► absences ──asked for──► records ──settled──► over
 *      │└── a page that does not prove ────────────────────────────────────────────────────┘                 │
 *      └── a first import: nothing was there that could be missing, and the log is followed ──────────────────┘
 */
export type Phase = 'listing' | 'missing' | 'absences' | 'records' | 'over'

export interface Walk {
  /** Milliseconds since 1970; undefined: due, and not begun yet. */
  startedAt?: number
  phase: Phase
  /** Where the phase goes on: a position of the listing, or a key. */
  position?: string | undefined
  /** Of `missing`: the part of all hashes that is compared. */
  part: number
  /** Pages listed so far. */
  pages: number
  /** Every page so far proves. */
  proves: boolean
  /** Head of the log when it began: entries above it are younger than the listing. */
  startSeq: Seq
  acceptDeletions: boolean
  report: WalkReport
  /** Another one is to follow. */
  again?: { cause: Cause; acceptDeletions: boolean }
}

export function dueWalk(type: string, cause: Cause, acceptDeletions: boolean): Walk {
  return {
    phase: 'listing',
    part: 0,
    pages: 0,
    proves: true,
    startSeq: 0,
    acceptDeletions,
    report: emptyReport(type, cause, 0, false),
  }
}

export function decodeWalk(bytes: Uint8Array): Walk {
  return JSON.parse(decodeUtf8(bytes) ?? '') as Walk
}

export async function readWalk(tables: BridgeTables, type: string): Promise<Walk | undefined> {
  const bytes = await tables.get('walks', type)
  return bytes && decodeWalk(bytes)
}

export function putWalk(tables: BridgeTables, type: string, walk: Walk | undefined): void {
  tables.put('walks', type, walk && encodeUtf8(JSON.stringify(walk)))
}

/** Makes a walk due; while one is under way, another one that follows it. */
export async function askForWalk(
  tables: BridgeTables,
  type: string,
  cause: Cause,
  acceptDeletions = false,
): Promise<void> {
  const walk = await readWalk(tables, type)
  if (!walk) putWalk(tables, type, dueWalk(type, cause, acceptDeletions))
  else if (walk.startedAt === undefined)
    putWalk(tables, type, { ...walk, acceptDeletions: walk.acceptDeletions || acceptDeletions })
  else {
    const accepts = acceptDeletions || (walk.again?.acceptDeletions ?? false)
    putWalk(tables, type, { ...walk, again: { cause, acceptDeletions: accepts } })
  }
  tables.reconcileIsDue = true
}
