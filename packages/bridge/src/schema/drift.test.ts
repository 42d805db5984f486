/** The system's schema changes under a bridge that runs: the mapping it touches is paused, everything else goes on, and nothing is lost (SPEC B-190 to B-197). */
import { type FieldKind, type MappingConfig, planBridge, startBridge, type TypeSchema } from '@skerry/bridge'
import { collection, type JsonObject, MemoryDisk, memoryStore, openReplica } from '@skerry/core'
import { startEngine } from '@skerry/node'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import * as z from 'zod'
import { DriftingSystem } from '../../test/drifting.ts'
import { holdTimers, testHost } from '../../test/nodes.ts'
import type { BridgeEvent } from '../context.ts'
import { SCHEMA_INTERVAL_MS_DEFAULT, SCHEMA_SUSPECT_MS_MIN } from '../limits.ts'

beforeAll(startEngine)

const optional = z.string().optional()
const collections = {
  jobs: collection('jobs', z.object({ title: z.string(), site: optional, status: optional })),
  parts: collection('parts', z.object({ name: z.string() })),
}
const jobs: MappingConfig = {
  collection: 'jobs',
  type: 'cases',
  fields: {
    title: 'Title',
    site: 'Site',
    status: { field: 'Status', to: (value) => value, from: (value) => value },
  },
}
const parts: MappingConfig = { collection: 'parts', type: 'items', fields: { name: 'Name' } }

const typed = (type: string, ...names: string[]): TypeSchema => ({
  type,
  fields: names.map((name) => ({ name, kind: 'text', required: false, writable: true })),
})

async function world({ disk = new MemoryDisk(), given = {} as { crm?: DriftingSystem } } = {}) {
  const crm =
    given.crm ?? new DriftingSystem([typed('cases', 'Title', 'Site', 'Status'), typed('items', 'Name')])
  const host = testHost()
  const replica = await openReplica({ host, store: memoryStore({ disk }), collections })
  const events: BridgeEvent[] = []
  const start = async (mappings: MappingConfig[] = [jobs, parts], more: object = {}) => {
    const bridge = await startBridge({
      replica,
      adapter: crm.adapter(),
      mappings,
      host,
      pollIntervalMs: 0,
      events: (event) => events.push(event),
      ...more,
    })
    onTestFinished(() => bridge.close())
    return bridge
  }
  const bridge = await start()
  await bridge.idle()
  const job = await replica.jobs.create({ title: 'gate', site: 'North', status: 'open' })
  const part = await replica.parts.create({ name: 'bolt' })
  await bridge.idle()
  const row = (type: string) => crm.system.rows(type)[0]!
  const told = (code: string) => events.filter((event) => event.code === code)
  /** A minute later, in which nothing happened. */
  const later = () => {
    host.clock += SCHEMA_SUSPECT_MS_MIN
  }
  return { crm, host, disk, replica, bridge, start, job, part, row, told, later, events }
}

type World = Awaited<ReturnType<typeof world>>

async function edit(
  { replica, bridge, job }: World,
  change: { title?: string; site?: string; status?: string },
) {
  await replica.jobs.update(job.id, (draft) => Object.assign(draft, change))
  await bridge.idle()
}

