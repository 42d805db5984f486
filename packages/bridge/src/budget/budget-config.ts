/** What an operator writes down of an account's limits. All of it is optional: what is not known is learned from answers. */
import * as z from 'zod'
import { CONCURRENCY_MAX, DAY_MS, WINDOWS_MAX } from '../limits.ts'

/** What a request is counted as. `bulk`: the requests of one job. */
export const pools = ['write', 'read', 'list', 'bulk'] as const
export type Pool = (typeof pools)[number]

export interface DayConfig {
  /** In any 24 hours, or from one reset to the next. */
  units: number
  /** `rolling` (default), or the time of the reset, UTC: `'22:00'`. */
  resets?: string
}

export interface WindowConfig {
  units: number
  ms: number
}

export interface LimitsConfig {
  daily?: DayConfig
  windows?: WindowConfig[]
}

export interface ScopeConfig extends LimitsConfig {
  /** Requests under way at once, jobs apart. */
  concurrency?: number
  /** Limits of one kind of operation, beside the ones above, which count all of them. */
  pools?: Partial<Record<Pool, LimitsConfig>>
}

export interface BudgetConfig extends ScopeConfig {
  /** Share of each limit that only the critical tier may use; default RESERVE_DEFAULT. */
  reserve?: number
  /** What each credential of the adapter has of its own, within the account's. */
  each?: ScopeConfig
}

const units = z.number().int().min(1)
const limits = {
  daily: z
    .strictObject({
      units,
      resets: z
        .string()
        .regex(/^(rolling|([01]\d|2[0-3]):[0-5]\d)$/, "want 'rolling' or a time of day in UTC, '22:00'")
        .optional(),
    })
    .optional(),
  windows: z
    .array(z.strictObject({ units, ms: z.number().int().min(1).max(DAY_MS) }))
    .max(WINDOWS_MAX)
    .optional(),
}
const scope = {
  ...limits,
  concurrency: z.number().int().min(1).max(CONCURRENCY_MAX).optional(),
  pools: z.partialRecord(z.enum(pools), z.strictObject(limits)).optional(),
}

export const budgetSchema = z.strictObject({
  ...scope,
  reserve: z.number().min(0).max(0.9).optional(),
  each: z.strictObject(scope).optional(),
})

/** Milliseconds after midnight UTC; undefined for a rolling day. */
export function resetOf({ resets = 'rolling' }: DayConfig): number | undefined {
  if (resets === 'rolling') return undefined
  const [hours = 0, minutes = 0] = resets.split(':').map(Number)
  return (hours * 60 + minutes) * 60_000
}
