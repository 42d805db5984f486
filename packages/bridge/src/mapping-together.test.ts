/** Paths, groups, references and modes beside rules, reviews, authority, tiers, matching and walks: each was made for the other's fields too. */
import { type MappingConfig, MemorySystem } from '@skerry/bridge'
import { startEngine } from '@skerry/node'
import { beforeAll, describe, expect, test } from 'vitest'
import { bridgedCrm, type Crm, contactMapping, joinedJobs, openCrm, siteMapping } from '../test/crm.ts'

beforeAll(startEngine)

const name: NonNullable<MappingConfig['groups']>[number] = {
  record: ['first', 'last'],
  row: ['Name'],
  to: ({ first, last }) => ({ Name: `${first ?? ''} ${last ?? ''}` }),
  from: ({ Name }) => {
    const [first = '', last = ''] = String(Name).split(' ')
    return { first, last }
  },
}

/** Both sides change what they have while no bridge runs. */
async function apart(
  mapping: Partial<MappingConfig>,
  fields: MappingConfig['fields'],
  { before, ours, theirs }: { before: object; ours: object; theirs: Record<string, never> | object },
) {
  const joined = await joinedJobs(mapping, fields)
  const { crm, system, jobs } = joined
  await jobs.create({ title: 'a', ...before }, { id: 'a' })
  await joined.meet()
  await joined.bridge.close()
  await jobs.update('a', (draft) => void Object.assign(draft, ours))
  system.edit('cases', { id: system.rows('cases')[0]!.id }, theirs as never)
  const config = { collection: 'jobs', type: 'cases', fields: { title: 'Title', ...fields }, ...mapping }
  const { bridge } = await bridgedCrm(crm, system, [config])
  const meet = async () => {
    await bridge.pollNow()
    await bridge.idle()
  }
  await meet()
  return { ...joined, bridge, meet }
}

