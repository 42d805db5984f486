import { MemorySystem } from '@skerry/bridge'
import { defineConfig } from '@skerry/cli'
import { collection } from '@skerry/core'
import * as z from 'zod'

const jobs = collection('jobs', z.object({ title: z.string() }))

const crm = new MemorySystem({
  name: 'crm',
  refuses: (_, { Title }) => (Title === 'too long' ? 'Title: at most 7 letters' : undefined),
})
crm.edit('Job', { externalId: 'J-1' }, { Title: 'from the CRM' })

export default defineConfig({
  space: 'acme',
  collections: { jobs },
  hub: { port: 0 },
  bridges: [
    {
      name: 'crm',
      adapter: crm.adapter(),
      mappings: process.env.MAPPINGS ?? 'crm.mapping.yaml',
      pollIntervalMs: 1_000,
    },
  ],
})
