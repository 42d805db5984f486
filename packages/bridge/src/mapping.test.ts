import { type MappingConfig, MemorySystem, parseMappings } from '@skerry/bridge'
import { type Json, MemoryDisk } from '@skerry/core'
import { startEngine } from '@skerry/node'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { bridgedCrm, changesOf, joinedJobs, openCrm } from '../test/crm.ts'
import { testHost } from '../test/nodes.ts'

beforeAll(startEngine)

describe('MAP-3 B-72 B-73 kinds', () => {
  test('money, dates and tables go there and back, and what means the same is no difference', async () => {
    const { jobs, meet, row, written, system, bridge } = await joinedJobs(
      {},
      {
        amount: { field: 'Amount', kind: 'decimal', scale: 2 },
        due: { field: 'Due', kind: 'time' },
        status: { field: 'Stage', kind: 'enum', values: { open: 'New', done: 'Closed' } },
      },
    )
    await jobs.create(
      { title: 'a', amount: '12345678901234567.89', due: '2026-03-29T12:00:00Z', status: 'open' },
      { id: 'a' },
    )
    await meet()
    expect(row()).toEqual({
      Title: 'a',
      Amount: '12345678901234567.89',
      Due: '2026-03-29T12:00:00.000Z',
      Stage: 'New',
    })
    system.edit('cases', { id: 'CASES-1' }, { Amount: 19.9, Due: '2026-03-29T14:00:00.000+0200' })
    await meet()
    expect(await jobs.get('a')).toMatchObject({ amount: '19.90', due: '2026-03-29T12:00:00Z' })
    const changes = (await jobs.history('a')).length
    system.edit('cases', { id: 'CASES-1' }, { Amount: '19.9' })
    await meet()
    expect((await jobs.history('a')).length).toBe(changes)
    await jobs.update('a', (draft) => {
      draft.amount = '19.900'
    })
    await meet()
    expect(written()).toHaveLength(1)
    await jobs.saved('a', 'memory')
    await bridge.close()
  })

  test('MAP-5: a row that does not fit its kind is set aside, a record becomes a dead letter, nothing else is touched', async () => {
    const { jobs, meet, system, bridge, events } = await joinedJobs(
      {},
      { amount: { field: 'Amount', kind: 'decimal' } },
    )
    system.edit('cases', {}, { Title: 'there', Amount: 0.1 + 0.2 })
    system.edit('cases', {}, { Title: 'fits', Amount: '0.3' })
    await jobs.create({ title: 'here', amount: 'twelve' }, { id: 'here' })
    await meet()
    expect((await jobs.all()).map(({ title }) => title).sort()).toEqual(['fits', 'here'])
    expect(events.find(({ code }) => code === 'row-set-aside')?.message).toContain(
      'more digits than a JSON number keeps',
    )
    expect(await bridge.deadLetters()).toMatchObject([
      {
        record: 'jobs/here',
        reason:
          "mapping jobs ↔ cases: amount.to: 'twelve' is no decimal; want digits with a point, such as 19.90",
      },
    ])
    await bridge.close()
  })

  test('B-78 what does not come back is said when the bridge starts', async () => {
    const { events, bridge } = await joinedJobs({}, { due: { field: 'Due', kind: 'time', as: 'seconds' } })
    expect(events).toMatchObject([
      { level: 'warn', code: 'mapping-warning', message: expect.stringContaining('due does not come back') },
    ])
    await bridge.close()
  })
})

describe('B-75 defaults and constants', () => {
  test('a row made from a record gets what the record has not; an edit of the row stays', async () => {
    const { jobs, meet, row, system, bridge } = await joinedJobs(
      { rowDefaults: { Stage: 'New', 'Extra.Source': 'field', RecordType: '012' } },
      { status: 'Stage', site: 'Extra.Site' },
    )
    await jobs.create({ title: 'a', site: 'north' }, { id: 'a' })
    await meet()
    expect(row()).toEqual({
      Title: 'a',
      Stage: 'New',
      Extra: { Site: 'north', Source: 'field' },
      RecordType: '012',
    })
    expect((await jobs.get('a'))?.status).toBeUndefined()
    system.edit('cases', { id: 'CASES-1' }, { RecordType: '099' })
    await jobs.update('a', (draft) => {
      draft.title = 'b'
    })
    await meet()
    expect(row()).toMatchObject({ Title: 'b', RecordType: '099', Stage: 'New' })
    await jobs.create({ title: 'c', status: 'open' }, { id: 'c' })
    await meet()
    expect(system.rows('cases')[1]?.value).toMatchObject({ Stage: 'open', RecordType: '012' })
    await bridge.close()
  })
})

