import { type MappingConfig, MemorySystem } from '@skerry/bridge'
import { startEngine } from '@skerry/node'
import { beforeAll, describe, expect, test } from 'vitest'
import { bridgedCrm, joinedJobs, openCrm } from '../test/crm.ts'
import { HeldAdapter } from '../test/held.ts'
import { decodeShadow } from './shadow.ts'

beforeAll(startEngine)

describe('MAP-3 B-70 paths', () => {
  test('a value may stand within an object on either side, and only what was changed is', async () => {
    const { jobs, meet, row, written, system, bridge } = await joinedJobs(
      {},
      {
        'address.city': 'MailingCity',
        'custom.colour': 'Extra.Colour',
        status: 'Extra.State',
        'address.zip': 'Zip',
      },
    )
    await jobs.create(
      { title: 'a', status: 'open', address: { city: 'Kiel' }, custom: { colour: 'red', size: 'L' } },
      { id: 'a' },
    )
    await meet()
    expect(row()).toEqual({ Title: 'a', MailingCity: 'Kiel', Extra: { Colour: 'red', State: 'open' } })
    await jobs.update('a', (draft) => {
      draft.address!.city = 'Bonn'
    })
    await meet()
    system.edit(
      'cases',
      { id: system.rows('cases')[0]!.id },
      { Extra: { Colour: 'blue', State: 'open' }, Zip: '53111' },
    )
    await meet()
    expect(await jobs.get('a')).toMatchObject({
      address: { city: 'Bonn', zip: '53111' },
      custom: { colour: 'blue', size: 'L' },
      status: 'open',
    })
    expect(written()).toEqual([['Title', 'MailingCity', 'Extra'], ['MailingCity']])
    await bridge.close()
  })

  test('an object is written whole, so that what stands beside the field is not lost where a system replaces objects', async () => {
    const { jobs, meet, row, system, bridge } = await joinedJobs({}, { status: 'Extra.State' })
    await jobs.create({ title: 'a', status: 'open' }, { id: 'a' })
    await meet()
    system.edit('cases', { id: system.rows('cases')[0]!.id }, { Extra: { State: 'open', Owner: 'Ada' } })
    await meet()
    await jobs.update('a', (draft) => {
      draft.status = 'done'
    })
    await meet()
    expect(row()?.Extra).toEqual({ State: 'done', Owner: 'Ada' })
    await jobs.update('a', (draft) => {
      delete draft.status
    })
    await meet()
    expect(row()?.Extra).toEqual({ State: null, Owner: 'Ada' })
    await bridge.close()
  })

  test('both sides change different fields of one object, and both changes stay', async () => {
    const { jobs, meet, row, system, bridge } = await joinedJobs(
      {},
      { 'address.city': 'Place.City', 'address.zip': 'Place.Zip' },
    )
    await jobs.create({ title: 'a', address: { city: 'Kiel', zip: '24103' } }, { id: 'a' })
    await meet()
    await jobs.update('a', (draft) => {
      draft.address!.city = 'Bonn'
    })
    system.edit('cases', { id: system.rows('cases')[0]!.id }, { Place: { City: 'Kiel', Zip: '53111' } })
    await meet()
    expect((await jobs.get('a'))?.address).toEqual({ city: 'Bonn', zip: '53111' })
    expect(row()?.Place).toEqual({ City: 'Bonn', Zip: '53111' })
    await bridge.close()
  })

  test('B-30 the later of two changes of one part of an object wins', async () => {
    const { crm, jobs, meet, row, system, bridge } = await joinedJobs({}, { 'address.city': 'Place.City' })
    await jobs.create({ title: 'a', address: { city: 'Kiel' } }, { id: 'a' })
    await meet()
    system.edit('cases', { id: 'CASES-1' }, { Place: { City: 'Bonn' } })
    crm.host.clock += 10_000
    await jobs.update('a', (draft) => {
      draft.address!.city = 'Jena'
    })
    await meet()
    expect(row()?.Place).toEqual({ City: 'Jena' })
    const overruled = (await jobs.receipts('a')).find(({ outcome }) => outcome === 'overruled')
    expect(overruled?.values).toEqual({ '/address/city': { was: 'Bonn', became: 'Jena' } })
    await bridge.close()
  })

  test('B-13 B-108 a refusal that names a part of an object is told of the field that it is first', async () => {
    const crm = await openCrm()
    const system = new MemorySystem()
    const { bridge } = await bridgedCrm(
      crm,
      system,
      [{ collection: 'jobs', type: 'cases', fields: { title: 'Title', 'address.city': 'Place.City' } }],
      {
        adapter: {
          ...system.adapter(),
          upsert: async () => ({ kind: 'rejected', reason: 'no such city', fields: ['Place.City'] }),
        },
      },
    )
    await crm.replica.jobs.create({ title: 'a', address: { city: 'Atlantis' } }, { id: 'a' })
    await bridge.idle()
    expect((await crm.replica.jobs.receipts('a'))[0]).toMatchObject({
      outcome: 'refused',
      fields: ['/address/city', '/title'],
    })
    await bridge.close()
  })

  test('a dot of a name is written with a stroke before it; what is only read is kept no further than its path', async () => {
    const { crm, jobs, meet, system, bridge } = await joinedJobs(
      {},
      { status: 'Case\\.State', site: { field: 'Account.Name', direction: 'in' } },
    )
    system.edit('cases', {}, { Title: 'a', 'Case.State': 'open', Account: { Name: 'ACME', Secret: 'x' } })
    await meet()
    expect(await jobs.all()).toMatchObject([{ title: 'a', status: 'open', site: 'ACME' }])
    system.edit('cases', { id: 'CASES-1' }, { Account: { Name: 'ACME', Secret: 'y' } })
    await meet()
    expect((await jobs.history((await jobs.all())[0]!.id)).length).toBe(1)
    const shadows = await crm.replica.tableRows('bridge/memory/shadow', { limit: 10 })
    const kept = shadows.map(({ value }) => decodeShadow('jobs/a', value).value)
    expect(kept).toEqual([{ Title: 'a', 'Case.State': 'open', Account: { Name: 'ACME' } }])
    await bridge.close()
  })
})

