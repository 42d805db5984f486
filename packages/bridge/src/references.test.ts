import { type Adapter, type FieldConfig, importedId, type MappingConfig, MemorySystem } from '@skerry/bridge'
import { startEngine } from '@skerry/node'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  bridgedCrm,
  type Crm,
  changesOf,
  contactMapping,
  cutPower,
  jobMapping,
  openCrm,
  siteMapping,
  visitMapping,
} from '../test/crm.ts'
import { HeldAdapter } from '../test/held.ts'
import { testHost } from '../test/nodes.ts'

beforeAll(startEngine)

const all = [jobMapping, visitMapping, contactMapping, siteMapping]

function rowOf(system: MemorySystem, type: string, externalId: string) {
  return system.rows(type).find((row) => row.externalId === `skerry:${externalId}`)
}

/** A bridge whose system refuses sites named `bad` until it is told otherwise. */
async function withBadSites(crm: Crm) {
  let refuses = true
  const system = new MemorySystem({
    refuses: (type, { Name }) =>
      refuses && type === 'accounts' && Name === 'bad' ? 'Name: not in our register' : undefined,
  })
  return { system, mend: () => (refuses = false), ...(await bridgedCrm(crm, system, all)) }
}

describe('MAP-4 outwards', () => {
  test('B-80 a child waits for its parent, and nothing else does', async () => {
    const crm = await openCrm()
    const system = new MemorySystem()
    const held = new HeldAdapter(system.adapter())
    const call = held.hold('upsert', 'request')
    const { bridge } = await bridgedCrm(crm, system, all, { adapter: held.adapter })
    const { jobs, sites } = crm.replica
    await sites.create({ name: 'North' }, { id: 'north' })
    await call.arrived
    await jobs.create({ title: 'child', site: 'north' }, { id: 'child' })
    const { id } = await jobs.create({ title: 'other' })
    await jobs.saved(id, 'memory')
    expect(system.rows('cases').map(({ value }) => value.Title)).toEqual(['other'])
    expect(bridge.stats()).toMatchObject({ parked: 1 })
    expect(await bridge.parked()).toEqual([
      {
        record: 'jobs/child',
        parents: ['sites/north'],
        reason: 'it waits for sites/north, which has no row there yet',
      },
    ])
    call.release()
    await jobs.saved('child', 'memory')
    expect(rowOf(system, 'cases', 'child')?.value).toEqual({
      Title: 'child',
      AccountId: rowOf(system, 'accounts', 'north')?.id,
    })
    expect(system.effects('cases')).toHaveLength(2)
    await bridge.close()
  })

  /** The job's reference held in another way. */
  const held = (how: Partial<FieldConfig>): MappingConfig => ({
    ...jobMapping,
    fields: { title: 'Title', site: { field: 'AccountId', reference: 'sites', ...how } },
  })

  test('B-80 a row may hold the external id of the other one', async () => {
    const crm = await openCrm()
    const system = new MemorySystem()
    const { bridge } = await bridgedCrm(crm, system, [
      held({ by: 'externalId' }),
      siteMapping,
      contactMapping,
    ])
    await crm.replica.sites.create({ name: 'North' }, { id: 'north' })
    await crm.replica.jobs.create({ title: 'a', site: 'north' }, { id: 'a' })
    await bridge.idle()
    expect(rowOf(system, 'cases', 'a')?.value.AccountId).toBe('skerry:north')
    system.edit('cases', {}, { Title: 'b', AccountId: 'skerry:north' })
    await bridge.pollNow()
    await bridge.idle()
    expect((await crm.replica.jobs.all()).map(({ site }) => site)).toEqual(['north', 'north'])
    await bridge.close()
  })

  test('B-80 a row may hold the id as a number; an id that is none makes a dead letter', async () => {
    const crm = await openCrm()
    const system = new MemorySystem()
    // Rows under their own ids are not to be seen, nor heard of.
    const { listen: _, ...adapter } = system.adapter()
    let siteId = '17'
    const numbering: Adapter = {
      ...adapter,
      changes: async () => ({ kind: 'page', rows: [], next: '', complete: true }),
      upsert: async (type, ...given) => {
        const answer = await adapter.upsert(type, ...given)
        if (type !== 'accounts' || !('row' in answer)) return answer
        return { ...answer, row: { ...answer.row, id: siteId } }
      },
    }
    const mappings = [held({ as: 'number' }), siteMapping, contactMapping]
    const { bridge } = await bridgedCrm(crm, system, mappings, { adapter: numbering })
    const { sites, jobs } = crm.replica
    await sites.create({ name: 'North' }, { id: 'north' })
    await jobs.create({ title: 'a', site: 'north' }, { id: 'a' })
    await bridge.idle()
    expect(rowOf(system, 'cases', 'a')?.value.AccountId).toBe(17)
    siteId = 'ACC-18'
    await sites.create({ name: 'South' }, { id: 'south' })
    await jobs.create({ title: 'b', site: 'south' }, { id: 'b' })
    await bridge.idle()
    expect(await bridge.deadLetters()).toMatchObject([
      { record: 'jobs/b', reason: expect.stringContaining("the row 'ACC-18' has none for its id") },
    ])
    await bridge.close()
  })

  test('B-80 a row that is there takes everything else at once; saved comes with the reference', async () => {
    const crm = await openCrm()
    const { bridge, system, mend } = await withBadSites(crm)
    const { jobs, sites } = crm.replica
    await jobs.create({ title: 'a' }, { id: 'a' })
    await bridge.idle()
    await sites.create({ name: 'bad' }, { id: 'north' })
    await jobs.update('a', (draft) => {
      draft.status = 'done'
      draft.site = 'north'
    })
    await bridge.idle()
    expect(rowOf(system, 'cases', 'a')?.value).toEqual({ Title: 'a', Status: 'done' })
    await expect(jobs.saved('a', 'memory', { timeoutMs: 1 })).rejects.toThrow('was not saved')
    expect(bridge.stats()).toMatchObject({ parked: 1, dead: 1, open: 0 })
    mend()
    await bridge.retry('sites/north')
    await jobs.saved('a', 'memory')
    expect(rowOf(system, 'cases', 'a')?.value.AccountId).toBe(rowOf(system, 'accounts', 'north')?.id)
    expect(system.effects('cases').map(({ fields }) => fields)).toEqual([
      ['Title'],
      ['Status'],
      ['AccountId'],
    ])
    await bridge.close()
  })

  test('B-81 a parent that is a dead letter parks its dependants, by name; they go on when it is retried', async () => {
    const crm = await openCrm()
    const { bridge, system, events, mend } = await withBadSites(crm)
    const { jobs, sites } = crm.replica
    await sites.create({ name: 'bad' }, { id: 'north' })
    for (const id of ['a', 'b']) await jobs.create({ title: id, site: 'north' }, { id })
    await bridge.idle()
    const reason = 'it waits for sites/north, which cannot be written: Name: not in our register'
    expect((await bridge.parked()).map(({ record, reason: why }) => [record, why])).toEqual([
      ['jobs/a', reason],
      ['jobs/b', reason],
    ])
    expect(events.filter(({ code }) => code === 'parked').map(({ message }) => message)).toContain(
      `jobs/a is not written to memory yet: ${reason}`,
    )
    mend()
    await bridge.retry('sites/north')
    await bridge.idle()
    expect(system.rows('cases').map(({ value }) => value.AccountId)).toEqual(
      Array(2).fill(rowOf(system, 'accounts', 'north')?.id),
    )
    expect(bridge.stats()).toMatchObject({ parked: 0, dead: 0 })
    await bridge.close()
  })

  test('B-81 what waits is durable: another process goes on with it', async () => {
    const crm = await openCrm()
    const { mend, system, bridge } = await withBadSites(crm)
    await crm.replica.sites.create({ name: 'bad' }, { id: 'north' })
    await crm.replica.jobs.create({ title: 'a', site: 'north' }, { id: 'a' })
    await bridge.idle()
    cutPower(crm)
    mend()
    const after = await openCrm({ disk: crm.disk, host: testHost(2) })
    const { bridge: next } = await bridgedCrm(after, system, all)
    await next.idle()
    expect(await next.parked()).toHaveLength(1)
    await next.retry('sites/north')
    await next.idle()
    expect(rowOf(system, 'cases', 'a')?.value.AccountId).toBe(rowOf(system, 'accounts', 'north')?.id)
    await next.close()
  })

  test('B-81 a parent that is not here yet, or that its filter leaves out, is said so, and waited for', async () => {
    const crm = await openCrm()
    const system = new MemorySystem()
    const ready = { ...siteMapping, filter: { out: 'name != "draft"' } }
    const { bridge } = await bridgedCrm(crm, system, [jobMapping, ready, contactMapping])
    const { jobs, sites } = crm.replica
    await jobs.create({ title: 'a', site: 'north' }, { id: 'a' })
    await bridge.idle()
    expect(await bridge.parked()).toMatchObject([
      { reason: 'it waits for sites/north, which is not in this replica' },
    ])
    await sites.create({ name: 'draft' }, { id: 'north' })
    await bridge.idle()
    expect(await bridge.parked()).toMatchObject([
      { reason: 'it waits for sites/north, which the mapping to accounts does not write' },
    ])
    await sites.update('north', (draft) => {
      draft.name = 'North'
    })
    await bridge.idle()
    expect(rowOf(system, 'cases', 'a')?.value.AccountId).toBe(rowOf(system, 'accounts', 'north')?.id)
    await bridge.close()
  })

  test('B-81 a parent that is deleted is nothing to wait for', async () => {
    const crm = await openCrm()
    const { bridge, system } = await withBadSites(crm)
    const { jobs, sites } = crm.replica
    await sites.create({ name: 'bad' }, { id: 'north' })
    await jobs.create({ title: 'a', site: 'north' }, { id: 'a' })
    await bridge.idle()
    expect(bridge.stats().parked).toBe(1)
    await sites.delete('north')
    await bridge.idle()
    expect(rowOf(system, 'cases', 'a')?.value).toEqual({ Title: 'a' })
    await jobs.saved('a', 'memory')
    await bridge.close()
  })

  test('B-81 also where only the reference waited: the edit is saved with what could be written', async () => {
    const crm = await openCrm()
    const { bridge, system } = await withBadSites(crm)
    const { jobs, sites } = crm.replica
    await jobs.create({ title: 'a' }, { id: 'a' })
    await sites.create({ name: 'bad' }, { id: 'north' })
    await bridge.idle()
    await jobs.update('a', (draft) => {
      draft.title = 'b'
      draft.site = 'north'
    })
    await bridge.idle()
    await sites.delete('north')
    await bridge.idle()
    await jobs.saved('a', 'memory')
    expect(rowOf(system, 'cases', 'a')?.value).toEqual({ Title: 'b' })
    expect(bridge.stats()).toMatchObject({ parked: 0, open: 0 })
    await bridge.close()
  })

  test('B-80 a reference that is no id makes a dead letter', async () => {
    const crm = await openCrm()
    const places = {
      ...jobMapping,
      fields: { title: 'Title', place: { field: 'AccountId', reference: 'sites' } },
    }
    const { bridge } = await bridgedCrm(crm, new MemorySystem(), [places, siteMapping, contactMapping])
    await crm.replica.jobs.create({ title: 'a', place: 5 }, { id: 'a' })
    await bridge.idle()
    expect(await bridge.deadLetters()).toMatchObject([
      { reason: "place is a reference, and 5 is no record's id" },
    ])
    await bridge.close()
  })
})

