/** The collections of these tests: jobs belong to a region's channel; orders are known to some devices only, never to the hub. */
import { collection, counter, keyed, text } from '@skerry/core'
import * as z from 'zod'

export const SPACE = 'acme'

export const jobs = collection(
  'jobs',
  z.object({
    title: z.string().max(200),
    region: z.string(),
    priority: z.number().int().min(1).max(5).optional(),
    notes: text().optional(),
    hours: counter().optional(),
    parts: keyed('sku', z.object({ sku: z.string(), qty: z.number() })).optional(),
  }),
  { channels: (job) => [`region:${job.region}`] },
)

export const orders = collection('orders', z.object({ title: z.string() }), {
  channels: () => ['region:north'],
})

export const collections = { jobs }
