import { beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { collection } from '../records/collection.ts'
import { DraftError } from '../records/edits.ts'
import { keyed, text } from '../records/shape.ts'
import { memoryStore } from '../store/memory.ts'
import { MemoryDisk } from '../store/memory-disk.ts'
import { EditRefused } from './author.ts'
import { RECORD_ID_LENGTH_MAX } from './limits.ts'
import { draft, open, openEdge, order, Pen, putting } from './orders.test-support.ts'
import { RecordNotFound } from './record-not-found.ts'
import { CollectionNotFound, RecordInvalid } from './records.ts'
import { startEngine, testHost, workOrders } from './replica.test-support.ts'
import { openReplica } from './replica.ts'

beforeAll(startEngine)

describe('W-11: creating', () => {
  test('without an id gives one that sorts by time, and no two are the same', async () => {
    const { replica, host } = await open()
    const ids: string[] = []
    for (let i = 0; i < 20; i++) {
      host.clock += i
      ids.push((await replica.workOrders.create(order)).id)
    }
    expect(new Set(ids).size).toBe(20)
    for (const id of ids) expect(id).toMatch(/^[0-9a-hjkmnp-tv-z]{26}$/)
    const times = ids.map((id) => id.slice(0, 10))
    expect(times).toEqual([...times].sort())
  })

  test.each(['', 'a b', 'a/b', 'a\nb', 'é', '../x', 'x'.repeat(RECORD_ID_LENGTH_MAX + 1)])(
    'refuses the id %j',
    async (id) => {
      const { replica } = await open()
      await expect(replica.workOrders.create(order, { id })).rejects.toMatchObject({ code: 'bad-id' })
    },
  )

  test('takes ids up to the limit', async () => {
    const { replica } = await open()
    for (const id of ['x'.repeat(RECORD_ID_LENGTH_MAX), 'A.1_b:c~d-e', '0'])
      expect((await replica.workOrders.create(order, { id })).id).toBe(id)
  })

  test('refuses an id that is there, or was', async () => {
    const { replica } = await open()
    await replica.workOrders.create(order, { id: '1' })
    await expect(replica.workOrders.create(order, { id: '1' })).rejects.toMatchObject({ code: 'exists' })
    await replica.workOrders.delete('1')
    await expect(replica.workOrders.create(order, { id: '1' })).rejects.toThrow(EditRefused)
  })

  test('of a record without fields makes one', async () => {
    const notes = collection('notes', z.object({ title: z.string().optional() }))
    const replica = await openReplica({ host: testHost(), store: memoryStore(), collections: { notes } })
    await replica.notes.create({}, { id: '1' })
    expect(await replica.notes.get('1')).toEqual({ id: '1' })
  })

  test('writes defaults down', async () => {
    const notes = collection(
      'notes',
      z.object({ title: z.string().default('new'), by: text().default('nobody') }),
    )
    const replica = await openReplica({ host: testHost(), store: memoryStore(), collections: { notes } })
    expect(await replica.notes.create({} as never, { id: '1' })).toEqual({
      id: '1',
      title: 'new',
      by: 'nobody',
    })
  })
})

describe('W-11: updating and deleting', () => {
  test('what is written after an await would be lost, so an asynchronous change is refused', async () => {
    const { replica } = await open()
    await replica.workOrders.create(order, { id: '1' })
    const later = replica.workOrders.update('1', async (o) => {
      await undefined
      o.title = 'lost'
    })
    await expect(later).rejects.toThrow(DraftError)
    await expect(later).rejects.toThrow('asynchronous')
    expect(await replica.workOrders.get('1')).toMatchObject(order)
  })

  test('of what was deleted is refused in these words', async () => {
    const { replica } = await open()
    await replica.workOrders.create(order, { id: '1' })
    await replica.workOrders.delete('1')
    const { workOrders } = replica
    await expect(workOrders.create(order, { id: '1' })).rejects.toThrow('was deleted')
    await expect(workOrders.update('1', () => undefined)).rejects.toThrow('was deleted')
    await expect(workOrders.delete('1')).rejects.toThrow('was deleted')
  })

  test('what is not here', async () => {
    const { replica } = await open()
    await replica.workOrders.create(order, { id: '1' })
    await replica.workOrders.delete('1')
    for (const id of ['1', 'none']) {
      await expect(replica.workOrders.update(id, () => undefined)).rejects.toThrow(RecordNotFound)
      await expect(replica.workOrders.delete(id)).rejects.toThrow(RecordNotFound)
    }
    await expect(replica.workOrders.history('none')).rejects.toThrow(RecordNotFound)
    await expect(replica.workOrders.concurrent('none')).rejects.toThrow(RecordNotFound)
    expect(await replica.workOrders.history('1')).toHaveLength(2)
  })

  test('a draft may be changed freely: what was read before stays as it was', async () => {
    const { replica } = await open()
    const seen = await replica.workOrders.create(
      { ...order, tags: ['a'], address: { city: 'x' } },
      { id: '1' },
    )
    const copy = structuredClone(seen)
    await replica.workOrders.update('1', (o) => {
      o.tags!.push('b')
      o.address!.city = 'y'
      delete o.hours
    })
    expect(seen).toEqual(copy)
    expect(await replica.workOrders.get('1')).toMatchObject({ tags: ['a', 'b'], address: { city: 'y' } })
  })

  test('a draft that changes nothing is no edit', async () => {
    const { replica } = await open()
    await replica.workOrders.create(order, { id: '1' })
    const { entries } = await replica.stats()
    await replica.workOrders.update('1', (o) => {
      o.title = `${o.title}`
    })
    expect((await replica.stats()).entries).toBe(entries)
  })

  test('refuses what the schema, the shapes or the limits do not allow, and keeps nothing of it', async () => {
    const { replica } = await open()
    await replica.workOrders.create(order, { id: '1' })
    const attempt = (change: (o: never) => void) => replica.workOrders.update('1', change as never)
    await expect(attempt((o) => Object.assign(o, { status: 'lost' }))).rejects.toThrow(RecordInvalid)
    await expect(attempt((o) => Object.assign(o, { typo: 1 }))).rejects.toThrow(DraftError)
    await expect(attempt((o) => Object.assign(o, { address: { typo: 1 } }))).rejects.toThrow(DraftError)
    const twice = [
      { sku: 'a', qty: 1 },
      { sku: 'a', qty: 2 },
    ]
    await expect(attempt((o) => Object.assign(o, { parts: twice }))).rejects.toThrow(/two rows/)
    const many = Array.from({ length: 5000 }, (_, i) => ({ sku: `${i}`, qty: i }))
    await expect(attempt((o) => Object.assign(o, { parts: many }))).rejects.toMatchObject({
      name: 'EditRefused',
      message: /split it/,
    })
    const boom = new Error('boom')
    await expect(
      attempt(() => {
        throw boom
      }),
    ).rejects.toBe(boom)
    expect(await replica.workOrders.get('1')).toEqual({ ...order, id: '1' })
    expect(await replica.workOrders.history('1')).toHaveLength(1)
  })

  test('an issue of the whole record is told as one', async () => {
    const ranged = collection(
      'notes',
      z.object({ a: z.number(), b: z.number() }).refine((r) => r.a < r.b, 'backwards'),
    )
    const replica = await openReplica({ host: testHost(), store: memoryStore(), collections: { ranged } })
    await expect(replica.ranged.create({ a: 2, b: 1 })).rejects.toThrow('notes/01hf7yat00')
    await expect(replica.ranged.create({ a: 2, b: 1 })).rejects.toThrow(/fit its schema: \/ backwards/)
  })
})

describe('R-24: an app of an older schema', () => {
  const older = collection(
    'work_orders',
    z.object({
      title: z.string(),
      site: z.string(),
      address: z.object({ city: z.string().optional() }).optional(),
      parts: keyed('sku', z.object({ sku: z.string() })).optional(),
    }),
    { channels: (r) => [`site:${r.site}`] },
  )

  test('edits beside what a newer one wrote, at every depth', async () => {
    const disk = new MemoryDisk()
    const { replica: newer } = await open({ disk })
    const whole = {
      ...order,
      notes: 'n',
      hours: 2,
      address: { city: 'x', street: 's' },
      parts: [{ sku: 'a', qty: 3 }],
    }
    await newer.workOrders.create(whole, { id: '1' })
    await newer.close()
    const behind = await openReplica({
      host: testHost(2),
      store: memoryStore({ disk }),
      collections: { workOrders: older },
    })
    await behind.workOrders.update('1', (o) => {
      o.title = 'by the older'
      o.address!.city = 'y'
      o.parts!.unshift({ sku: 'b' })
    })
    await behind.close()
    const { replica: again } = await open({ disk, seed: 3 })
    expect(await again.workOrders.get('1')).toEqual({
      ...whole,
      id: '1',
      title: 'by the older',
      address: { city: 'y', street: 's' },
      parts: [{ sku: 'b' }, { sku: 'a', qty: 3 }],
    })
  })
})

describe('faces', () => {
  test('a collection by its name', async () => {
    const { replica } = await open()
    await replica.workOrders.create(order, { id: '1' })
    expect(await replica.collection('work_orders').get('1')).toMatchObject(order)
    expect(replica.collection('work_orders').name).toBe('work_orders')
    expect(() => replica.collection('nobody')).toThrow(CollectionNotFound)
    expect([...replica.collections.keys()]).toEqual([workOrders.name])
  })

  test('stats count what is there, and what the hub has not acknowledged', async () => {
    const ana = await openEdge(1)
    const pen = await Pen.make(7)
    await ana.workOrders.create(order, { id: '1' })
    await ana.workOrders.create(order, { id: '2' })
    await pen.tell(ana, await pen.changes('work_orders/3', [putting(draft(5), order)]))
    expect(await ana.stats()).toMatchObject({
      entries: 3,
      records: 3,
      unacknowledged: 2,
      cachedRecords: 3,
      head: ana.head,
    })
  })

  test('fault S10: another run writes under another actor', async () => {
    const disk = new MemoryDisk()
    const { replica: first } = await open({ disk })
    await first.workOrders.create(order, { id: '1' })
    await first.close()
    const { replica: second } = await open({ disk, seed: 2 })
    await second.workOrders.update('1', (o) => {
      o.title = 'x'
    })
    const [one, two] = await second.workOrders.history('1')
    expect(one!.actor).not.toBe(two!.actor)
    expect(second.node).toBe(first.node)
    expect(two!.author).toBe(second.node)
  })
})