describe('B-82 a circle of references does not stand still: the second write fills it in', () => {
  test.each([
    [
      'of two',
      [
        ['sites', 'a', { contact: 'b' }],
        ['contacts', 'b', { site: 'a' }],
      ],
    ],
    ['of one with itself', [['sites', 'a', { parent: 'a' }]]],
    [
      'of three',
      [
        ['sites', 'a', { parent: 'b' }],
        ['sites', 'b', { parent: 'c' }],
        ['sites', 'c', { parent: 'a' }],
      ],
    ],
    [
      'of two, with a third that waits for it',
      [
        ['jobs', 'j', { site: 'a' }],
        ['sites', 'a', { contact: 'b' }],
        ['contacts', 'b', { site: 'a' }],
      ],
    ],
  ] as const)('%s', async (_, records) => {
    const crm = await openCrm()
    const system = new MemorySystem()
    const { bridge } = await bridgedCrm(crm, system, all)
    for (const [collection, id, references] of records)
      await crm.replica[collection].create(
        { [collection === 'jobs' ? 'title' : 'name']: id, ...references } as never,
        { id },
      )
    await bridge.idle()
    expect(bridge.stats()).toMatchObject({ open: 0, parked: 0, dead: 0 })
    const typeOf = { sites: 'accounts', contacts: 'people', jobs: 'cases' }
    const fieldOf = { contact: 'ContactId', site: 'AccountId', parent: 'ParentId' }
    const idThere = (id: string) =>
      Object.values(typeOf).flatMap((type) => rowOf(system, type, id)?.id ?? [])[0]
    for (const [collection, id, references] of records) {
      const row = rowOf(system, typeOf[collection], id)
      for (const [field, other] of Object.entries(references))
        expect([id, field, row?.value[fieldOf[field as keyof typeof fieldOf]]]).toEqual([
          id,
          field,
          idThere(other),
        ])
      await crm.replica[collection].saved(id, 'memory')
    }
    const rows = Object.values(typeOf).flatMap((type) => system.rows(type))
    expect(rows).toHaveLength(records.length)
    await bridge.close()
  })
})

