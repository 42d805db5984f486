import { MemorySystem, type MemorySystemOptions } from '@skerry/bridge'
import { defineConfig } from '@skerry/cli'
import { collection } from '@skerry/core'
import * as z from 'zod'

const jobs = collection('jobs', z.object({ title: z.string(), status: z.string().optional() }))

const types: MemorySystemOptions['types'] = [
  {
    type: 'Job',
    fields: [
      { name: 'Title', kind: 'text', required: true, writable: true },
      { name: 'Status', kind: 'text', required: false, writable: true },
    ],
  },
]
const system = (name: string) => new MemorySystem({ name, types })

/** What the tests look into. */
export const crm = system('crm')
crm.edit('Job', {}, { Title: 'from the CRM' })

const bridge = (name: string, of: MemorySystem, fields: Record<string, string>) => ({
  name,
  adapter: of.adapter(),
  mappings: [{ collection: 'jobs', type: 'Job', fields }],
  budget: { pools: { write: { windows: [{ units: 2, ms: 1_000 }] } } },
})
const down = system('down')
const adapter = {
  ...down.adapter(),
  check: async () => ({ kind: 'unknown', reason: 'the line is dead' }) as const,
}
/** Never answers, and says when it was asked. */
const mute = {
  ...system('mute').adapter(),
  changes: () => {
    process.stdout.write(`${JSON.stringify({ message: 'asked' })}\n`)
    // A connection keeps a process.
    setInterval(() => undefined, 60_000)
    return new Promise<never>(() => undefined)
  },
}

export default defineConfig({
  space: 'acme',
  collections: { jobs },
  bridges: [
    bridge('crm', crm, { title: 'Title' }),
    bridge('old', system('old'), { title: 'Titel' }),
    { ...bridge('down', down, { title: 'Title' }), adapter },
    { ...bridge('mute', system('mute'), { title: 'Title' }), adapter: mute },
  ],
})