describe('B-76 a mapping that is not a function of its input', () => {
  test('makes a dead letter of its record, with a reason that says so; nothing else is touched', async () => {
    let dice = 0
    const { jobs, meet, system, bridge, events } = await joinedJobs(
      {},
      { status: { field: 'Status', to: (status) => (status === 'dice' ? `${dice++}` : status) } },
    )
    await jobs.create({ title: 'bad', status: 'dice' }, { id: 'bad' })
    await jobs.create({ title: 'good', status: 'open' }, { id: 'good' })
    await meet()
    expect(system.rows('cases').map(({ value }) => value)).toEqual([{ Title: 'good', Status: 'open' }])
    const reason =
      'mapping jobs ↔ cases: status.to is not a function of its input: of "dice" it made "0", and then "1"'
    expect(await bridge.deadLetters()).toMatchObject([
      { record: 'jobs/bad', reason: expect.stringContaining(reason) },
    ])
    expect(events.find(({ code }) => code === 'dead-letter')?.message).toContain(reason)
    expect((await jobs.receipts('bad'))[0]).toMatchObject({
      outcome: 'refused',
      reason: expect.stringContaining(reason),
    })
    expect(bridge.stats()).toMatchObject({ dead: 1 })
    await jobs.update('bad', (draft) => {
      draft.status = 'open'
    })
    await meet()
    expect(bridge.stats()).toMatchObject({ dead: 0 })
    await bridge.close()
  })

  test('a row it cannot take in is set aside, the others come in', async () => {
    let dice = 0
    const { jobs, meet, system, bridge, events } = await joinedJobs(
      {},
      {
        status: {
          field: 'Status',
          from: (status) => (status === 'dice' ? `${dice++}` : (status ?? undefined)),
        },
      },
    )
    system.edit('cases', {}, { Title: 'bad', Status: 'dice' })
    system.edit('cases', {}, { Title: 'good', Status: 'open' })
    await meet()
    expect((await jobs.all()).map(({ title }) => title)).toEqual(['good'])
    expect(events[0]?.message).toContain('status.from is not a function of its input')
    await bridge.close()
  })

  test('a filter must say yes or no', async () => {
    const { jobs, meet, bridge } = await joinedJobs({ filter: { out: 'title' } })
    await jobs.create({ title: 'a' }, { id: 'a' })
    await meet()
    expect(await bridge.deadLetters()).toMatchObject([
      { reason: 'mapping jobs ↔ cases: filter.out gave "a"; want true or false' },
    ])
    await bridge.close()
  })
})

describe('TIE-1 B-79 directions and filters', () => {
  test('a mapping of one way does nothing the other way', async () => {
    const inwards = await joinedJobs({ direction: 'in' })
    await inwards.jobs.create({ title: 'ours' })
    inwards.system.edit('cases', {}, { Title: 'theirs' })
    await inwards.meet()
    expect((await inwards.jobs.all()).map(({ title }) => title).sort()).toEqual(['ours', 'theirs'])
    expect(inwards.written()).toEqual([])
    await inwards.bridge.close()
    const outwards = await joinedJobs({ direction: 'out' })
    await outwards.jobs.create({ title: 'ours' })
    outwards.system.edit('cases', {}, { Title: 'theirs' })
    await outwards.meet()
    expect((await outwards.jobs.all()).map(({ title }) => title)).toEqual(['ours'])
    expect(outwards.system.rows('cases')).toHaveLength(2)
    await outwards.bridge.close()
  })

  test('a field may be narrower than its mapping', async () => {
    const { jobs, meet, system, row, bridge } = await joinedJobs(
      {},
      { status: { field: 'Status', direction: 'in' }, site: { field: 'Site', direction: 'out' } },
    )
    await jobs.create({ title: 'a', status: 'ours', site: 'ours' }, { id: 'a' })
    await meet()
    expect(row()).toEqual({ Title: 'a', Site: 'ours' })
    system.edit('cases', { id: 'CASES-1' }, { Status: 'theirs', Site: 'theirs' })
    await meet()
    expect(await jobs.get('a')).toMatchObject({ status: 'theirs', site: 'ours' })
    await bridge.close()
  })

  test('EVT-8: what a filter leaves out, as an expression, stays on its side; what left it keeps what it has for when it comes back', async () => {
    const { jobs, meet, system, row, bridge } = await joinedJobs(
      { filter: { in: 'Title != "private"', out: '$not(status = "draft")' } },
      { status: 'Status' },
    )
    await jobs.create({ title: 'a', status: 'draft' }, { id: 'a' })
    system.edit('cases', {}, { Title: 'private' })
    await meet()
    expect([await jobs.all(), system.rows('cases')].map(({ length }) => length)).toEqual([1, 1])
    await jobs.update('a', (draft) => {
      draft.status = 'open'
    })
    await meet()
    await jobs.update('a', (draft) => {
      draft.status = 'draft'
      draft.title = 'b'
    })
    await meet()
    expect(system.rows('cases')[1]?.value).toEqual({ Title: 'a', Status: 'open' })
    await jobs.update('a', (draft) => {
      draft.status = 'done'
    })
    await meet()
    expect(system.rows('cases')[1]?.value).toEqual({ Title: 'b', Status: 'done' })
    expect(row()).toEqual({ Title: 'private' })
    await bridge.close()
  })
})

