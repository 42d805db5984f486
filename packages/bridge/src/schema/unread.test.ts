/** A field is gone, and the bridge cannot ask, or does not at once: nothing is lost of what it had said (SPEC B-191, B-193, B-195). */
import {
  type Adapter,
  type BridgeEvent,
  type MappingConfig,
  MemorySystem,
  startBridge,
  type TypeSchema,
} from '@skerry/bridge'
import { collection, type JsonObject, memoryStore, openReplica } from '@skerry/core'
import { startEngine } from '@skerry/node'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import * as z from 'zod'
import { DriftingSystem } from '../../test/drifting.ts'
import { HeldAdapter } from '../../test/held.ts'
import { testHost } from '../../test/nodes.ts'
import { SCHEMA_SUSPECT_MS_MIN } from '../limits.ts'

beforeAll(startEngine)

const optional = z.string().optional()
const collections = {
  jobs: collection('jobs', z.object({ title: z.string(), site: optional, status: optional })),
}
const jobs: MappingConfig = {
  collection: 'jobs',
  type: 'cases',
  fields: { title: 'Title', site: 'Site', status: 'Status' },
}
const typed = (type: string, ...names: string[]): TypeSchema => ({
  type,
  fields: names.map((name) => ({ name, kind: 'text', required: false, writable: true })),
})

async function world({
  wrap = (adapter: Adapter) => adapter,
  refuses,
}: {
  wrap?: (adapter: Adapter) => Adapter
  refuses?: DriftingSystem['refuses']
} = {}) {
  const crm = new DriftingSystem([typed('cases', 'Title', 'Site', 'Status')])
  crm.refuses = refuses
  const host = testHost()
  const replica = await openReplica({ host, store: memoryStore(), collections })
  const { jobs: records } = replica
  const events: BridgeEvent[] = []
  const bridge = await startBridge({
    events: (event) => events.push(event),
    replica,
    adapter: wrap(crm.adapter()),
    mappings: [jobs],
    host,
    pollIntervalMs: 0,
  })
  onTestFinished(() => bridge.close())
  const { id } = await records.create({ title: 'gate', site: 'North', status: 'open' })
  await bridge.idle()
  const there = (fields: JsonObject) =>
    void crm.system.edit('cases', { id: crm.system.rows('cases')[0]!.id }, fields)
  const meet = async () => {
    await bridge.pollNow()
    await bridge.idle()
  }
  const both = async () => [await records.get(id), crm.system.rows('cases')[0]!.value] as const
  const back = async () => {
    crm.refuses = undefined
    crm.bringBack('Site')
    await meet()
  }
  const edit = (fields: { title?: string; site?: string }) =>
    records.update(id, (draft) => void Object.assign(draft, fields))
  return { crm, host, bridge, events, records, id, there, meet, both, back, edit }
}

describe('B-193: the schema cannot be read when a row lacks a field', () => {
  test.each(['later', 'unknown', 'unauthorized'] as const)(
    '%s: its mapping is paused and says why, until it can be read',
    async (kind) => {
      const { crm, bridge, there, meet, both, back } = await world()
      crm.drop('Site')
      crm.refuses = { kind: kind as 'later', reason: 'maintenance' }
      there({ Title: 'edited there' })
      await meet()
      expect((await both())[0]).toMatchObject({ title: 'gate', site: 'North' })
      const message = `a row of cases has no field 'Site', and crm did not tell its schema (${kind}): maintenance; it goes on when the schema can be read and shows the field`
      expect(bridge.pausedMappings()).toMatchObject([
        { reasons: [{ code: 'schema-unread', external: 'Site', message }] },
      ])
      await back()
      expect(bridge.pausedMappings()).toEqual([])
      expect(await both()).toMatchObject([
        { title: 'edited there', site: 'North' },
        { Title: 'edited there', Site: 'North' },
      ])
    },
  )

  test('a system that never told it is one without: nobody waits for it', async () => {
    const { crm, bridge, there, meet, both } = await world({
      refuses: { kind: 'unknown', reason: 'not for you' },
    })
    crm.drop('Site')
    there({ Title: 'edited there' })
    await meet()
    expect(bridge.pausedMappings()).toEqual([])
    expect((await both())[0]).toMatchObject({ title: 'edited there' })
  })

  test('a field that was emptied, at a system that leaves empty ones out, is taken in once it can be read', async () => {
    const { crm, bridge, there, meet, both } = await world({
      wrap: (adapter) => ({
        ...adapter,
        capabilities: { ...adapter.capabilities, emptyFields: 'left-out' },
        changes: async (...given) => {
          const answer = await adapter.changes(...given)
          if (answer.kind !== 'page') return answer
          const full = ([, value]: [string, unknown]) => value !== null
          const rows = answer.rows.map((row) => ({
            ...row,
            value: Object.fromEntries(Object.entries(row.value).filter(full)),
          }))
          return { ...answer, rows }
        },
      }),
    })
    crm.refuses = { kind: 'later', reason: 'maintenance' }
    there({ Site: null })
    await meet()
    expect((await both())[0]).toMatchObject({ site: 'North' })
    crm.refuses = undefined
    await meet()
    expect(bridge.pausedMappings()).toEqual([])
    expect((await both())[0]).not.toHaveProperty('site')
  })
})