describe('MAP-3 EVT-8 B-71 groups, whose values are made by functions', () => {
  const names: Partial<MappingConfig> = {
    groups: [
      {
        record: ['first', 'last'],
        row: ['FullName'],
        to: '{ "FullName": first & " " & last }',
        from: ({ FullName }) => ({
          first: String(FullName).split(' ')[0]!,
          last: String(FullName).split(' ')[1]!,
        }),
      },
    ],
  }

  test('two fields of the record are one of the row, both ways', async () => {
    const { jobs, meet, row, system, bridge } = await joinedJobs(names)
    await jobs.create({ title: 'a', first: 'Ada', last: 'Byron' }, { id: 'a' })
    await meet()
    expect(row()).toEqual({ Title: 'a', FullName: 'Ada Byron' })
    system.edit('cases', { id: 'CASES-1' }, { FullName: 'Ada Lovelace' })
    await meet()
    expect(await jobs.get('a')).toMatchObject({ first: 'Ada', last: 'Lovelace' })
    system.edit('cases', { id: 'CASES-1' }, { FullName: null })
    await meet()
    expect(await jobs.get('a')).toEqual({ id: 'a', title: 'a' })
    await bridge.close()
  })

  test('one field of the record is two of the row, and only the one that changes is written', async () => {
    const { jobs, meet, row, written, bridge } = await joinedJobs({
      groups: [
        {
          record: ['status'],
          row: ['Stage', 'Closed'],
          to: '{ "Stage": status, "Closed": status in ["done", "void"] }',
          from: 'Stage ? { "status": Stage } : {}',
        },
      ],
    })
    await jobs.create({ title: 'a', status: 'open' }, { id: 'a' })
    await meet()
    for (const status of ['done', 'void']) {
      await jobs.update('a', (draft) => {
        draft.status = status
      })
      await meet()
    }
    expect(row()).toEqual({ Title: 'a', Stage: 'void', Closed: true })
    expect(written()).toEqual([['Title', 'Stage', 'Closed'], ['Stage', 'Closed'], ['Stage']])
    await bridge.close()
  })

  test('both sides change a part: the group is decided as one, and the receipt names its fields', async () => {
    const { crm, jobs, meet, system, bridge } = await joinedJobs(names)
    await jobs.create({ title: 'a', first: 'Ada', last: 'Byron' }, { id: 'a' })
    await meet()
    await jobs.update('a', (draft) => {
      draft.first = 'Augusta'
    })
    crm.host.clock += 10_000
    system.edit('cases', { id: 'CASES-1' }, { FullName: 'Ada Lovelace' })
    await meet()
    expect(await jobs.get('a')).toMatchObject({ first: 'Ada', last: 'Lovelace' })
    const overruled = (await jobs.receipts('a')).find(({ outcome }) => outcome === 'overruled')
    expect(overruled?.values).toEqual({
      '/first': { was: 'Augusta', became: 'Ada' },
      '/last': { was: 'Byron', became: 'Lovelace' },
    })
    await bridge.close()
  })

  test('a function that makes something else is said to', async () => {
    const { jobs, meet, bridge } = await joinedJobs({
      groups: [{ record: ['first'], row: ['Name'], direction: 'out', to: '{ "Nmae": first }' }],
    })
    await jobs.create({ title: 'a', first: 'Ada' }, { id: 'a' })
    await meet()
    expect(await bridge.deadLetters()).toMatchObject([
      { reason: 'mapping jobs ↔ cases: first.to made Nmae; want an object with Name' },
    ])
    await bridge.close()
  })
})

