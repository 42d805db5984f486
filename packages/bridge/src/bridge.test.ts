import { externalIdOf, importedId, MemorySystem } from '@skerry/bridge'
import { startEngine } from '@skerry/node'
import { beforeAll, describe, expect, test } from 'vitest'
import { bridged, openNode } from '../test/nodes.ts'

beforeAll(startEngine)

describe('outwards', () => {
  test('CDC-14 DIF-1 EVT-11 B-03 B-04 a record becomes a row under its external id, and an edit writes only its field', async () => {
    const node = await openNode()
    const system = new MemorySystem()
    const { bridge } = await bridged(node, system)
    const { jobs } = node.replica
    const job = await jobs.create({
      title: 'Replace anemometer',
      status: 'open',
      parts: [{ sku: 'A', qty: 2 }],
    })
    await bridge.idle()
    const [row] = system.rows('cases')
    expect(row).toMatchObject({
      externalId: externalIdOf(node.host, `jobs/${job.id}`),
      value: { Title: 'Replace anemometer', Status: 'open', Parts: [{ sku: 'A', qty: 2 }] },
    })
    await jobs.update(job.id, (draft) => {
      draft.status = 'done'
    })
    await bridge.idle()
    expect(system.effects('cases').map(({ fields }) => fields)).toEqual([
      ['Title', 'Status', 'Parts'],
      ['Status'],
    ])
    await jobs.saved(job.id, 'memory')
    expect((await jobs.receipts(job.id)).map(({ place, outcome }) => [place, outcome])).toEqual([
      ['memory', 'saved'],
      ['memory', 'saved'],
    ])
    await bridge.close()
  })

  test('GOV-6 B-15 an edit of a field that is not mapped writes nothing, and is saved all the same', async () => {
    const node = await openNode()
    const system = new MemorySystem()
    const { bridge } = await bridged(node, system)
    const { jobs } = node.replica
    const job = await jobs.create({ title: 'a' })
    await bridge.idle()
    await jobs.update(job.id, (draft) => {
      draft.inside = 'not theirs'
    })
    await bridge.idle()
    expect(system.effects('cases')).toHaveLength(1)
    await jobs.saved(job.id, 'memory')
    await bridge.close()
  })

  test('B-13 a refused write is a dead letter with the words of the system; a mended edit goes through, and nothing else waits', async () => {
    const node = await openNode()
    const system = new MemorySystem({
      refuses: (_, { Title }) => (Title === 'bad' ? 'Title: FIELD_CUSTOM_VALIDATION' : undefined),
    })
    const { bridge } = await bridged(node, system)
    const { jobs } = node.replica
    const bad = await jobs.create({ title: 'bad' })
    const good = await jobs.create({ title: 'good' })
    await bridge.idle()
    expect(system.rows('cases').map(({ value }) => value.Title)).toEqual(['good'])
    expect(await bridge.deadLetters()).toMatchObject([
      { record: `jobs/${bad.id}`, reason: 'Title: FIELD_CUSTOM_VALIDATION', fields: ['Title'] },
    ])
    await expect(jobs.saved(bad.id, 'memory')).rejects.toThrow('FIELD_CUSTOM_VALIDATION')
    expect((await jobs.receipts(bad.id))[0]).toMatchObject({ outcome: 'refused', fields: ['/title'] })
    await jobs.saved(good.id, 'memory')
    await jobs.update(bad.id, (draft) => {
      draft.inside = 'changes nothing there'
    })
    await bridge.idle()
    expect(bridge.stats().dead).toBe(1)
    await jobs.update(bad.id, (draft) => {
      draft.title = 'better'
    })
    await bridge.idle()
    expect(bridge.stats().dead).toBe(0)
    await jobs.saved(bad.id, 'memory')
    await bridge.close()
  })

  test('CDC-8 B-14 a deleted record deletes its row', async () => {
    const node = await openNode()
    const system = new MemorySystem()
    const { bridge } = await bridged(node, system)
    const job = await node.replica.jobs.create({ title: 'a' })
    await bridge.idle()
    await node.replica.jobs.delete(job.id)
    await bridge.idle()
    await bridge.pollNow()
    await bridge.idle()
    expect(system.rows('cases')).toMatchObject([{ deleted: true }])
    expect(system.effects('cases')).toHaveLength(2)
    await bridge.close()
  })
})

