import { beforeAll, describe, expect, test, vi } from 'vitest'
import * as z from 'zod'
import { type Collection, collection } from '../records/collection.ts'
import { memoryStore } from '../store/memory.ts'
import { MemoryDisk } from '../store/memory-disk.ts'
import { RecordNotFound } from './record-not-found.ts'
import { RecordInvalid } from './records.ts'
import { plainVerifier, startEngine, testHost, workOrders } from './replica.test-support.ts'
import { openReplica } from './replica.ts'
import { ReplicaBase } from './replica-base.ts'

beforeAll(startEngine)

function open(disk = new MemoryDisk(), seed = 1) {
  const host = testHost(seed)
  return openReplica({
    host,
    store: memoryStore({ disk }),
    verifier: plainVerifier(host),
    collections: { workOrders },
  })
}

describe('records of one replica', () => {
  test('a record is created, read, updated and listed', async () => {
    const replica = await open()
    const order = await replica.workOrders.create({
      title: 'Replace anemometer',
      status: 'open',
      site: 'SEA',
    })
    expect(order).toMatchObject({ title: 'Replace anemometer', status: 'open', site: 'SEA' })
    await replica.workOrders.update(order.id, (r) => {
      r.status = 'done'
      r.notes = 'hello'
      r.hours = 2
      r.parts = [
        { sku: 'B', qty: 1 },
        { sku: 'A', qty: 2 },
      ]
      r.address = { city: 'Seattle' }
      r.tags = ['x', 'y']
    })
    await replica.workOrders.update(order.id, (r) => {
      r.notes = 'hello there'
      r.hours = (r.hours ?? 0) + 3
      r.parts = [
        { sku: 'A', qty: 2 },
        { sku: 'C', qty: 9 },
        { sku: 'B', qty: 7 },
      ]
      r.tags?.splice(1, 0, 'z')
    })
    expect(await replica.workOrders.get(order.id)).toEqual({
      id: order.id,
      title: 'Replace anemometer',
      status: 'done',
      site: 'SEA',
      notes: 'hello there',
      hours: 5,
      parts: [
        { sku: 'A', qty: 2 },
        { sku: 'C', qty: 9 },
        { sku: 'B', qty: 7 },
      ],
      address: { city: 'Seattle' },
      tags: ['x', 'z', 'y'],
    })
    expect(await replica.workOrders.where({ status: 'done' }).count()).toBe(1)
    expect(await replica.workOrders.where({ status: 'open' }).all()).toEqual([])
    expect(await replica.workOrders.history(order.id)).toHaveLength(3)
    await replica.close()
  })

  test('what was written is there after the store is opened again', async () => {
    const disk = new MemoryDisk()
    const first = await open(disk)
    const order = await first.workOrders.create({ title: 'a', status: 'open', site: 'SEA', notes: 'abc' })
    await first.workOrders.update(order.id, (r) => {
      r.notes = 'abcd'
    })
    await first.close()
    const second = await open(disk, 2)
    await second.workOrders.update(order.id, (r) => {
      r.notes = `${r.notes}e`
    })
    expect(await second.workOrders.get(order.id)).toMatchObject({ notes: 'abcde' })
  })

  test('a value against the schema is refused and leaves nothing', async () => {
    const replica = await open()
    await expect(
      replica.workOrders.create({ title: 'a', status: 'lost' as never, site: 'SEA' }),
    ).rejects.toThrow(RecordInvalid)
    await expect(replica.workOrders.update('nope', () => undefined)).rejects.toThrow(RecordNotFound)
    const order = await replica.workOrders.create({ title: 'a', status: 'open', site: 'SEA' })
    const bad = replica.workOrders.update(order.id, (r) => {
      r.title = 'b'
      r.status = 'lost' as never
    })
    await expect(bad).rejects.toThrow(/\/status/)
    expect(await replica.workOrders.all()).toEqual([order])
  })

  test('a subscribed query follows commits', async () => {
    const replica = await open()
    const seen: string[][] = []
    const first = new Promise<void>((resolve) => {
      replica.workOrders
        .where({ status: 'open' })
        .orderBy('title')
        .subscribe((orders) => {
          seen.push(orders.map((order) => order.title))
          resolve()
        })
    })
    await first
    const b = await replica.workOrders.create({ title: 'b', status: 'open', site: 'SEA' })
    await replica.workOrders.create({ title: 'a', status: 'open', site: 'SEA' })
    await replica.workOrders.update(b.id, (r) => {
      r.status = 'done'
    })
    await replica.workOrders.delete((await replica.workOrders.where({ title: 'a' }).first())!.id)
    expect(seen).toEqual([[], ['b'], ['a', 'b'], ['a'], []])
  })
})

describe('a collection in the place of what every replica has', () => {
  const openedWith = <const Name extends string>(
    collections: Record<Name, Collection>,
    store = memoryStore(),
  ) => openReplica({ host: testHost(1), store, collections })

  test.each(['close', 'head', 'session', 'presence', 'constructor'])(
    '%s is refused by name, before the store is opened',
    async (name) => {
      const store = memoryStore()
      const open = vi.spyOn(store, 'open')
      await expect(openedWith({ [name]: workOrders }, store)).rejects.toThrow(
        new TypeError(
          `collections.${name}: every replica has '${name}' itself; give this collection another key`,
        ),
      )
      expect(open).not.toHaveBeenCalled()
    },
  )

  test('nothing that a replica has is forgotten', async () => {
    const replica = await openedWith({})
    const names = [replica, ReplicaBase.prototype].flatMap((has) => Object.getOwnPropertyNames(has))
    expect(names).toEqual(expect.arrayContaining(['session', 'close', 'head']))
    for (const name of names)
      await expect(openedWith({ [name]: workOrders }), name).rejects.toThrow(TypeError)
    await replica.close()
  })

  test('its own name may be any', async () => {
    const close = collection('close', z.object({ title: z.string() }))
    const replica = await openReplica({
      host: testHost(1),
      store: memoryStore(),
      collections: { closings: close },
    })
    const { id } = await replica.closings.create({ title: 'a' })
    expect(await replica.collection('close').get(id)).toEqual({ id, title: 'a' })
    await replica.close()
  })
})
