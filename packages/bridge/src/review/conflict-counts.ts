/** How often which field was in conflict, by which rule, and how it ended: durable, in the append that decides it (SPEC B-105). */
import type { BridgeContext } from '../context.ts'
import { COUNTED_DAYS_MAX } from '../limits.ts'
import type { Mapping } from '../mapping.ts'
import type { BridgeTables } from '../tables.ts'

/** `both`: merged. `made`: a value of neither side. `review`: a person is to decide. `over`: the review ended without a decision. */
export type ConflictOutcome = 'ours' | 'theirs' | 'both' | 'made' | 'review' | 'over'

export interface Counted {
  mapping: Mapping
  /** Empty for the record as a whole. */
  field: string
  rule: string
  outcome: ConflictOutcome
}

/** One row for each collection, field, rule and outcome: as many as the config has of them. */
export interface ConflictCount {
  collection: string
  field: string
  rule: string
  outcome: ConflictOutcome
  count: number
  /** Milliseconds since 1970, by the clock of this node. */
  firstAt: number
  lastAt: number
  /** By UTC day, `2026-01-31`: the last COUNTED_DAYS_MAX on which there was one. */
  days: Record<string, number>
}

export type ConflictTally = Omit<ConflictCount, 'collection' | 'field' | 'rule' | 'outcome'>

export async function count(
  { host }: BridgeContext,
  tables: BridgeTables,
  { mapping, field, rule, outcome }: Counted,
): Promise<void> {
  const key = [mapping.collection.name, field, rule, outcome].join('\n')
  const now = host.now()
  const before = await tables.tally<ConflictTally>('conflicts', key)
  tables.putTally('conflicts', key, counted(before, now))
}

/** A count and one more. */
export function counted(before: ConflictTally | undefined, now: number): ConflictTally {
  const { count = 0, firstAt = now, days = {} } = before ?? {}
  const day = new Date(now).toISOString().slice(0, 10)
  const newest = Object.entries({ ...days, [day]: (days[day] ?? 0) + 1 })
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(-COUNTED_DAYS_MAX)
  return { count: count + 1, firstAt, lastAt: now, days: Object.fromEntries(newest) }
}

export function readCount(key: string, tally: ConflictTally): ConflictCount {
  const [collection = '', field = '', rule = '', outcome = ''] = key.split('\n')
  return { collection, field, rule, outcome: outcome as ConflictOutcome, ...tally }
}