describe('inwards', () => {
  test('fault I6: B-27 a row becomes a record, and is no reason to write (no echo)', async () => {
    const node = await openNode()
    const system = new MemorySystem()
    const row = system.edit('cases', {}, { Title: 'from the office', Status: 'open', Notes: 'hello' })
    const { bridge } = await bridged(node, system)
    await bridge.pollNow()
    await bridge.idle()
    const id = importedId(node.host, 'memory', 'cases', row.id, 0)
    expect(await node.replica.jobs.all()).toEqual([
      { id, title: 'from the office', status: 'open', notes: 'hello' },
    ])
    await node.replica.jobs.update(id, (draft) => {
      draft.notes = 'hello there'
    })
    await bridge.idle()
    for (let i = 0; i < 3; i++) await bridge.pollNow()
    await bridge.idle()
    expect(system.effects('cases').map(({ fields }) => fields)).toEqual([['Notes']])
    expect(system.row('cases', row.id)?.value).toEqual({
      Title: 'from the office',
      Status: 'open',
      Notes: 'hello there',
    })
    expect((await node.replica.jobs.history(id)).length).toBe(2)
    await bridge.close()
  })

  test('EVT-11 B-21 two nodes that import one row write the same bytes', async () => {
    const system = new MemorySystem()
    const row = system.edit('cases', {}, { Title: 'one', Notes: 'hello', Parts: [{ sku: 'A', qty: 1 }] })
    const nodes = [await openNode({ seed: 1 }), await openNode({ seed: 2 })]
    const bridges = []
    for (const node of nodes) {
      const { bridge } = await bridged(node, system)
      await bridge.pollNow()
      await bridge.idle()
      bridges.push(bridge)
    }
    system.edit('cases', { id: row.id }, { Title: 'two' })
    for (const bridge of bridges) await bridge.pollNow()
    for (const bridge of bridges) await bridge.idle()
    const id = importedId(nodes[0]!.host, 'memory', 'cases', row.id, 0)
    const documents = await Promise.all(
      nodes.map(({ replica }) => replica.transact((transaction) => transaction.save(`jobs/${id}`))),
    )
    expect(documents[0]).toEqual(documents[1])
    expect(system.effects('cases')).toEqual([])
    for (const bridge of bridges) await bridge.close()
  })

  test('GOV-1 B-28 a row that does not fit is set aside, the others come in, and its next version is tried again', async () => {
    const node = await openNode()
    const system = new MemorySystem()
    const row = system.edit('cases', {}, { Title: 'a', Status: 'unheard of' })
    system.edit('cases', {}, { Title: 'b' })
    const { bridge, events } = await bridged(node, system)
    await bridge.pollNow()
    await bridge.idle()
    expect((await node.replica.jobs.all()).map(({ title }) => title)).toEqual(['b'])
    expect(events).toMatchObject([{ code: 'row-set-aside', message: expect.stringContaining('/status') }])
    system.edit('cases', { id: row.id }, { Status: 'done' })
    await bridge.pollNow()
    await bridge.idle()
    expect((await node.replica.jobs.all()).map(({ title }) => title).sort()).toEqual(['a', 'b'])
    await bridge.close()
  })

  test('a row that was deleted deletes its record, and one that was brought back revives it', async () => {
    const node = await openNode()
    const system = new MemorySystem()
    const row = system.edit('cases', {}, { Title: 'a' })
    const { bridge } = await bridged(node, system)
    await bridge.pollNow()
    system.edit('cases', { id: row.id, deleted: true }, {})
    await bridge.pollNow()
    await bridge.idle()
    expect(await node.replica.jobs.all()).toEqual([])
    system.edit('cases', { id: row.id, deleted: false }, { Title: 'again' })
    await bridge.pollNow()
    await bridge.idle()
    expect(await node.replica.jobs.all()).toMatchObject([{ title: 'again' }])
    expect(system.effects('cases')).toEqual([])
    await bridge.close()
  })
})