describe('B-70 a part of an object', () => {
  const fields: MappingConfig['fields'] = { 'address.city': { field: 'Place.City', rule: 'review' } }
  const place = { before: { address: { city: 'Ham', zip: '1' } } }
  const conflict = {
    ...place,
    ours: { address: { city: 'Bonn', zip: '1' } },
    theirs: { Place: { City: 'Kiel' } },
  }

  test('B-100 B-108 is held alone, told by its pointer, and of its field nothing is said to be saved', async () => {
    const { bridge, jobs, meet, row } = await apart({}, fields, conflict)
    const [review] = await bridge.reviews()
    expect(review).toMatchObject({ field: 'address.city', agreed: 'Ham', ours: 'Bonn', theirs: 'Kiel' })
    await jobs.update('a', (draft) => void Object.assign(draft, { title: 'b' }))
    await meet()
    expect(row()).toMatchObject({ Title: 'b', Place: { City: 'Kiel' } })
    const receipts = await jobs.receipts('a')
    expect(receipts.find(({ outcome }) => outcome === 'review')?.values).toEqual({
      '/address/city': { was: 'Kiel', became: 'Bonn', agreed: 'Ham' },
    })
    const saved = receipts.filter(({ outcome, fields: named }) => outcome === 'saved' && named)
    expect(saved.some(({ fields: named }) => named?.includes('/title'))).toBe(true)
    expect(saved.every(({ fields: named }) => !named?.some((one) => one.startsWith('/address')))).toBe(true)
    await bridge.resolve(review!, { value: 'Köln' })
    await meet()
    expect(row()).toMatchObject({ Place: { City: 'Köln' } })
    expect((await jobs.get('a'))?.address).toEqual({ city: 'Köln', zip: '1' })
    await bridge.close()
  })

  test.each([
    ['what stands beside it', { address: { zip: '2' } }],
    ['another field', { title: 'b' }],
  ])(
    'B-37 B-103 decided while a call writes %s is written afterwards, also when nothing is left of it',
    async (_, edit) => {
      const emptied = { ...conflict, ours: { address: { zip: '1' } } }
      const mapped = { ...fields, 'address.zip': 'Place.Zip' }
      const {
        crm,
        system,
        jobs,
        bridge: first,
      } = await apart({}, mapped, {
        ...emptied,
        theirs: { Place: { City: 'Kiel', Zip: '1' } },
      })
      await first.close()
      const inner = system.adapter()
      let isDecided = false
      const { bridge } = await bridgedCrm(
        crm,
        system,
        [{ collection: 'jobs', type: 'cases', fields: { title: 'Title', ...mapped } }],
        {
          adapter: {
            ...inner,
            upsert: async (...given) => {
              const [review] = isDecided ? [] : await bridge.reviews()
              isDecided = true
              if (review) await bridge.resolve(review, 'ours')
              return inner.upsert(...given)
            },
          },
        },
      )
      await jobs.update('a', (draft) => void Object.assign(draft, edit))
      await bridge.idle()
      expect(isDecided).toBe(true)
      expect(system.rows('cases')[0]?.value).toMatchObject({ Place: { City: null } })
      expect((await jobs.get('a'))?.address).not.toHaveProperty('city')
      await bridge.close()
    },
  )

  test('B-97 that is theirs goes back, and what stands beside it stays', async () => {
    const { bridge, jobs, row } = await apart(
      {},
      { 'address.city': { field: 'Place.City', authority: 'that' } },
      {
        before: {},
        ours: { address: { city: 'Bonn', zip: '1' } },
        theirs: { Place: { City: 'Kiel' } },
      },
    )
    expect((await jobs.get('a'))?.address).toEqual({ city: 'Kiel', zip: '1' })
    expect(row()).toMatchObject({ Place: { City: 'Kiel' } })
    await jobs.update('a', (draft) => void Object.assign(draft, { address: { city: 'Ulm', zip: '2' } }))
    await bridge.idle()
    expect((await jobs.get('a'))?.address).toEqual({ city: 'Kiel', zip: '2' })
    const overruled = (await jobs.receipts('a')).findLast(({ outcome }) => outcome === 'overruled')
    expect(overruled?.values).toEqual({ '/address/city': { was: 'Ulm', became: 'Kiel' } })
    await bridge.close()
  })

  test('B-98 B-109 has no list of systems', async () => {
    const crm = await openCrm()
    const authority = { field: 'Place.City', authority: ['memory'] }
    const mapping = { collection: 'jobs', type: 'cases', fields: { 'address.city': authority } }
    await expect(bridgedCrm(crm, new MemorySystem(), [mapping])).rejects.toThrow(
      "mappings.0.fields.address.city.authority: 'address.city' is a part of a field: a list of systems decides whole values; choose 'this' or 'that'",
    )
  })

  test('B-50 lifts a write that changes it, and not one that changes what stands beside it', async () => {
    const { bridge, jobs, system } = await joinedJobs(
      { mode: 'on-demand' },
      { 'address.city': { field: 'Place.City', urgent: true }, 'address.zip': 'Place.Zip' },
    )
    await jobs.create({ title: 'a', address: { city: 'Ham', zip: '1' } }, { id: 'a' })
    await bridge.idle()
    expect(system.rows('cases')).toHaveLength(1)
    await jobs.update('a', (draft) => void Object.assign(draft, { address: { city: 'Ham', zip: '2' } }))
    await bridge.idle()
    expect(bridge.stats()).toMatchObject({ deferred: 1, open: 0 })
    await jobs.update('a', (draft) => void Object.assign(draft, { address: { city: 'Kiel', zip: '2' } }))
    await bridge.idle()
    expect(system.rows('cases')[0]?.value).toMatchObject({ Place: { City: 'Kiel', Zip: '2' } })
    await bridge.close()
  })
})

