/** A record brought back to what it was: by whoever may write it, as an edit, without touching its history. */
import { beforeAll, describe, expect, test } from 'vitest'
import { DELETED_KEPT_MS } from '../records/collection.ts'
import { openEdge, openHub, order, pull, push } from './orders.test-support.ts'
import { startEngine } from './replica.test-support.ts'

beforeAll(startEngine)

const RECORDS = 20
const site = { title: 'pump', status: 'open', site: 'SEA', notes: 'first', hours: 2, tags: ['a'] } as const
const value = { ...site, tags: [...site.tags], parts: [{ sku: 'p', qty: 1 }], address: { city: 'Oban' } }

async function world() {
  const { replica: hub, host } = await openHub()
  const ana = await openEdge(1)
  return { hub, host, ana }
}

describe('R-53: restore', () => {
  test('fault C14: a user with the right to it deletes everything: history keeps it, and each record is brought back as it was', async () => {
    const { hub, ana } = await world()
    const ids = Array.from({ length: RECORDS }, (_, n) => `o${n}`)
    for (const id of ids) await hub.workOrders.create({ ...value, title: id }, { id })
    await pull(hub, ana)
    for (const id of ids) await ana.workOrders.delete(id)
    expect(await push(ana, hub)).toEqual([])
    expect(await hub.workOrders.all()).toEqual([])

    for (const id of ids) {
      const history = await hub.workOrders.history(id)
      expect(history.map(({ author }) => author)).toEqual(['hub', 'tech:ana'])
      expect(await hub.workOrders.restore(id, history[0]!.hash)).toEqual({ id, ...value, title: id })
      expect(await hub.workOrders.history(id)).toHaveLength(3)
    }
    expect(await pull(hub, ana)).toEqual([])
    expect(await ana.workOrders.all()).toEqual(await hub.workOrders.all())
    expect(await ana.workOrders.all()).toHaveLength(RECORDS)
  })

  test('takes text, counter, lists, rows and objects back to that moment, and leaves the record editable', async () => {
    const { hub } = await world()
    await hub.workOrders.create(value, { id: '1' })
    const [made] = await hub.workOrders.history('1')
    await hub.workOrders.update('1', (o) => {
      o.notes = 'second'
      o.hours = 7
      o.tags = []
      o.parts = [{ sku: 'q', qty: 2 }]
      delete o.address
    })
    const before = await hub.workOrders.history('1')
    expect(await hub.workOrders.restore('1', made!.hash)).toEqual({ id: '1', ...value })
    await hub.workOrders.restore('1', before.at(-1)!.hash)
    expect(await hub.workOrders.get('1')).toMatchObject({
      notes: 'second',
      hours: 7,
      parts: [{ sku: 'q', qty: 2 }],
    })
    await hub.workOrders.update('1', (o) => {
      o.hours = 8
    })
    expect((await hub.workOrders.get('1'))?.hours).toBe(8)
    expect(await hub.workOrders.history('1')).toHaveLength(5)
  })

  test('and what it was can be looked at without bringing it back', async () => {
    const { hub } = await world()
    await hub.workOrders.create(value, { id: '1' })
    await hub.workOrders.update('1', (o) => {
      o.title = 'later'
    })
    await hub.workOrders.delete('1')
    const [made, renamed, deleted] = await hub.workOrders.history('1')
    expect(await hub.workOrders.at('1', made!.hash)).toEqual({ id: '1', ...value })
    expect((await hub.workOrders.at('1', renamed!.hash))?.title).toBe('later')
    expect(await hub.workOrders.at('1', deleted!.hash)).toBeUndefined()
    await expect(hub.workOrders.at('1', 'f'.repeat(64))).rejects.toMatchObject({ code: 'unknown-change' })
    await expect(hub.workOrders.at('none', made!.hash)).rejects.toMatchObject({ code: 'not-found' })
  })

  test('of what it is already writes nothing', async () => {
    const { hub } = await world()
    await hub.workOrders.create(value, { id: '1' })
    const [made] = await hub.workOrders.history('1')
    const { head } = hub
    await hub.workOrders.restore('1', made!.hash)
    expect(hub.head).toBe(head)
  })

  test('is refused for a change that is not in its history, for the one that deleted it, and for what is not here', async () => {
    const { hub } = await world()
    await hub.workOrders.create(order, { id: '1' })
    await hub.workOrders.create({ ...order, title: 'other' }, { id: '2' })
    await hub.workOrders.delete('1')
    const [made, deleted] = await hub.workOrders.history('1')
    const code = (expected: string) => expect.objectContaining({ code: expected })
    await expect(hub.workOrders.restore('2', made!.hash)).rejects.toEqual(code('unknown-change'))
    await expect(hub.workOrders.restore('2', 'no hash')).rejects.toEqual(code('unknown-change'))
    await expect(hub.workOrders.restore('1', deleted!.hash)).rejects.toEqual(code('was-deleted'))
    await expect(hub.workOrders.restore('3', made!.hash)).rejects.toMatchObject({ name: 'RecordNotFound' })
    expect(await hub.workOrders.get('1')).toBeUndefined()
    expect(await hub.workOrders.get('2')).toMatchObject({ ...order, title: 'other' })
  })

  test('is refused on a device that may not write there, and so is nobody’s way round its rights', async () => {
    const { hub } = await world()
    const reader = await openEdge(3, { subject: 'tech:reader', write: [] })
    await hub.workOrders.create(order, { id: '1' })
    const [made] = await hub.workOrders.history('1')
    await hub.workOrders.delete('1')
    await pull(hub, reader)
    await reader.workOrders.restore('1', made!.hash)
    expect(await push(reader, hub)).toMatchObject([{ code: 'read-only' }])
    expect(await hub.workOrders.get('1')).toBeUndefined()
    expect(await reader.aside()).toMatchObject([{ record: 'work_orders/1', code: 'read-only' }])
  })

  test('comes too late once the content has gone', async () => {
    const { hub, host } = await world()
    await hub.workOrders.create(order, { id: '1' })
    const [made] = await hub.workOrders.history('1')
    await hub.workOrders.delete('1')
    await hub.upkeep()
    host.clock += DELETED_KEPT_MS
    for (let step = await hub.upkeep(); !step.done; ) step = await hub.upkeep()
    await expect(hub.workOrders.restore('1', made!.hash)).rejects.toMatchObject({ name: 'RecordNotFound' })
  })
})