describe('fault I7: GOV-2 a field of the system is dropped', () => {
  test('B-192 B-193: a write that is refused for it makes no dead letter, its mapping is paused, and says so; the other goes on', async () => {
    const here = await world()
    here.crm.drop('Site')
    here.later()
    await edit(here, { site: 'South', title: 'the gate' })
    expect(here.bridge.stats()).toMatchObject({ dead: 0, paused: 1, mappingsPaused: 1, open: 0 })
    expect(here.bridge.pausedMappings()).toMatchObject([
      { collection: 'jobs', type: 'cases', reasons: [{ code: 'unknown-field', external: 'Site' }] },
    ])
    expect(here.told('mapping-paused')).toMatchObject([
      {
        level: 'error',
        message: expect.stringContaining("cases has no field 'Site'"),
        fields: { collection: 'jobs' },
      },
    ])
    expect(await here.bridge.deadLetters()).toEqual([])

    await here.replica.parts.update(here.part.id, (draft) => Object.assign(draft, { name: 'screw' }))
    here.crm.system.edit('items', {}, { Name: 'crane' })
    await here.bridge.pollNow()
    await here.bridge.idle()
    expect(here.row('items').value.Name).toBe('screw')
    expect(await here.replica.parts.all()).toHaveLength(2)
    expect(here.bridge.stats()).toMatchObject({ mappingsPaused: 1 })
  })

  test('B-194 B-195: it goes on by itself when the field is there again, and both sides have what the other did meanwhile', async () => {
    const here = await world()
    here.crm.drop('Site')
    await here.bridge.checkSchema()
    await edit(here, { title: 'ours meanwhile' })
    here.crm.system.edit('cases', { id: here.row('cases').id }, { Status: 'theirs meanwhile' })
    const made = here.crm.system.edit('cases', {}, { Title: 'made there' })
    const own = await here.replica.jobs.create({ title: 'made here' })
    await here.bridge.pollNow()
    await here.bridge.idle()
    expect(here.row('cases').value.Title).toBe('gate')
    expect(await here.replica.jobs.all()).toHaveLength(2)
    const gone = here.crm.system.edit('cases', { id: made.id }, { Title: 'edited there' })

    here.crm.bringBack('Site')
    await here.bridge.pollNow()
    await here.bridge.idle()
    expect(here.told('mapping-resumed')).toHaveLength(1)
    expect(here.bridge.stats()).toMatchObject({ paused: 0, mappingsPaused: 0 })
    expect(here.row('cases').value).toMatchObject({
      Title: 'ours meanwhile',
      Status: 'theirs meanwhile',
      Site: 'North',
    })
    expect(await here.replica.jobs.get(here.job.id)).toMatchObject({
      title: 'ours meanwhile',
      status: 'theirs meanwhile',
      site: 'North',
    })
    const titles = (await here.replica.jobs.all()).map(({ title }) => title).sort()
    expect(titles).toEqual(['edited there', 'made here', 'ours meanwhile'])
    expect(
      here.crm.system
        .rows('cases')
        .map(({ value }) => value.Title)
        .sort(),
    ).toEqual(titles)
    expect(gone.id).toBe(made.id)
    await here.replica.jobs.saved(own.id, 'crm')
  })

  test('B-193: a row without it is no row in which it was emptied', async () => {
    const here = await world()
    here.crm.drop('Site')
    const asked = here.crm.described
    here.crm.system.edit('cases', { id: here.row('cases').id }, { Title: 'edited there' })
    await here.bridge.pollNow()
    await here.bridge.idle()
    expect(await here.replica.jobs.get(here.job.id)).toMatchObject({ title: 'gate', site: 'North' })
    expect(here.crm.described).toBeGreaterThan(asked)
    here.crm.bringBack('Site')
    await here.bridge.pollNow()
    await here.bridge.idle()
    expect(await here.replica.jobs.get(here.job.id)).toMatchObject({ title: 'edited there', site: 'North' })
  })

  test('B-193: nor is the answer to a write, which was carried out and is not repeated', async () => {
    const here = await world()
    here.crm.drop('Site')
    await edit(here, { title: 'ours' })
    expect(here.row('cases').value.Title).toBe('ours')
    expect(await here.replica.jobs.get(here.job.id)).toMatchObject({ title: 'ours', site: 'North' })
    expect(here.bridge.stats().mappingsPaused).toBe(1)
    const writes = here.crm.system.effects('cases').length
    here.crm.bringBack('Site')
    await here.bridge.pollNow()
    await here.bridge.idle()
    expect(here.crm.system.effects('cases')).toHaveLength(writes)
    expect(await here.replica.jobs.get(here.job.id)).toMatchObject({ title: 'ours', site: 'North' })
  })

  test('B-193: nor when the system takes a new row without it and says nothing', async () => {
    const here = await world()
    here.crm.drop('Site')
    here.crm.isSilent = true
    const { id } = await here.replica.jobs.create({ title: 'new', site: 'South' })
    await here.bridge.idle()
    expect(here.bridge.stats().mappingsPaused).toBe(1)
    expect(await here.replica.jobs.get(id)).toMatchObject({ title: 'new', site: 'South' })
  })

  test('B-194: of a type with several mappings the others go on; rows of this one are read when it does', async () => {
    const here = await world()
    await here.bridge.close()
    const isPart = (row: { value: JsonObject }) => row.value.Status === 'part'
    const both: MappingConfig[] = [
      { ...jobs, filter: { in: (row) => !isPart(row) } },
      { collection: 'parts', type: 'cases', fields: { name: 'Title' } },
    ]
    const next = await here.start(both)
    here.crm.drop('Site')
    await next.checkSchema()
    here.crm.system.edit('cases', {}, { Title: 'crane', Status: 'part' })
    here.crm.system.edit('cases', { id: here.row('cases').id }, { Title: 'edited there' })
    const made = here.crm.system.edit('cases', {}, { Title: 'made there' })
    await next.pollNow()
    await next.idle()
    expect((await here.replica.parts.all()).map(({ name }) => name).sort()).toEqual(['bolt', 'crane'])
    expect((await here.replica.jobs.all()).map(({ title }) => title)).toEqual(['gate'])
    here.crm.bringBack('Site')
    await next.checkSchema()
    await next.idle()
    expect((await here.replica.jobs.all()).map(({ title }) => title).sort()).toEqual([
      'edited there',
      'made there',
    ])
    expect(await next.crossReference({ type: 'cases', row: made.id })).toBeDefined()
  })

  test('B-195: what became a dead letter before anybody looked is tried again', async () => {
    const here = await world()
    here.crm.drop('Site')
    // The schema was read within the last minute: errors give no reason to ask again.
    await edit(here, { site: 'South' })
    expect(here.bridge.stats()).toMatchObject({ dead: 1, mappingsPaused: 0 })
    await here.bridge.checkSchema()
    here.crm.bringBack('Site')
    await here.bridge.checkSchema()
    await here.bridge.idle()
    expect(here.bridge.stats()).toMatchObject({ dead: 0, open: 0 })
    expect(here.row('cases').value.Site).toBe('South')
  })

  test('B-196: it is paused still after a restart, and asks no more of the system than its schema', async () => {
    const here = await world()
    here.crm.drop('Site')
    await here.bridge.checkSchema()
    await here.bridge.close()
    here.crm.refuses = { kind: 'later', reason: 'maintenance' }
    here.crm.system.ledger.length = 0
    const next = await here.start()
    await next.idle()
    expect(next.pausedMappings()).toMatchObject([{ collection: 'jobs', since: expect.any(Number) }])
    expect(here.crm.system.ledger.filter(({ type }) => type === 'cases')).toEqual([])
    expect(here.told('schema-unread')).toHaveLength(1)
    here.crm.refuses = undefined
    here.crm.bringBack('Site')
    await next.checkSchema()
    expect(next.pausedMappings()).toEqual([])
  })

  test('B-196: it goes on when the mapping does not name it any more', async () => {
    const here = await world()
    here.crm.drop('Site')
    await here.bridge.checkSchema()
    await edit(here, { title: 'without a site' })
    await here.bridge.close()
    const { site: _, ...fields } = jobs.fields
    here.crm.refuses = { kind: 'later', reason: 'maintenance' }
    const next = await here.start([{ ...jobs, fields }, parts])
    await next.idle()
    expect(next.pausedMappings()).toEqual([])
    expect(here.row('cases').value.Title).toBe('without a site')
  })
})