describe('B-71 a group', () => {
  const both = {
    before: { first: 'Ada', last: 'King' },
    ours: { last: 'Byron' },
    theirs: { Name: 'Ada Lovelace' },
  }

  test('is one value to a rule that is a function', async () => {
    const { bridge, jobs, row } = await apart(
      {
        groups: [
          {
            ...name,
            rule: ({ agreed, ours, theirs }) => ({
              first: [agreed, ours, theirs].map((one) => (one as { last: string }).last).join(),
              last: 'B',
            }),
          },
        ],
      },
      {},
      both,
    )
    const first = 'King,Byron,Lovelace'
    expect(await jobs.get('a')).toMatchObject({ first, last: 'B' })
    expect(row()).toMatchObject({ Name: `${first} B` })
    const overruled = (await jobs.receipts('a')).filter(({ outcome }) => outcome === 'overruled')
    expect(overruled.map(({ values }) => values)).toEqual([
      { '/first': { was: 'Ada', became: first }, '/last': { was: 'Lovelace', became: 'B' } },
      { '/first': { was: 'Ada', became: first }, '/last': { was: 'Byron', became: 'B' } },
    ])
    await bridge.close()
  })

  test('B-103 is one value to a review, and decided whole', async () => {
    const { bridge, jobs, meet, row } = await apart({ groups: [{ ...name, rule: 'review' }] }, {}, both)
    const [review] = await bridge.reviews()
    expect(review).toMatchObject({
      field: 'first + last',
      ours: { first: 'Ada', last: 'Byron' },
      theirs: { first: 'Ada', last: 'Lovelace' },
    })
    await bridge.resolve(review!, 'theirs')
    await meet()
    expect(await jobs.get('a')).toMatchObject({ first: 'Ada', last: 'Lovelace' })
    expect(row()).toMatchObject({ Name: 'Ada Lovelace' })
    expect(await bridge.reviews()).toEqual([])
    await bridge.close()
  })

  test.each([
    ['sum', 'choose last-writer, this-side, that-side, review, or a function'],
    ['union', 'choose last-writer, this-side, that-side, review, or a function'],
  ] as const)('B-109 cannot be decided by %s', async (rule, choices) => {
    const crm = await openCrm()
    const mapping = {
      collection: 'jobs',
      type: 'cases',
      fields: { title: 'Title' },
      groups: [{ ...name, rule }],
    }
    await expect(bridgedCrm(crm, new MemorySystem(), [mapping])).rejects.toThrow(
      `'first + last' is a group, and ${rule} cannot decide it; ${choices}`,
    )
  })
})

describe('B-86 to B-88 a mode', () => {
  test('B-53 and approval are waited for one after the other, whichever comes first', async () => {
    const { bridge, jobs, system } = await joinedJobs({ mode: 'on-demand', tier: 'reference' })
    await jobs.create({ title: 'a' }, { id: 'a' })
    await jobs.create({ title: 'b' }, { id: 'b' })
    await bridge.idle()
    expect(bridge.stats()).toMatchObject({ held: 2, deferred: 0 })
    await bridge.approve({ records: ['jobs/a'] })
    expect(bridge.stats()).toMatchObject({ held: 1, deferred: 1 })
    expect(await bridge.pushNow()).toBe(2)
    await bridge.idle()
    expect(system.rows('cases').map(({ value }) => value.Title)).toEqual(['a'])
    await bridge.approve()
    await bridge.idle()
    expect(system.rows('cases').map(({ value }) => value.Title)).toEqual(['a', 'b'])
    await bridge.close()
  })

  test('B-69 what is deferred is no queue: it has no age before it is let go', async () => {
    const { crm, bridge, jobs } = await joinedJobs({ mode: 'on-demand' })
    await jobs.create({ title: 'a' })
    await bridge.idle()
    crm.host.clock += 60_000
    expect(bridge.stats().tiers.operational).toEqual({ open: 0, lagMs: 0 })
    await bridge.close()
  })
})