test('B-12 a lost answer is told from fields within objects and groups as from any other', async () => {
  const crm = await openCrm()
  const system = new MemorySystem({ everyWriteCounts: true })
  const held = new HeldAdapter(system.adapter())
  const { bridge } = await bridgedCrm(
    crm,
    system,
    [
      {
        collection: 'jobs',
        type: 'cases',
        fields: { title: 'Title', 'address.city': 'Place.City' },
        groups: [
          {
            record: ['first', 'last'],
            row: ['Name'],
            to: '{ "Name": first & " " & last }',
            from: '{ "first": Name }',
          },
        ],
      },
    ],
    { adapter: held.adapter },
  )
  const { jobs } = crm.replica
  await jobs.create({ title: 'a', address: { city: 'Kiel' } }, { id: 'a' })
  await bridge.idle()
  const call = held.hold('upsert', 'answer')
  await jobs.update('a', (draft) => {
    draft.address!.city = 'Bonn'
    draft.first = 'Ada'
    draft.last = 'Byron'
  })
  await call.arrived
  call.release({ kind: 'unknown', reason: 'lost' })
  await bridge.idle()
  await jobs.saved('a', 'memory')
  expect(system.rows('cases')[0]?.value).toEqual({ Title: 'a', Place: { City: 'Bonn' }, Name: 'Ada Byron' })
  expect(await jobs.get('a')).toMatchObject({ first: 'Ada', last: 'Byron', address: { city: 'Bonn' } })
  expect(system.effects('cases').filter(({ fields }) => fields.includes('Name'))).toHaveLength(1)
  await bridge.close()
})

test('B-18 a row that is brought back loses what its record has not, and gets the defaults', async () => {
  const { jobs, meet, row, system, bridge } = await joinedJobs(
    { rowDefaults: { Stage: 'New' } },
    { status: 'Status', 'address.city': 'Place.City', site: 'Stage' },
  )
  await jobs.create({ title: 'a', status: 'open', address: { city: 'Kiel' } }, { id: 'a' })
  await meet()
  system.edit('cases', { id: 'CASES-1' }, { Stage: null })
  await meet()
  system.edit('cases', { id: 'CASES-1', deleted: true }, {})
  await jobs.update('a', (draft) => {
    delete draft.status
  })
  await meet()
  expect(system.rows('cases')[0]?.deleted).toBe(false)
  expect(row()).toEqual({ Title: 'a', Place: { City: 'Kiel' }, Stage: 'New' })
  await bridge.close()
})
