/** What the admin side may change while the sandbox runs. Lives in memory: a new process starts from its options. */
import * as z from 'zod'
import { rateCallsMax, rateWindowMsMax } from './limits.ts'

export type RateLimit = { calls: number; windowMs: number }

export type Settings = {
  tokenSeconds: number
  /** Per API client, in a sliding window. */
  rateLimit: RateLimit
  /** Answer 428 to a write of an existing row that carries neither If-Match nor If-None-Match. */
  requirePrecondition: boolean
  /** Milliseconds to wait before the second, third ... attempt of a webhook; its length + 1 is the number of attempts. */
  webhookScheduleMs: number[]
}

export const defaultSettings: Settings = {
  tokenSeconds: 3_600,
  rateLimit: { calls: 1_000, windowMs: 1_000 },
  requirePrecondition: false,
  webhookScheduleMs: [200, 1_000, 5_000],
}

export const rateLimitSchema = z.strictObject({
  calls: z.int().min(0).max(rateCallsMax),
  windowMs: z.int().min(1).max(rateWindowMsMax),
})

export const settingsSchema = z.strictObject({
  tokenSeconds: z.int().min(1).max(31_536_000),
  rateLimit: rateLimitSchema,
  requirePrecondition: z.boolean(),
  webhookScheduleMs: z.array(z.int().min(0).max(86_400_000)).max(20),
})