describe('B-80 to B-84 a reference', () => {
  const referring: MappingConfig = {
    collection: 'jobs',
    type: 'cases',
    fields: { title: 'Title', site: { field: 'AccountId', reference: 'sites', rule: 'review' } },
  }

  async function withSites(crm: Crm, system: MemorySystem, jobMapping = referring) {
    const { bridge } = await bridgedCrm(crm, system, [jobMapping, siteMapping, contactMapping])
    const meet = async () => {
      await bridge.pollNow()
      await bridge.idle()
    }
    return { bridge, meet }
  }

  test('B-100 under review is told, and decided, by records', async () => {
    const crm = await openCrm()
    const system = new MemorySystem()
    const { sites, jobs } = crm.replica
    const first = await withSites(crm, system)
    for (const id of ['one', 'two', 'three']) await sites.create({ name: id }, { id })
    await jobs.create({ title: 'a', site: 'one' }, { id: 'a' })
    await first.meet()
    await first.bridge.close()
    const rowOf = (site: string) => system.rows('accounts').find(({ value }) => value.Name === site)!.id
    await jobs.update('a', (draft) => void Object.assign(draft, { site: 'two' }))
    system.edit('cases', { id: system.rows('cases')[0]!.id }, { AccountId: rowOf('three') })
    const { bridge, meet } = await withSites(crm, system)
    await meet()
    const [review] = await bridge.reviews()
    expect(review).toMatchObject({ field: 'site', agreed: 'one', ours: 'two', theirs: 'three' })
    await bridge.resolve(review!, 'theirs')
    await meet()
    expect(await jobs.get('a')).toMatchObject({ site: 'three' })
    expect(system.rows('cases')[0]?.value.AccountId).toBe(rowOf('three'))
    await bridge.close()
  })

  test('B-97 that is theirs goes back to the record that the row refers to', async () => {
    const crm = await openCrm()
    const system = new MemorySystem()
    const { sites, jobs } = crm.replica
    const { bridge, meet } = await withSites(crm, system, {
      ...referring,
      fields: { title: 'Title', site: { field: 'AccountId', reference: 'sites', authority: 'that' } },
    })
    await sites.create({ name: 'one' }, { id: 'one' })
    await jobs.create({ title: 'a' }, { id: 'a' })
    await meet()
    system.edit('cases', { id: system.rows('cases')[0]!.id }, { AccountId: system.rows('accounts')[0]!.id })
    await meet()
    expect(await jobs.get('a')).toMatchObject({ site: 'one' })
    await jobs.update('a', (draft) => void Object.assign(draft, { site: 'another' }))
    await bridge.idle()
    expect(await jobs.get('a')).toMatchObject({ site: 'one' })
    await bridge.close()
  })

  test('B-81 B-127 to a record that may be a row that is there waits, and says so, until somebody answers', async () => {
    const crm = await openCrm()
    const system = new MemorySystem()
    const north = system.edit('accounts', {}, { Name: 'North' })
    for (const id of ['north', 'other']) await crm.replica.sites.create({ name: 'North' }, { id })
    await crm.replica.jobs.create({ title: 'a', site: 'north' }, { id: 'a' })
    const matched = { ...siteMapping, match: [{ how: 'exact' as const, fields: ['name'] }] }
    const { bridge } = await bridgedCrm(crm, system, [referring, matched, contactMapping])
    await bridge.pollNow()
    await bridge.idle()
    expect(await bridge.parked()).toEqual([
      {
        record: 'jobs/a',
        parents: ['sites/north'],
        reason: 'it waits for sites/north, which may be a row of accounts that is there already',
      },
    ])
    await bridge.pair({ type: 'accounts', row: { id: north.id } }, 'same', 'sites/north')
    await bridge.idle()
    expect(await bridge.parked()).toEqual([])
    expect(system.rows('cases')[0]?.value.AccountId).toBe(north.id)
    await bridge.close()
  })

  test('B-121 B-123 a walk counts what of it is still to be written', async () => {
    const crm = await openCrm()
    const system = new MemorySystem()
    const { bridge, meet } = await withSites(crm, system, {
      ...referring,
      fields: { title: 'Title', site: { field: 'AccountId', reference: 'sites' } },
    })
    await crm.replica.sites.create({ name: 'one' }, { id: 'one' })
    await crm.replica.jobs.create({ title: 'a', site: 'one' }, { id: 'a' })
    await meet()
    const calls = bridge.stats().callsMade
    const [report] = await bridge.reconcile({ type: 'cases' })
    expect(report).toMatchObject({ type: 'cases', listed: 1, records: { written: 0 }, drift: [] })
    expect(bridge.stats().callsMade).toBe(calls)
    await bridge.close()
  })
})