test('MAP-2: the record is what systems of different words have in common', async () => {
  const crm = await openCrm()
  const sales = new MemorySystem({ name: 'crm' })
  const ledger = new MemorySystem({ name: 'erp' })
  const crmFile = parseMappings(
    `mappings:
  - collection: jobs
    type: opportunities
    fields:
      title: Name
      amount: { field: Amount, kind: decimal, scale: 2, as: number }
      status: { field: Stage, kind: enum, values: { open: Prospecting, done: Closed Won } }
`,
    'crm.yaml',
  )
  const erp: MappingConfig = {
    collection: 'jobs',
    type: 'orders',
    fields: {
      title: 'description',
      amount: { field: 'totals.net', kind: 'decimal', scale: 2 },
      status: { field: 'state', kind: 'enum', values: { open: 0, done: 9 } },
    },
  }
  const first = await bridgedCrm(crm, sales, crmFile)
  const second = await bridgedCrm(crm, ledger, [erp])
  sales.edit('opportunities', {}, { Name: 'Turbine', Amount: 19.9, Stage: 'Prospecting' })
  const meet = async () => {
    for (const { bridge } of [first, second, first, second]) {
      await bridge.pollNow()
      await bridge.idle()
    }
  }
  await meet()
  expect(ledger.rows('orders')[0]?.value).toEqual({
    description: 'Turbine',
    totals: { net: '19.90' },
    state: 0,
  })
  ledger.edit('orders', { id: 'ORDERS-1' }, { totals: { net: '20.00' }, state: 9 })
  await meet()
  expect(sales.rows('opportunities')[0]?.value).toEqual({ Name: 'Turbine', Amount: 20, Stage: 'Closed Won' })
  for (const { bridge } of [first, second]) await bridge.close()
})

test('B-76 two bridges on the same rows make the same bytes, whatever the order of keys', async () => {
  const mapping: MappingConfig = {
    collection: 'jobs',
    type: 'cases',
    fields: {
      title: 'Title',
      amount: { field: 'Money.Amount', kind: 'decimal' },
      notes: { field: 'Extra', from: '$string($)' },
    },
    groups: [
      {
        record: ['first', 'last'],
        row: ['Name.First', 'Name.Last'],
        from: '{ "last": Name.Last, "first": Name.First }',
        direction: 'in',
      },
    ],
  }
  const turned = (value: Record<string, Json>): Record<string, Json> =>
    Object.fromEntries(Object.entries(value).reverse())
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(fc.string({ maxLength: 5 }), fc.string()),
      fc.string(),
      fc.integer(),
      async (extra, name, cents) => {
        const documents: Uint8Array[] = []
        for (const order of [(value: Record<string, Json>) => value, turned]) {
          const crm = await openCrm({ disk: new MemoryDisk(), host: testHost(documents.length + 1) })
          const system = new MemorySystem()
          const row = {
            Title: 'a',
            Money: { Amount: cents },
            Extra: order({ ...extra }),
            Name: order({ First: name, Last: 'x' }),
          }
          system.edit('cases', {}, order(row))
          const { bridge } = await bridgedCrm(crm, system, [mapping])
          await bridge.pollNow()
          await bridge.idle()
          const [job] = await crm.replica.jobs.all()
          documents.push(
            (await crm.replica.transact((transaction) => transaction.save(`jobs/${job!.id}`))).document,
          )
          expect((await changesOf(crm, `jobs/${job!.id}`)).size).toBeGreaterThan(0)
          await bridge.close()
        }
        expect(documents[0]).toEqual(documents[1])
      },
    ),
    { seed: 1, numRuns: 15 },
  )
})
