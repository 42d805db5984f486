/** The collection that simulated replicas share: every way of merging, and channels that move. `marks` holds one key per edit ever made. */
import { collection, counter, keyed, text } from '@skerry/core'
import * as z from 'zod'

export const sites = ['A', 'B', 'C'] as const
export type Site = (typeof sites)[number]

export const visits = collection(
  'visits',
  z.object({
    site: z.enum(sites),
    title: z.string(),
    notes: text().optional(),
    hours: counter().optional(),
    parts: keyed('sku', z.object({ sku: z.string(), qty: z.number() })).optional(),
    marks: z.record(z.string(), z.boolean()).optional(),
  }),
  { channels: (visit) => [visit.site], indexes: ['site'] },
)
