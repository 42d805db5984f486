/**
 * The collections that simulated replicas share. `visits` has every way of merging, and channels that move; its `marks` hold one key per edit ever made. `orders` are
 * bridged to an external system.
 */
import { collection, counter, keyed, type Replica, text } from '@skerry/core'
import * as z from 'zod'

export const sites = ['A', 'B', 'C'] as const
export type Site = (typeof sites)[number]

const visits = collection(
  'visits',
  z.object({
    site: z.enum(sites),
    title: z.string(),
    notes: text().optional(),
    hours: counter().optional(),
    parts: keyed('sku', z.object({ sku: z.string(), qty: z.number() })).optional(),
    marks: z.record(z.string(), z.boolean()).optional(),
    photo: z.string().optional(),
  }),
  // Few entries make a snapshot, and what was deleted goes within a run.
  { channels: (visit) => [visit.site], indexes: ['site'], history: { entriesMax: 3 }, deletedKeptMs: 20_000 },
)

export const ORDERS_CHANNEL = 'orders'

const orders = collection('orders', z.object({ title: z.string(), status: z.string().optional() }), {
  channels: () => [ORDERS_CHANNEL],
})

export const collections = { visits, orders }

export type VisitReplica = Replica<typeof collections>