describe('fault I7: GOV-2 a field of the system is another one', () => {
  test.each([
    ['Title', 'integer', true],
    ['Title', 'enum', false],
    // Functions convert it: what they make of another kind nobody knows.
    ['Status', 'enum', true],
  ] as const)('B-191: %s becomes %s: paused %s', async (field, kind: FieldKind, isPaused) => {
    const here = await world()
    here.crm.change('cases', field, { kind })
    await here.bridge.checkSchema()
    expect(here.bridge.stats().mappingsPaused).toBe(isPaused ? 1 : 0)
    here.crm.change('cases', field, { kind: 'text' })
    await here.bridge.checkSchema()
    expect(here.bridge.stats().mappingsPaused).toBe(0)
  })

  test('B-191: it cannot be written any more; one that never could is for `check` to say', async () => {
    const here = await world()
    here.crm.change('cases', 'Title', { writable: false })
    await here.bridge.checkSchema()
    expect(here.bridge.pausedMappings()).toMatchObject([
      { reasons: [{ code: 'read-only', external: 'Title' }] },
    ])
    const crm = new DriftingSystem([typed('cases', 'Title', 'Site', 'Status'), typed('items', 'Name')])
    crm.change('cases', 'Title', { writable: false })
    const { bridge } = await world({ given: { crm } })
    expect(bridge.pausedMappings()).toEqual([])
  })

  test('B-190: a type that is gone', async () => {
    const crm = new DriftingSystem([typed('items', 'Name')])
    const { bridge, replica, row } = await world({ given: { crm } })
    expect(bridge.pausedMappings()).toMatchObject([{ reasons: [{ code: 'unknown-type' }] }])
    expect(row('items').value).toEqual({ Name: 'bolt' })
    expect(crm.system.rows('cases')).toEqual([])
    expect(await replica.jobs.all()).toHaveLength(1)
  })
})

