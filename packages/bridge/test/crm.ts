/** A small CRM for tests of mappings: collections that refer to each other, with nested fields, money and times, and a bridge between them and a system in memory. */
import {
  type BridgeEvent,
  type BridgeOptions,
  type MappingConfig,
  MemorySystem,
  startBridge,
} from '@skerry/bridge'
import {
  collection,
  decodeChanges,
  decodeEntry,
  defaultChangeLimits,
  type Json,
  keyed,
  MemoryDisk,
  memoryStore,
  openReplica,
  parseChange,
  type Store,
  text,
} from '@skerry/core'
import * as z from 'zod'
import { type TestHost, testHost } from './nodes.ts'

const sites = collection(
  'sites',
  z.object({
    name: z.string(),
    contact: z.string().optional(),
    parent: z.string().optional(),
  }),
)
const contacts = collection('contacts', z.object({ name: z.string(), site: z.string().optional() }))
const jobs = collection(
  'jobs',
  z.object({
    title: z.string(),
    status: z.string().optional(),
    site: z.string().optional(),
    amount: z.string().optional(),
    place: z.number().optional(),
    due: z.string().optional(),
    first: z.string().optional(),
    last: z.string().optional(),
    address: z.object({ city: z.string().optional(), zip: z.string().optional() }).optional(),
    custom: z.record(z.string(), z.string()).optional(),
    notes: text().optional(),
    parts: keyed('sku', z.object({ sku: z.string(), qty: z.number() })).optional(),
  }),
)
/** As jobs, but a visit cannot be without its site. */
const visits = collection('visits', z.object({ title: z.string(), site: z.string() }))

export const siteMapping: MappingConfig = {
  collection: 'sites',
  type: 'accounts',
  fields: {
    name: 'Name',
    contact: { field: 'ContactId', reference: 'contacts' },
    parent: { field: 'ParentId', reference: 'sites' },
  },
}
export const contactMapping: MappingConfig = {
  collection: 'contacts',
  type: 'people',
  fields: { name: 'Name', site: { field: 'AccountId', reference: 'sites' } },
}
export const jobMapping: MappingConfig = {
  collection: 'jobs',
  type: 'cases',
  fields: {
    title: 'Title',
    status: 'Status',
    notes: 'Notes',
    site: { field: 'AccountId', reference: 'sites' },
  },
}
export const visitMapping: MappingConfig = {
  collection: 'visits',
  type: 'events',
  fields: { title: 'Title', site: { field: 'AccountId', reference: 'sites' } },
}

export interface CrmOptions {
  disk?: MemoryDisk
  host?: TestHost
  store?: (disk: MemoryDisk) => Store
}

export async function openCrm({ disk = new MemoryDisk(), host = testHost(), store }: CrmOptions = {}) {
  const collections = { sites, contacts, jobs, visits }
  const replica = await openReplica({ host, store: store?.(disk) ?? memoryStore({ disk }), collections })
  return { disk, host, replica }
}

export type Crm = Awaited<ReturnType<typeof openCrm>>

export async function bridgedCrm(
  crm: Crm,
  system: MemorySystem,
  mappings: BridgeOptions['mappings'],
  options: Partial<BridgeOptions> = {},
) {
  const events: BridgeEvent[] = []
  const bridge = await startBridge({
    replica: crm.replica,
    adapter: system.adapter(),
    host: crm.host,
    pollIntervalMs: 0,
    mappings,
    events: (event) => events.push(event),
    ...options,
  })
  return { bridge, events }
}

/** The power goes: nothing of this node ever happens again. */
export function cutPower({ host, disk }: Crm): void {
  host.dead = true
  disk.crash()
}

/** Hash of each change of a record by actor and sequence: two nodes must not have two under one of these. */
export async function changesOf({ replica, host }: Crm, record: string): Promise<Map<string, string>> {
  const page = await replica.follower('test').read(0, { entries: 10_000, bytes: 2 ** 30 })
  const entries = page.filter((entry) => entry.kind === 'changes' && entry.record === record)
  const changes = entries.flatMap(({ bytes }) => decodeChanges(decodeEntry(bytes).body))
  return new Map(
    changes.map((bytes) => {
      const { actorHex, seq, hashHex } = parseChange(bytes, host, defaultChangeLimits)
      return [`${actorHex}/${seq}`, hashHex]
    }),
  )
}

/** A node, a system and a bridge with one mapping of jobs to cases. */
export async function joinedJobs(more: Partial<MappingConfig>, fields: MappingConfig['fields'] = {}) {
  const crm = await openCrm()
  const system = new MemorySystem({ now: () => crm.host.clock })
  const mapping = { collection: 'jobs', type: 'cases', fields: { title: 'Title', ...fields }, ...more }
  const { bridge, events } = await bridgedCrm(crm, system, [mapping])
  const meet = async () => {
    await bridge.idle()
    await bridge.pollNow()
    await bridge.idle()
  }
  const row = (): Record<string, Json> | undefined => system.rows('cases')[0]?.value
  /** Names of the fields, call by call. */
  const written = () => system.effects('cases').map((effect) => effect.fields)
  return { crm, system, bridge, events, jobs: crm.replica.jobs, meet, row, written }
}