describe('B-193: a field is gone, and the system still describes it', () => {
  const cases = typed('cases', 'Title', 'Site', 'Status')
  const stale = (adapter: Adapter): Adapter => ({
    ...adapter,
    describe: async () => ({ kind: 'types', types: [cases] }),
  })

  test('where rows show empty fields it is not taken for an emptied one, and its mapping waits', async () => {
    const { crm, bridge, there, meet, both, back } = await world({ wrap: stale })
    crm.drop('Site')
    there({ Title: 'edited there' })
    for (let poll = 0; poll < 3; poll++) {
      await meet()
      expect((await both())[0]).toMatchObject({ title: 'gate', site: 'North' })
      expect(bridge.pausedMappings()).toMatchObject([
        { reasons: [{ code: 'field-unshown', external: 'Site', type: 'cases' }] },
      ])
    }
    await back()
    expect(bridge.pausedMappings()).toEqual([])
    expect((await both())[0]).toMatchObject({ title: 'edited there', site: 'North' })
  })

  test('a row that is gone meanwhile holds nobody', async () => {
    const { crm, bridge, there, meet } = await world({ wrap: stale })
    crm.drop('Site')
    there({ Title: 'edited there' })
    await meet()
    crm.system.edit('cases', { id: crm.system.rows('cases')[0]!.id, deleted: true }, {})
    await meet()
    expect(bridge.pausedMappings()).toEqual([])
  })
})

test('B-190: an adapter that throws when it is asked for the schema is said, and rows are read', async () => {
  let throws = true
  const wrap = (adapter: Adapter): Adapter => ({
    ...adapter,
    describe: async (...given) => {
      if (throws) throw new TypeError('x is not a function')
      return adapter.describe!(...given)
    },
  })
  const { crm, bridge, there, meet, both, events } = await world({ wrap })
  there({ Title: 'edited there' })
  await meet()
  expect((await both())[0]).toMatchObject({ title: 'edited there' })
  crm.drop('Site')
  there({ Title: 'once more' })
  await meet()
  // Never read, it is no schema, and nobody waits for one (B-193).
  expect((await both())[0]).toMatchObject({ title: 'once more' })
  const message = expect.stringContaining('the adapter crm threw instead of answering: x is not a function')
  expect(events.map(({ code, message: told }) => [code, told])).toEqual([['schema-unread', message]])
  throws = false
  await bridge.checkSchema()
  expect(bridge.pausedMappings()).toMatchObject([{ reasons: [{ code: 'unknown-field' }] }])
})

test('B-193: what was sent of a field that the system left out without a word is written when the field is back', async () => {
  for (const isNew of [true, false]) {
    const { crm, bridge, records, id, edit, back } = await world()
    crm.drop('Site')
    crm.isSilent = true
    if (isNew) await records.create({ title: 'new', site: 'South' })
    else await edit({ title: 'new', site: 'South' })
    await bridge.idle()
    const written = isNew ? (await records.all()).find((one) => one.id !== id)!.id : id
    const standing = async () =>
      (await records.standing(written, 'crm')).find(({ field }) => field.includes('site'))?.state
    expect(await standing()).toBe('pending')
    crm.isSilent = false
    await back()
    const row = crm.system.rows('cases').find(({ value }) => value.Title === 'new')!
    expect([await records.get(written), row.value.Site]).toMatchObject([{ site: 'South' }, 'South'])
    expect(await standing()).toBe('saved')
  }
})

test('B-193: two records are not merged by a row whose field is gone', async () => {
  const { crm, bridge, records, id, there, both, back } = await world()
  const other = await records.create({ title: 'door' })
  await bridge.idle()
  const asked = { survivor: `jobs/${id}`, other: `jobs/${other.id}` }
  crm.drop('Site')
  there({ Title: 'edited there' })
  await expect(bridge.merge(asked)).rejects.toMatchObject({
    code: 'cannot-merge',
    message: expect.stringContaining('mapping jobs ↔ cases is paused'),
  })
  expect((await both())[0]).toMatchObject({ title: 'gate', site: 'North' })
  await back()
  await bridge.merge(asked)
  expect((await both())[0]).toMatchObject({ title: 'edited there', site: 'North' })
})