describe('MAP-4 inwards', () => {
  test('B-83 a row that refers to a row which is no record yet comes in without, and is healed; nothing is written', async () => {
    const crm = await openCrm()
    const system = new MemorySystem()
    const row = system.edit('cases', {}, { Title: 'a', AccountId: 'ACCOUNTS-2' })
    const { bridge } = await bridgedCrm(crm, system, all)
    await bridge.pollNow()
    await bridge.idle()
    expect(await crm.replica.jobs.all()).toMatchObject([{ title: 'a' }])
    expect((await crm.replica.jobs.all())[0]?.site).toBeUndefined()
    const site = system.edit('accounts', {}, { Name: 'North' })
    expect(site.id).toBe('ACCOUNTS-2')
    await bridge.pollNow()
    await bridge.idle()
    const siteId = importedId(crm.host, 'memory', 'accounts', site.id, 0)
    expect(await crm.replica.jobs.all()).toMatchObject([{ title: 'a', site: siteId }])
    expect(system.row('cases', row.id)?.value).toEqual({ Title: 'a', AccountId: site.id })
    expect(system.effects('cases')).toEqual([])
    await bridge.close()
  })

  test('B-83 where the schema wants the reference, the row is set aside, and taken in once the other is there', async () => {
    const crm = await openCrm()
    const system = new MemorySystem()
    system.edit('events', {}, { Title: 'visit', AccountId: 'ACCOUNTS-2' })
    const { bridge, events } = await bridgedCrm(crm, system, all)
    await bridge.pollNow()
    await bridge.idle()
    expect(await crm.replica.visits.all()).toEqual([])
    expect(events.map(({ code }) => code)).toContain('row-set-aside')
    system.edit('accounts', {}, { Name: 'North' })
    await bridge.pollNow()
    await bridge.idle()
    const siteId = importedId(crm.host, 'memory', 'accounts', 'ACCOUNTS-2', 0)
    expect(await crm.replica.visits.all()).toMatchObject([{ title: 'visit', site: siteId }])
    await bridge.close()
  })

  test('B-83 what somebody sets here meanwhile stays, and is written', async () => {
    const crm = await openCrm()
    const system = new MemorySystem()
    const row = system.edit('cases', {}, { Title: 'a', AccountId: 'ACCOUNTS-3' })
    const { bridge } = await bridgedCrm(crm, system, all)
    await bridge.pollNow()
    await bridge.idle()
    const [job] = await crm.replica.jobs.all()
    await crm.replica.sites.create({ name: 'South' }, { id: 'south' })
    await crm.replica.jobs.update(job!.id, (draft) => {
      draft.site = 'south'
    })
    await bridge.idle()
    system.edit('accounts', {}, { Name: 'North' })
    await bridge.pollNow()
    await bridge.idle()
    expect((await crm.replica.jobs.get(job!.id))?.site).toBe('south')
    expect(system.row('cases', row.id)?.value.AccountId).toBe(rowOf(system, 'accounts', 'south')?.id)
    await bridge.close()
  })

  test('B-83 a row changed to refer to an unknown one loses the old reference, and gets the new one when it comes', async () => {
    const crm = await openCrm()
    const system = new MemorySystem()
    const { bridge } = await bridgedCrm(crm, system, all)
    const north = system.edit('accounts', {}, { Name: 'North' })
    const row = system.edit('cases', {}, { Title: 'a', AccountId: north.id })
    await bridge.pollNow()
    await bridge.idle()
    system.edit('cases', { id: row.id }, { AccountId: 'ACCOUNTS-3' })
    await bridge.pollNow()
    await bridge.idle()
    expect((await crm.replica.jobs.all())[0]?.site).toBeUndefined()
    const south = system.edit('accounts', {}, { Name: 'South' })
    await bridge.pollNow()
    await bridge.idle()
    const siteId = importedId(crm.host, 'memory', 'accounts', south.id, 0)
    expect((await crm.replica.jobs.all())[0]?.site).toBe(siteId)
    expect(system.effects('cases')).toEqual([])
    await bridge.close()
  })

  test('B-84 two nodes that know different links never make two changes under one name', async () => {
    const system = new MemorySystem()
    system.edit('cases', {}, { Title: 'a', Notes: 'hello', AccountId: 'ACCOUNTS-2' })
    const early = await openCrm({ host: testHost(1) })
    const first = await bridgedCrm(early, system, all)
    await first.bridge.pollNow()
    await first.bridge.idle()
    system.edit('accounts', {}, { Name: 'North' })
    await first.bridge.pollNow()
    await first.bridge.idle()
    const late = await openCrm({ host: testHost(2) })
    const second = await bridgedCrm(late, system, all)
    await second.bridge.pollNow()
    await second.bridge.idle()
    const key = `jobs/${importedId(early.host, 'memory', 'cases', 'CASES-1', 0)}`
    const [ours, theirs] = [await changesOf(early, key), await changesOf(late, key)]
    expect(ours.size).toBeGreaterThan(1)
    for (const [name, hash] of ours)
      if (theirs.has(name)) expect([name, theirs.get(name)]).toEqual([name, hash])
    const site = importedId(early.host, 'memory', 'accounts', 'ACCOUNTS-2', 0)
    for (const { replica } of [early, late])
      expect(await replica.jobs.all()).toMatchObject([{ site, notes: 'hello' }])
    await first.bridge.close()
    await second.bridge.close()
  })

  test('B-85 types that others refer to are listed first', async () => {
    const crm = await openCrm()
    const system = new MemorySystem()
    const { bridge } = await bridgedCrm(crm, system, all)
    await bridge.pollNow()
    const listed = system.ledger.filter(({ method }) => method === 'changes').map(({ type }) => type)
    expect(listed.slice(0, 4)).toEqual(['people', 'accounts', 'cases', 'events'])
    await bridge.close()
  })
})
