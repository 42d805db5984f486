/** A replica and a system that have never met, drawn from a seed: rows and records that are the same thing by name, by match or in doubt, that differ, are left out, refer to each other, or fit nothing. */
import {
  externalIdOf,
  type MappingConfig,
  MemorySystem,
  type MemorySystemOptions,
  type ModeConfig,
} from '@skerry/bridge'
import { collection, type JsonObject, MemoryDisk, memoryStore, openReplica, type Store } from '@skerry/core'
import * as z from 'zod'
import { seeded, type TestHost, testHost } from './nodes.ts'

const words = ['anemometer', 'bolt', 'crane', 'davit', 'engine', 'flange']

const collections = {
  sites: collection('sites', z.object({ name: z.string(), city: z.string().optional() })),
  jobs: collection(
    'jobs',
    z.object({
      title: z.string(),
      status: z.enum(['open', 'done']).optional(),
      site: z.string().optional(),
      price: z.string().optional(),
      owner: z.string().optional(),
      note: z.string().optional(),
      draft: z.boolean().optional(),
    }),
  ),
}

export type DrawnContact = Awaited<ReturnType<typeof drawContact>>

export function openDrawn(disk: MemoryDisk, host: TestHost, store: Store = memoryStore({ disk })) {
  return openReplica({ host, store, collections })
}

export async function drawContact(seed: number) {
  const random = seeded(seed)
  const under = (count: number) => Math.floor(random() * count)
  const one = <T>(...all: readonly T[]): T => all[under(all.length)]!
  const maybe = <T>(value: T, chance = 0.5): T | undefined => (random() < chance ? value : undefined)
  const options: MemorySystemOptions = {
    name: 'crm',
    compareAndSet: random() < 0.7,
    namesPositions: random() < 0.5,
    versions: one('sure', 'sure', 'unsure'),
    batch: maybe({ writesMax: 3, readsMax: 3 }, 0.3),
  }
  const host = testHost(seed)
  const system = new MemorySystem({ ...options, ...(random() < 0.5 && { now: () => host.clock }) })
  const mappings: MappingConfig[] = [
    {
      collection: 'sites',
      type: 'accounts',
      fields: { name: 'Name', city: { field: 'City', rule: one('review', 'this-side', 'that-side') } },
      ...(random() < 0.5 && { match: [{ how: 'normalised' as const, fields: ['name'] }] }),
      tier: one('operational', 'operational', 'operational', 'reference'),
    },
    {
      collection: 'jobs',
      type: 'cases',
      fields: {
        title: 'Title',
        status: { field: 'Stage', kind: 'enum', values: { open: 'New', done: 'Closed' } },
        site: { field: 'AccountId', reference: 'sites' },
        price: {
          field: 'Amount',
          kind: 'decimal',
          scale: 2,
          rule: one('last-writer', 'larger', 'review', 'sum'),
        },
        owner: { field: 'Owner', authority: one('this', 'that') },
        note: { field: 'Note', direction: one('both', 'in', 'out') },
      },
      filter: {
        out: (record) => record.draft !== true,
        in: (row) => row.value.Hidden !== true,
      },
      tier: one('operational', 'operational', 'reference'),
      mode: one<ModeConfig>('at-once', 'on-demand', { quietMs: 5_000 }),
      ...(random() < 0.5 && { rowDefaults: { Kind: 'visit' } }),
      ...(random() < 0.6 && {
        match: [
          { how: 'exact' as const, fields: ['title', 'owner'] },
          { how: 'scored' as const, fields: { title: 1 }, sure: 0.95, doubtful: 0.6 },
        ],
      }),
    },
  ]
  const disk = new MemoryDisk()
  const replica = await openDrawn(disk, host)
  const sites: string[] = []
  for (let i = under(4); i >= 0; i--) {
    const { id } = await replica.sites.create({
      name: one(...words),
      ...given({ city: maybe(one('Kiel', 'Ulm')) }),
    })
    sites.push(id)
  }
  const jobs: string[] = []
  for (let i = under(7); i >= 0; i--) {
    const job = {
      title: `${one(...words)} ${one(...words)}`,
      ...given({
        status: maybe(one('open' as const, 'done' as const)),
        site: maybe(one(...sites), 0.6),
        price: maybe(one('1.00', '19.90')),
        owner: maybe(one('ada', 'bob')),
        note: maybe('here'),
        draft: maybe(true, 0.15),
      }),
    }
    jobs.push((await replica.jobs.create(job)).id)
  }
  const row = (type: string, record: string | undefined, value: JsonObject) => {
    const externalId = record === undefined ? undefined : externalIdOf(host, record)
    const known = system.rows(type).some((other) => other.externalId === externalId)
    return system.edit(type, externalId === undefined || known ? {} : { externalId }, value)
  }
  const accounts: string[] = []
  for (let i = under(4); i >= 0; i--)
    accounts.push(
      row('accounts', maybe(`sites/${one(...sites)}`, 0.3), {
        Name: one(...words, 'CRANE'),
        ...given({ City: maybe('Bonn') }),
      }).id,
    )
  for (let i = under(8); i >= 0; i--) {
    const twin = maybe(await replica.jobs.get(one(...jobs)), 0.5)
    const made = row('cases', maybe(`jobs/${one(...jobs)}`, 0.3), {
      Title: twin?.title ?? `${one(...words)} ${one(...words)}`,
      ...given({
        Stage: maybe(one('New', 'Closed', 'Unheard of')),
        AccountId: maybe(one(...accounts, 'ACCOUNTS-99'), 0.5),
        Amount: maybe(one('2.00', '19.90', 'much')),
        Owner: twin?.owner ?? maybe(one('ada', 'cid')),
        Note: maybe('there'),
        Hidden: maybe(true, 0.15),
      }),
    })
    if (random() < 0.1) system.edit('cases', { id: made.id, deleted: true }, {})
  }
  return { host, disk, replica, system, mappings }
}

function given<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}