test('B-195: a row that waits is not forgotten when its type is gone before anybody looked', async () => {
  let isGone = false
  let held!: HeldAdapter
  const { crm, host, bridge, id, records, there, edit, meet } = await world({
    wrap: (adapter) => {
      const { read, changes, describe: tell } = adapter
      const gone = { kind: 'rejected', reason: 'no such object type: cases' } as const
      held = new HeldAdapter({
        ...adapter,
        read: async (...given) => (isGone ? gone : read(...given)),
        changes: async (...given) => (isGone ? gone : changes(...given)),
        describe: async (...given) => (isGone ? { kind: 'types', types: [] } : tell!(...given)),
      })
      return held.adapter
    },
  })
  // A row that changes while a call of its record is under way: the position goes past it.
  const call = held.hold('upsert', 'answer')
  await edit({ title: 'ours' })
  await call.arrived
  there({ Status: 'theirs' })
  await bridge.pollNow()
  isGone = true
  host.clock += SCHEMA_SUSPECT_MS_MIN
  call.release()
  await bridge.idle()
  expect(bridge.pausedMappings()).toMatchObject([{ reasons: [{ code: 'unknown-type' }] }])
  expect(crm.system.rows('cases')[0]!.value.Status).toBe('theirs')
  isGone = false
  await meet()
  expect(await records.get(id)).toMatchObject({ status: 'theirs', title: 'ours' })
})

test('B-191 B-193: a part of an object that the schema showed as a field, and does not any more', async () => {
  let isGone = false
  const system = new MemorySystem({ name: 'crm' })
  const inner = system.adapter()
  const host = testHost()
  const replica = await openReplica({ host, store: memoryStore(), collections })
  const bridge = await startBridge({
    replica,
    adapter: {
      ...inner,
      describe: async () => ({
        kind: 'types',
        types: [typed('cases', 'Title', ...(isGone ? [] : ['Place.Site']))],
      }),
    },
    mappings: [{ ...jobs, fields: { title: 'Title', site: 'Place.Site' } }],
    host,
    pollIntervalMs: 0,
  })
  onTestFinished(() => bridge.close())
  const { id } = await replica.jobs.create({ title: 'gate', site: 'North' })
  await bridge.idle()
  const row = system.rows('cases')[0]!
  isGone = true
  system.edit('cases', { id: row.id }, { Title: 'there', Place: { Zip: '1' } })
  await bridge.pollNow()
  await bridge.idle()
  expect(bridge.pausedMappings()).toMatchObject([{ reasons: [{ external: 'Place.Site' }] }])
  expect(await replica.jobs.get(id)).toMatchObject({ title: 'gate', site: 'North' })
  isGone = false
  system.edit('cases', { id: row.id }, { Place: { Zip: '1', Site: 'North' } })
  await bridge.pollNow()
  await bridge.idle()
  expect(await replica.jobs.get(id)).toMatchObject({ title: 'there', site: 'North' })
})

test('B-194: rows of a paused mapping are not read again and again, whichever of its type it is', async () => {
  const crm = new DriftingSystem([typed('cases', 'Title', 'Site', 'Status')], { losesPush: () => true })
  const host = testHost()
  const both = { ...collections, parts: collection('parts', z.object({ name: z.string() })) }
  const replica = await openReplica({ host, store: memoryStore(), collections: both })
  const isPart = ({ value }: { value: JsonObject }) => value.Status === 'part'
  const bridge = await startBridge({
    replica,
    adapter: crm.adapter(),
    mappings: [
      { collection: 'parts', type: 'cases', fields: { name: 'Title' }, filter: { in: isPart } },
      { ...jobs, filter: { in: (row) => !isPart(row) } },
    ],
    host,
    pollIntervalMs: 0,
  })
  onTestFinished(() => bridge.close())
  crm.drop('Site')
  await bridge.checkSchema()
  crm.system.edit('cases', {}, { Title: 'made there' })
  crm.system.edit('cases', {}, { Title: 'crane', Status: 'part' })
  await bridge.pollNow()
  // Whoever reads for ever has done so many times by now.
  for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve))
  expect(crm.system.ledger.filter(({ method }) => method === 'read')).toEqual([])
  await bridge.idle()
  crm.bringBack('Site')
  await bridge.checkSchema()
  await bridge.idle()
  expect((await replica.jobs.all()).map(({ title }) => title)).toEqual(['made there'])
  expect((await replica.parts.all()).map(({ name }) => name)).toEqual(['crane'])
})

test('B-194: a type is not compared while a mapping of it is paused, and whoever asks is told', async () => {
  const { crm, bridge, back } = await world()
  crm.drop('Site')
  await bridge.checkSchema()
  for (const dryRun of [true, false])
    await expect(bridge.reconcile({ dryRun })).rejects.toMatchObject({
      code: 'cannot-reconcile',
      message: expect.stringContaining('cases cannot be compared while a mapping of it is paused'),
    })
  await back()
  expect(await bridge.reconcile()).toMatchObject([{ type: 'cases', listed: 1 }])
})
