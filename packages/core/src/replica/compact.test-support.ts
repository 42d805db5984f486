/** Work orders that are compacted soon. */
import * as z from 'zod'
import { collection, type History } from '../records/collection.ts'
import { counter, text } from '../records/shape.ts'
import type { OpenOptions } from './orders.test-support.ts'

export const compacting = (history: History): NonNullable<OpenOptions['collection']> =>
  collection(
    'work_orders',
    z.object({
      title: z.string(),
      status: z.enum(['open', 'en_route', 'done']),
      site: z.string(),
      notes: text().optional(),
      hours: counter().optional(),
    }),
    { channels: (r) => [`site:${r.site}`], indexes: ['status', 'site'], history },
  )
