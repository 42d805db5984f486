/** What records are made of: hub, worker and pages all read it here. */
import { collection, text } from '@skerry/core'
import * as z from 'zod'

/** Who may read and write what is decided by channel. Here everybody is in one. */
export const TEAM = 'team'

const schema = z.object({
  title: z.string().min(1),
  done: z.boolean(),
  // Two people may write in it at once, offline too: both texts stay.
  notes: text(),
})

export const visits = collection('visits', schema, { channels: () => [TEAM] })

/** Each under its own name. */
export const collections = { visits }
