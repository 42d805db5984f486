/** The collection of ours: every device is in the one channel that every record is in. */
import { collection } from '@skerry/core'
import * as z from 'zod'

export const SPACE = 'peers'
export const CHANNEL = 'site:all'

const records = collection(
  'records',
  z.object({
    title: z.string(),
    status: z.string(),
    site: z.string(),
    notes: z.string(),
    count: z.number(),
  }),
  { channels: () => [CHANNEL], indexes: ['status', 'site'] },
)

export const collections = { records }
