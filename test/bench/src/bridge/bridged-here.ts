/** This side of a life with a bridge: a replica in memory on a disk that survives. */
import { type MappingConfig, startBridge } from '@skerry/bridge'
import { collection, type JsonObject, openReplica } from '@skerry/core'
import * as z from 'zod'
import { edited, type Here, type World } from './life.ts'

const POLL_MS = 2_000
/** Rounds of polling until all is quiet: what the first brings may have to be written, and that be heard. */
const ROUNDS = 3

const text = z.string().optional()
const collections = {
  jobs: collection(
    'jobs',
    z.object({
      ref: z.string(),
      title: text,
      owner: text,
      site: text,
      tags: z.array(z.string()).optional(),
      stock: z.number().optional(),
    }),
    { indexes: ['ref'] },
  ),
}

const mapping: MappingConfig = {
  collection: 'jobs',
  type: 'jobs',
  fields: {
    ref: 'Ref',
    title: 'Title',
    owner: 'Owner',
    site: { field: 'Site', rule: 'last-writer' },
    tags: { field: 'Tags', rule: 'union' },
    stock: { field: 'Stock', rule: 'sum' },
  },
}

export async function openBridged({ time, power, system }: World): Promise<Here> {
  const host = time.host(() => power.isOff)
  const replica = await openReplica({ host, store: power.store(), collections })
  const { jobs } = replica
  const adapter = power.adapter(system.adapter())
  const bridge = await startBridge({ replica, host, adapter, mappings: [mapping], pollIntervalMs: POLL_MS })
  return {
    find: async (ref) => (await jobs.where({ ref }).all())[0]?.id,
    async edit(edit) {
      const { id, ref, token } = edit
      if (id === undefined) await jobs.create({ ref, title: token }, { id: ref })
      else await jobs.update(id, (draft) => void Object.assign(draft, edited(draft as JsonObject, edit)))
    },
    async rest() {
      for (let round = 0; round < ROUNDS; round++) {
        await bridge.idle()
        await bridge.pollNow()
      }
      await bridge.idle()
    },
    records: async () => (await jobs.all()) as readonly JsonObject[],
    async close() {
      await bridge.close()
      await replica.close()
    },
  }
}