describe('B-89 several mappings of a type', () => {
  const match = [{ how: 'exact' as const, fields: ['title'] }]
  const mappings: MappingConfig[] = [
    {
      collection: 'visits',
      type: 'tasks',
      fields: { title: 'Title', site: 'Site' },
      filter: { in: ({ value }) => value.Kind === 'visit' },
      rowDefaults: { Kind: 'visit' },
      match,
    },
    { collection: 'jobs', type: 'tasks', fields: { title: 'Title' }, rowDefaults: { Kind: 'job' }, match },
  ]

  test('B-126 each looks for its own records, and B-121 a walk settles those of both', async () => {
    const crm = await openCrm()
    const system = new MemorySystem()
    const { jobs, visits } = crm.replica
    await jobs.create({ title: 'gate' }, { id: 'job' })
    await visits.create({ title: 'gate', site: 'x' }, { id: 'visit' })
    const visit = system.edit('tasks', {}, { Title: 'gate', Site: 'x', Kind: 'visit' })
    const job = system.edit('tasks', {}, { Title: 'gate', Kind: 'job' })
    const { bridge } = await bridgedCrm(crm, system, mappings)
    await bridge.pollNow()
    await bridge.idle()
    expect(await bridge.crossReference('jobs/job')).toMatchObject({ row: { id: job.id } })
    expect(await bridge.crossReference('visits/visit')).toMatchObject({ row: { id: visit.id } })
    expect(system.rows('tasks')).toHaveLength(2)
    const reports = await bridge.reconcile()
    expect(reports.map(({ type, listed }) => [type, listed])).toEqual([['tasks', 2]])
    expect(await bridge.pairs()).toEqual([])
    await bridge.close()
  })
})

test('B-126 B-132 a row is found by a part of an object, and a part survives by its own rule', async () => {
  const crm = await openCrm()
  const system = new MemorySystem()
  const { jobs } = crm.replica
  const mapping: MappingConfig = {
    collection: 'jobs',
    type: 'cases',
    fields: { title: 'Title', 'address.city': 'Place.City', 'address.zip': 'Place.Zip' },
    match: [{ how: 'normalised', fields: ['address.city', 'title'] }],
    merge: { fields: { 'address.city': 'longest' } },
  }
  await jobs.create({ title: 'Gate', address: { city: 'Kiel' } }, { id: 'a' })
  const { id } = system.edit('cases', {}, { Title: 'gate', Place: { City: 'KIEL' } })
  const { bridge } = await bridgedCrm(crm, system, [mapping])
  await bridge.pollNow()
  await bridge.idle()
  expect(await bridge.crossReference('jobs/a')).toMatchObject({ row: { id } })
  await jobs.create({ title: 'Other', address: { city: 'Kiel an der Förde', zip: '2' } }, { id: 'b' })
  await bridge.idle()
  const { value } = await bridge.merge({ survivor: 'jobs/a', other: 'jobs/b' })
  expect(value).toMatchObject({ address: { city: 'Kiel an der Förde' } })
  await bridge.idle()
  expect(system.rows('cases').find((row) => row.id === id)?.value).toMatchObject({
    Place: { City: 'Kiel an der Förde' },
  })
  await bridge.close()
})
