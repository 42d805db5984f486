/** What the admin side may change while the stand-in runs. Lives in memory: a new process starts from its options. */
import * as z from 'zod'
import { rateLimitSchema, type Settings } from '../settings.ts'
import { burstRequests, burstWindowMs, deltaKeptMs } from './limits.ts'

export type ODataSettings = Pick<Settings, 'tokenSeconds' | 'rateLimit'> & {
  /** Nobody is let in: every token has ended, and none is given. */
  lockedOut: boolean
  /** Life of a session, and so of its CSRF token. */
  sessionSeconds: number
  deltaKeptMs: number
  /** Rows of one page, where that is fewer than the profile's. */
  pageRowsMax: number
  /** False: rows have no entity tag. */
  etags: boolean
}

export const defaultODataSettings: ODataSettings = {
  tokenSeconds: 3_600,
  rateLimit: { calls: burstRequests, windowMs: burstWindowMs },
  lockedOut: false,
  sessionSeconds: 1_800,
  deltaKeptMs,
  pageRowsMax: 1_000_000,
  etags: true,
}

export const odataSettingsSchema = z.strictObject({
  tokenSeconds: z.int().min(1).max(31_536_000),
  rateLimit: rateLimitSchema,
  lockedOut: z.boolean(),
  sessionSeconds: z.int().min(1).max(86_400),
  deltaKeptMs: z.int().min(0).max(31_536_000_000),
  pageRowsMax: z.int().min(1).max(1_000_000),
  etags: z.boolean(),
})
