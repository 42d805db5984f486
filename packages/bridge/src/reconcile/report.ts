/** What a walk found and did, counted as it goes and kept with the walk (SPEC B-123). */
import type { Outcome } from '../take-rows.ts'

/** Why a walk was made: before a type's first import, after a lost position, because it was time, because somebody asked. */
export type Cause = 'first' | 'lost' | 'schedule' | 'demand'

/** How often one field differed, on which side, and what that led to; in a dry run, what it would lead to. */
export interface FieldDrift {
  /** Of the record. */
  field: string
  /** Who had changed it since both were last equal. */
  side: 'ours' | 'theirs' | 'both'
  /** `taken`: into the record. `written`: it is to be written there. `decided`: by the field's rule. `equal`: both to the same value. */
  repair: 'taken' | 'written' | 'decided' | 'equal'
  count: number
}

export interface WalkReport {
  type: string
  cause: Cause
  dryRun: boolean
  /** Milliseconds since 1970. */
  startedAt: number
  endedAt: number
  /** Rows in the listing, deleted ones too. */
  listed: number
  /** Rows that were read because they differed, or might. */
  read: number
  /** Calls made to the system. */
  calls: number
  rows: {
    /** Of listed rows that were read, or shown by the listing: what became of them. */
    made: number
    taken: number
    known: number
    /** To be read once a call under way has ended. */
    waits: number
    doubt: number
    unread: number
    /** Not for this replica. */
    left: number
  }
  /** Living rows known here that the listing did not show. */
  absent: {
    found: number
    deleted: number
    /** Not proved: the listing does not prove, or the record is younger than it, or the row is there. */
    unproved: number
  }
  records: {
    /** Whose heads were not those of their shadow. */
    looked: number
    /** Those that were to be written and stood in no outbox. */
    written: number
  }
  drift: FieldDrift[]
}

export function emptyReport(type: string, cause: Cause, startedAt: number, dryRun: boolean): WalkReport {
  return {
    type,
    cause,
    dryRun,
    startedAt,
    endedAt: 0,
    listed: 0,
    read: 0,
    calls: 0,
    rows: { made: 0, taken: 0, known: 0, waits: 0, doubt: 0, unread: 0, left: 0 },
    absent: { found: 0, deleted: 0, unproved: 0 },
    records: { looked: 0, written: 0 },
    drift: [],
  }
}

export function countOutcomes(report: WalkReport, outcomes: readonly Outcome[]): void {
  for (const outcome of outcomes) report.rows[outcome] += 1
}

export function countDrift(report: WalkReport, drift: readonly Omit<FieldDrift, 'count'>[]): void {
  for (const { field, side, repair } of drift) {
    const known = report.drift.find(
      (one) => one.field === field && one.side === side && one.repair === repair,
    )
    if (known) known.count += 1
    else report.drift.push({ field, side, repair, count: 1 })
  }
}