describe('B-190: when the schema is read', () => {
  test('at the start, before anything else is asked; and at an interval', async () => {
    const here = await world()
    await here.bridge.close()
    const move = holdTimers(here.host, SCHEMA_INTERVAL_MS_DEFAULT)
    here.crm.drop('Site')
    here.crm.system.ledger.length = 0
    const next = await here.start([jobs], { schemaIntervalMs: SCHEMA_INTERVAL_MS_DEFAULT })
    await next.idle()
    expect(here.crm.system.ledger).toEqual([])
    here.crm.bringBack('Site')
    move(SCHEMA_INTERVAL_MS_DEFAULT)
    await next.idle()
    expect(next.pausedMappings()).toEqual([])
  })

  test('a row that fits nothing is a reason, once a minute', async () => {
    const here = await world()
    here.later()
    const asked = here.crm.described
    const odd = () => here.crm.system.edit('items', {}, { Name: null })
    for (let i = 0; i < 5; i++) {
      odd()
      await here.bridge.pollNow()
      await here.bridge.idle()
    }
    expect(here.crm.described).toBe(asked + 1)
    here.later()
    odd()
    await here.bridge.pollNow()
    await here.bridge.idle()
    expect(here.crm.described).toBe(asked + 2)
  })
})

test('B-197: a dry run of a mapping that does not fit is none', async () => {
  const here = await world()
  await here.bridge.close()
  here.crm.drop('Site')
  const copy = await openReplica({
    host: here.host,
    store: memoryStore({ disk: here.disk.clone(), accept: 'copy' }),
    collections,
  })
  const planned = planBridge({
    replica: copy,
    adapter: here.crm.adapter(),
    mappings: [jobs, parts],
    host: here.host,
  })
  await expect(planned).rejects.toMatchObject({
    code: 'cannot-plan',
    message: expect.stringContaining("no field 'Site'"),
  })
})
