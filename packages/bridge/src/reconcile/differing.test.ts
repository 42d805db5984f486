/** What a walk finds to differ, and what is to be written and stands in no outbox (SPEC B-117, B-121). */
import { startEngine } from '@skerry/node'
import { beforeAll, describe, expect, test } from 'vitest'
import { bridged, jobMapping } from '../../test/nodes.ts'
import { idOf, world } from '../../test/walked.ts'

beforeAll(startEngine)

describe('B-117 CDC-10 REC-1: what differs', () => {
  test('is read and taken in; what does not is not even asked for', async () => {
    const { system, bridge, titles, make, calls } = await world()
    const rows = make(20)
    await bridge.pollNow()
    system.edit('cases', { id: rows[3]!.id }, { Title: 'changed there' })
    system.edit('cases', { id: rows[9]!.id }, { Unmapped: 'not ours' })
    system.edit('cases', {}, { Title: 'made there' })
    const [report] = await bridge.reconcile({ type: 'cases' })
    expect(calls('read')).toBe(3)
    expect(report).toMatchObject({
      cause: 'demand',
      dryRun: false,
      listed: 21,
      read: 3,
      calls: 4,
      rows: { made: 1, taken: 2, known: 18 },
      drift: [{ field: 'title', side: 'theirs', repair: 'taken', count: 1 }],
    })
    expect(await titles()).toContain('changed there')
    expect(await titles()).toContain('made there')
    expect(await bridge.reports()).toEqual([report])
    const before = system.ledger.length
    const [again] = await bridge.reconcile()
    expect(again).toMatchObject({ read: 0, calls: 1, rows: { known: 21 }, drift: [] })
    expect(system.ledger.length).toBe(before + 1)
  })

  test('many are read by one call where the system has such calls', async () => {
    let calls = 0
    const { system, bridge, make, node } = await world({}, (adapter) => ({
      adapter: {
        ...adapter,
        capabilities: { ...adapter.capabilities, batch: { writesMax: 1, readsMax: 4 } },
        readMany: (type, ids, call) => {
          calls += 1
          return Promise.all(ids.map((id) => adapter.read(type, { id }, call)))
        },
      },
    }))
    make(10)
    const [report] = await bridge.reconcile()
    expect([calls, report!.calls]).toEqual([3, 4])
    expect(await node.replica.jobs.all()).toHaveLength(10)
    expect(system.ledger.filter(({ method }) => method === 'changes')).toHaveLength(1)
  })

  test('both sides changed: the field’s rule decides, and the report says so', async () => {
    const { node, system, bridge, make } = await world({}, () => ({
      mappings: [
        {
          ...jobMapping,
          fields: { title: { field: 'Title', rule: 'this-side' }, site: 'Site', status: 'Status' },
        },
      ],
    }))
    const [row] = make(1)
    await bridge.pollNow()
    await bridge.idle()
    await bridge.close()
    system.edit('cases', { id: row!.id }, { Title: 'theirs', Status: 'done', Site: 'same' })
    await node.replica.jobs.update(idOf(node, row!.id), (draft) => {
      draft.title = 'ours'
      draft.site = 'same'
    })
    const { bridge: next } = await bridged(node, system, {
      mappings: [
        {
          ...jobMapping,
          fields: { title: { field: 'Title', rule: 'this-side' }, site: 'Site', status: 'Status' },
        },
      ],
      adapter: {
        ...system.adapter(),
        upsert: async () => ({ kind: 'unknown', reason: 'silence' }),
        changes: async () => ({ kind: 'page', rows: [], next: '0/9', complete: true }),
      },
    })
    const [plan] = await next.reconcile({ dryRun: true })
    expect(plan?.drift).toEqual([
      { field: 'title', side: 'both', repair: 'decided', count: 1 },
      { field: 'site', side: 'both', repair: 'equal', count: 1 },
      { field: 'status', side: 'theirs', repair: 'taken', count: 1 },
    ])
    await next.close()
  })

  test('a row that was set aside is tried again', async () => {
    const { node, system, bridge } = await world()
    const { id } = system.edit('cases', {}, { Title: 'a', Status: 'unheard of' })
    await bridge.pollNow()
    expect(await node.replica.jobs.all()).toEqual([])
    await bridge.close()
    const lenient = { ...jobMapping, fields: { title: 'Title' } }
    const { bridge: next } = await bridged(node, system, { mappings: [lenient] })
    const [report] = await next.reconcile()
    await next.idle()
    expect(await node.replica.jobs.all()).toMatchObject([{ id: idOf(node, id), title: 'a' }])
    expect(report!.listed).toBe(1)
    await next.close()
  })

  test('a row that took another one’s place leaves nothing behind that would be missed', async () => {
    const { system, bridge, node } = await world({ deletions: 'unseen' })
    const first = system.edit('cases', { externalId: 'erp:7' }, { Title: 'a' })
    await bridge.pollNow()
    system.edit('cases', { id: first.id, deleted: true }, {})
    await bridge.reconcile()
    const second = system.edit('cases', { externalId: 'erp:7' }, { Title: 'made anew' })
    const [report] = await bridge.reconcile()
    expect(report).toMatchObject({ absent: { found: 0 }, rows: { taken: 1 } })
    expect((await bridge.reconcile())[0]).toMatchObject({ absent: { found: 0 }, read: 0 })
    const id = idOf(node, first.id)
    expect(await node.replica.jobs.all()).toMatchObject([{ id, title: 'made anew' }])
    expect(await bridge.crossReference({ type: 'cases', row: first.id })).toBeUndefined()
    expect(await bridge.crossReference({ type: 'cases', row: second.id })).toMatchObject({
      record: `jobs/${id}`,
    })
  })

  test('REC-6: what a walk took in stands in the record’s history, as the system’s', async () => {
    const { node, system, bridge, make } = await world()
    const [row] = make(1)
    await bridge.reconcile()
    system.edit('cases', { id: row!.id }, { Title: 'later', Notes: 'and more' })
    await bridge.reconcile()
    const history = await node.replica.jobs.history(idOf(node, row!.id))
    expect(history.map(({ fields }) => fields.map(([name]) => name).sort())).toEqual([
      ['title'],
      ['notes', 'title'],
    ])
  })

  test('a row that is nobody’s here is read once, and again when it changes', async () => {
    const mapping = { ...jobMapping, filter: { in: ({ value }: { value: object }) => 'Mine' in value } }
    const { system, bridge, calls, titles } = await world({}, () => ({ mappings: [mapping] }))
    const { id } = system.edit('cases', {}, { Title: 'a' })
    for (let i = 0; i < 3; i++) await bridge.reconcile()
    expect(calls('read')).toBe(1)
    system.edit('cases', { id }, { Mine: true })
    await bridge.reconcile()
    expect(await titles()).toEqual(['a'])
  })

  test('B-26 a listing that lags is read, not believed', async () => {
    const { node, system, bridge } = await world({ lags: true })
    const { id } = await node.replica.jobs.create({ title: 'ours' })
    await bridge.idle()
    system.index()
    await node.replica.jobs.update(id, (draft) => {
      draft.title = 'later'
    })
    await bridge.idle()
    await bridge.reconcile()
    await bridge.idle()
    expect(await node.replica.jobs.get(id)).toMatchObject({ title: 'later' })
    expect(system.rows('cases').map(({ value }) => value.Title)).toEqual(['later'])
  })
})

