/** What the admin side may change while the stand-in runs. Lives in memory: a new process starts from its options. */
import * as z from 'zod'
import { longPollMs } from './limits.ts'

export type SalesforceSettings = {
  /** Life of a session; nobody is told, one finds out by 401. */
  sessionSeconds: number
  /** Requests of all clients together in 24 hours, as they roll. */
  dailyRequests: number
  /** Milliseconds for which `Sforce-Limit-Info` goes on telling an older count. */
  limitInfoLagMs: number
  /** Nobody is let in: every session has ended, and no token is given. */
  lockedOut: boolean
  longPollMs: number
  /** Milliseconds between a bulk job's upload and its beginning, and between two of its batches. */
  bulkPauseMs: number
}

export const defaultSalesforceSettings: SalesforceSettings = {
  sessionSeconds: 7_200,
  dailyRequests: 100_000,
  limitInfoLagMs: 10_000,
  lockedOut: false,
  longPollMs,
  bulkPauseMs: 0,
}

export const salesforceSettingsSchema = z.strictObject({
  sessionSeconds: z.int().min(1).max(31_536_000),
  dailyRequests: z.int().min(0).max(1_000_000_000),
  limitInfoLagMs: z.int().min(0).max(3_600_000),
  lockedOut: z.boolean(),
  longPollMs: z.int().min(0).max(longPollMs),
  bulkPauseMs: z.int().min(0).max(60_000),
})
