/** Work orders that are compacted soon. */
import * as z from 'zod'
import { collection, type History } from '../records/collection.ts'
import * as lens from '../records/lens.ts'
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

/** The second version of work orders that had `title` and `hours`. */
export const compactingRenamed = (history: History): NonNullable<OpenOptions['collection']> =>
  collection('work_orders', z.object({ heading: z.string(), site: z.string(), minutes: z.number() }), {
    version: 2,
    migrations: {
      2: [
        lens.rename('title', 'heading'),
        lens.convert('hours', {
          was: z.number(),
          forward: (hours) => hours * 60,
          backward: (minutes) => minutes / 60,
        }),
        lens.rename('hours', 'minutes'),
      ],
    },
    channels: (r) => [`site:${r.site}`],
    history,
  }) as unknown as NonNullable<OpenOptions['collection']>
