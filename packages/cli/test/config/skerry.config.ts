import { defineConfig } from '@skerry/cli'
import { collection } from '@skerry/core'
import * as z from 'zod'

const jobs = collection('jobs', z.object({ title: z.string(), region: z.string() }), {
  channels: (job) => [`region:${job.region}`],
  indexes: ['region'],
})

export default defineConfig({ space: 'acme', collections: { jobs }, hub: { port: 0, drainMs: 2_000 } })