describe('B-121 RES-5: what should be written and stands in no outbox', () => {
  test('stands there again, and is counted by field', async () => {
    const { node, system, bridge, make } = await world()
    const [row] = make(1)
    await bridge.pollNow()
    await bridge.idle()
    await bridge.close()
    await node.replica.jobs.update(idOf(node, row!.id), (draft) => {
      draft.title = 'ours'
    })
    await node.replica.jobs.create({ title: 'new' })
    // The tables were lost between following the log and writing.
    await node.replica.transact(async (transaction) => {
      node.replica.follower('bridge:memory').advance(transaction, node.replica.head)
    })
    const { bridge: next } = await bridged(node, system)
    await next.idle()
    expect(system.effects('cases')).toEqual([])
    const [plan] = await next.reconcile({ dryRun: true })
    expect(plan?.records).toEqual({ looked: 2, written: 2 })
    await next.idle()
    expect(system.effects('cases')).toEqual([])
    const [report] = await next.reconcile()
    expect(report).toMatchObject({
      records: { looked: 2, written: 2 },
      drift: [{ field: 'title', side: 'ours', repair: 'written', count: 2 }],
    })
    await next.idle()
    expect(
      system
        .rows('cases')
        .map(({ value }) => value.Title)
        .sort(),
    ).toEqual(['new', 'ours'])
    await next.close()
  })
})
