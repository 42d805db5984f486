/** The records that the suite works with: one field of each kind. */
import { collection, counter, type JsonObject, keyed, text } from '@skerry/core'
import * as z from 'zod'

export const jobs = collection(
  'jobs',
  z.object({
    title: z.string(),
    status: z.enum(['open', 'done']),
    site: z.string(),
    rank: z.number().optional(),
    notes: text().optional(),
    hours: counter().optional(),
    parts: keyed('sku', z.object({ sku: z.string(), qty: z.number() })).optional(),
  }),
  { channels: (job) => [`site:${job.site}`], indexes: ['status', 'site'] },
)

export type Job = NonNullable<typeof jobs.type>

/** As it crosses the port. */
export const job = (more: JsonObject = {}) =>
  ({ title: 't', status: 'open', site: 'SEA', ...more }) satisfies JsonObject
