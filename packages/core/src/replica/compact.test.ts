/** Compaction on one replica, and what its readers are told. Snapshots between peers are in judge-snapshot.test.ts. */

import { beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { collection } from '../records/collection.ts'
import type { JsonObject } from '../records/shape.ts'
import { MemoryDisk } from '../store/memory-disk.ts'
import { compacting, compactingRenamed } from './compact.test-support.ts'
import {
  everything,
  type OpenOptions,
  type Orders,
  open,
  openEdge,
  openHub,
  order,
  Pen,
  peerOf,
  pull,
  push,
  tell,
} from './orders.test-support.ts'
import type { Records } from './records.ts'
import { plainToken, startEngine } from './replica.test-support.ts'
import { UPKEEP_RECORDS_MAX } from './upkeep.ts'

beforeAll(startEngine)

const soon = { collection: compacting({ entriesMax: 4 }) }
const KEY = 'work_orders/1'

async function edit(replica: Orders, times: number, word = 'x'): Promise<void> {
  for (let i = 0; i < times; i++)
    await replica.workOrders.update('1', (o) => {
      if (i % 2 === 0) o.notes = `${o.notes ?? ''}${word}${i} `
      else o.hours = (o.hours ?? 0) + 1
    })
}

/** A hub with an order that Ana and Ben wrote together, in eight entries. */
async function world(options: OpenOptions = soon) {
  const disk = new MemoryDisk()
  const { replica: hub, events } = await openHub({ disk, ...options })
  const ana = await openEdge(1, {}, options)
  const ben = await openEdge(2, { subject: 'tech:ben' }, options)
  await ana.workOrders.create(order, { id: '1' })
  await push(ana, hub)
  await pull(hub, ben)
  await edit(ben, 3, 'b')
  await edit(ana, 3, 'a')
  await push(ana, hub)
  await push(ben, hub)
  await edit(hub, 1, 'h')
  return { hub, ana, ben, disk, events }
}

async function upkeep(replica: Orders) {
  const total = { entries: 0, compacted: 0, bytesBefore: 0, bytesAfter: 0 }
  for (;;) {
    const step = await replica.upkeep()
    for (const key of ['entries', 'compacted', 'bytesBefore', 'bytesAfter'] as const) total[key] += step[key]
    if (step.done) return total
  }
}

const seqsOf = async (replica: Orders) =>
  (await replica.entriesOf(KEY)).map(({ kind, seq }) => `${kind} ${seq}`)

async function seen(replica: Orders) {
  const { workOrders } = replica
  const [row, history, concurrent] = await Promise.all([
    workOrders.get('1'),
    workOrders.history('1'),
    workOrders.concurrent('1'),
  ])
  // Concurrent changes have no order of their own.
  const sorted = history.sort((a, b) => (a.hash < b.hash ? -1 : 1))
  return { row, history: sorted, concurrent, receipts: await workOrders.receipts('1') }
}

describe('K-1: compaction', () => {
  test('makes one entry of a record; value, history, authors and receipts are as before, also after opening again', async () => {
    const { hub, disk } = await world()
    const crm = await Pen.make(9, { systems: ['crm'] })
    const receipt = encodeUtf8(JSON.stringify({ place: 'crm', outcome: 'saved', seqs: {}, at: 5 }))
    await crm.tell(hub, await crm.other('receipt', KEY, receipt))
    await edit(hub, 1)
    const before = await seen(hub)
    expect(before.history).toHaveLength(9)
    expect(new Set(before.history.map((item) => item.author))).toEqual(
      new Set(['tech:ana', 'tech:ben', 'hub']),
    )
    const last = (await hub.entriesOf(KEY)).at(-1)!.seq
    const total = await upkeep(hub)
    expect(total.compacted).toBe(1)
    expect(total.bytesAfter).toBeLessThan(total.bytesBefore / 2)
    expect(await seqsOf(hub)).toEqual([`snapshot ${last}`])
    expect(await seen(hub)).toEqual(before)
    await hub.close()
    const { replica: again } = await open({ disk, seed: 98, ...soon })
    expect(await seen(again)).toEqual(before)
    expect(await again.workOrders.where({ status: 'open' }).all()).toHaveLength(1)
  })

  test('of a snapshot and what came after it makes one again, once it is worth it (K-7)', async () => {
    const { hub } = await world()
    await upkeep(hub)
    await edit(hub, 3)
    expect((await upkeep(hub)).compacted).toBe(0)
    await edit(hub, 1)
    expect((await upkeep(hub)).compacted).toBe(1)
    expect(await hub.workOrders.history('1')).toHaveLength(12)
    // A quarter of what a snapshot holds has to come first.
    await edit(hub, 40)
    expect((await upkeep(hub)).compacted).toBe(1)
    await edit(hub, 12)
    expect((await upkeep(hub)).compacted).toBe(0)
    await edit(hub, 2)
    expect((await upkeep(hub)).compacted).toBe(1)
    expect(await seqsOf(hub)).toHaveLength(1)
  })

  test('of a record whose version names and reads what is stored in other ways', async () => {
    const renamed = compactingRenamed({ entriesMax: 4 })
    const { replica: hub, events } = await openHub({ collection: renamed })
    const orders = hub.workOrders as unknown as Records<JsonObject>
    await orders.create({ heading: 't', site: 'SEA', minutes: 90 }, { id: '1' })
    for (let i = 0; i < 5; i++)
      await orders.update('1', (o) => {
        o.heading = `t${i}`
      })
    const before = await orders.get('1')
    expect(await upkeep(hub)).toMatchObject({ compacted: 1 })
    expect(events.filter(({ code }) => code === 'compaction-failed')).toEqual([])
    expect(await orders.get('1')).toEqual(before)
    expect(await hub.entriesOf(KEY)).toHaveLength(1)
  })

  test('K-2: what does not come out the same stays as it was, and is reported; others are not kept waiting', async () => {
    let lies = false
    const { replica: hub, host, events } = await openHub(soon)
    await hub.workOrders.create(order, { id: '1' })
    await edit(hub, 6)
    await hub.workOrders.create(order, { id: '2' })
    for (let i = 0; i < 6; i++)
      await hub.workOrders.update('2', (o) => {
        o.title = `t${i}`
      })
    const before = await hub.entriesOf(KEY)
    const { inflateRaw } = host
    let reads = 0
    host.inflateRaw = (bytes, max) => {
      const whole = inflateRaw(bytes, max)
      // The first snapshot that is read back has a letter of a note changed.
      if (lies && reads++ === 0) whole[whole.lastIndexOf(0x78)] = 0x79
      return whole
    }
    lies = true
    expect((await upkeep(hub)).compacted).toBe(1)
    expect(await hub.entriesOf(KEY)).toEqual(before)
    expect(events).toContainEqual(expect.objectContaining({ code: 'compaction-failed', level: 'error' }))
    expect(await hub.entriesOf('work_orders/2')).toHaveLength(1)
  })

  test('fault P4: a commit that fails leaves the old entries, and the next step makes it good', async () => {
    let failing = false
    const { replica: hub } = await openHub({
      ...soon,
      beforeCommit: () => {
        if (failing) throw new Error('power')
      },
    })
    await hub.workOrders.create(order, { id: '1' })
    await edit(hub, 6)
    const before = await hub.entriesOf(KEY)
    failing = true
    await expect(hub.upkeep()).rejects.toThrow('power')
    expect(await hub.entriesOf(KEY)).toEqual(before)
    failing = false
    await edit(hub, 1)
    expect((await upkeep(hub)).compacted).toBe(1)
    expect(await hub.workOrders.history('1')).toHaveLength(8)
  })
})

describe('K-3: a reader by cursor', () => {
  test('in the middle of the replaced entries gets the snapshot whole, and recognises what it has', async () => {
    const { hub, ana, ben } = await world()
    await pull(hub, ana)
    expect(await seen(ana)).toEqual(await seen(hub))
    await edit(hub, 2)
    await upkeep(hub)
    expect(await pull(hub, ana)).toEqual([])
    expect(await pull(hub, ben)).toEqual([])
    expect(await seen(ana)).toEqual(await seen(hub))
    expect(await seen(ben)).toEqual(await seen(hub))
    expect((await seqsOf(ana)).at(-1)).toMatch(/snapshot/)
    expect(await pull(hub, ana)).toEqual([])
  })

  test('beyond the snapshot is not told it', async () => {
    const { hub, ana } = await world()
    await pull(hub, ana)
    const before = await seqsOf(ana)
    await upkeep(hub)
    await pull(hub, ana)
    expect(await seqsOf(ana)).toEqual(before)
  })

  test('K-4: from the beginning hears that the record entered before it hears the record, and gives it up when it leaves', async () => {
    const { hub } = await world()
    await upkeep(hub)
    const cleo = await openEdge(3, { subject: 'tech:cleo' }, soon)
    expect(await pull(hub, cleo)).toEqual([])
    expect(await seen(cleo)).toEqual(await seen(hub))
    await hub.workOrders.update('1', (o) => {
      o.site = 'PDX'
    })
    await pull(hub, cleo)
    expect(await cleo.workOrders.get('1')).toBeUndefined()
    expect(await seqsOf(cleo)).toEqual([])
  })

  test('K-4: of two channels keeps the record while one of them holds it, though both were entered below the snapshot', async () => {
    const both = ['site:SEA', 'site:PDX']
    const twice = collection('work_orders', z.object({ title: z.string(), sites: z.array(z.string()) }), {
      channels: (r) => r.sites.map((site) => `site:${site}`),
      history: { entriesMax: 2 },
    })
    const options = { collection: twice as unknown as NonNullable<OpenOptions['collection']> }
    const { replica: hub } = await openHub(options)
    const orders = hub.collection('work_orders')
    const set = (fields: JsonObject) =>
      orders.update('1', (o) => {
        Object.assign(o, fields)
      })
    await orders.create({ title: 't', sites: ['SEA', 'PDX'] }, { id: '1' })
    for (let i = 0; i < 4; i++) await set({ title: `t${i}` })
    await upkeep(hub)
    const disk = new MemoryDisk()
    const cleo = await openEdge(3, { read: both }, { ...options, disk })
    // The marks come in one delivery, the snapshot in a later one.
    const want = await cleo.session.want(peerOf(hub))
    const page = await hub.session.readChannels(new Map(both.map((channel) => [channel, 0])), everything)
    const marks = page.items.flatMap((item) => (item.kind === 'enter' ? [{ ...item, entries: [] }] : []))
    expect(marks).toHaveLength(2)
    await cleo.session.deliver({ peer: peerOf(hub), items: marks, position: undefined, current: false, want })
    await pull(hub, cleo)
    await set({ sites: ['PDX'] })
    await pull(hub, cleo)
    expect(await cleo.collection('work_orders').get('1')).toMatchObject({ title: 't3', sites: ['PDX'] })
    await set({ sites: ['LAX'] })
    await pull(hub, cleo)
    expect(await cleo.collection('work_orders').get('1')).toBeUndefined()
  })
})

describe('K-7: entries stay', () => {
  test('in a collection that keeps them, and in one that it does not know', async () => {
    const { hub } = await world({ collection: compacting('keep') })
    expect((await upkeep(hub)).compacted).toBe(0)
    expect(await seqsOf(hub)).toHaveLength(8)
  })

  test('up to entriesMax, and not beyond', async () => {
    const { replica: hub } = await openHub(soon)
    await hub.workOrders.create(order, { id: '1' })
    await edit(hub, 3)
    expect((await upkeep(hub)).compacted).toBe(0)
    await edit(hub, 1)
    expect((await upkeep(hub)).compacted).toBe(1)
  })

  test('on an edge while the hub may still refuse one of them', async () => {
    const { replica: hub } = await openHub(soon)
    const ana = await openEdge(1, {}, soon)
    await ana.workOrders.create(order, { id: '1' })
    await edit(ana, 6)
    expect(await upkeep(ana)).toMatchObject({ entries: 0, compacted: 0 })
    await push(ana, hub)
    expect((await upkeep(ana)).compacted).toBe(1)
    await edit(ana, 6)
    expect((await upkeep(ana)).compacted).toBe(0)
    expect((await seqsOf(ana)).map((one) => one.split(' ')[0])).toEqual([
      'snapshot',
      ...Array(6).fill('changes'),
    ])
    expect(await push(ana, hub)).toEqual([])
    expect((await upkeep(ana)).compacted).toBe(1)
    // What the hub told is settled though nothing of it was answered.
    await edit(hub, 8)
    await pull(hub, ana)
    expect((await upkeep(ana)).compacted).toBe(1)
  })

  test('on an edge while the hub may still refuse a later entry of the record', async () => {
    const { replica: hub } = await openHub(soon)
    const ana = await openEdge(1, {}, soon)
    await ana.workOrders.create(order, { id: '1' })
    await edit(ana, 6)
    await push(ana, hub)
    await edit(ana, 1)
    expect(await upkeep(ana)).toMatchObject({ entries: 7, compacted: 0 })
    await push(ana, hub)
    expect(await upkeep(ana)).toMatchObject({ entries: 1, compacted: 1 })
  })

  test('before enrolment, and where nobody ever answers', async () => {
    const { replica: alone } = await open(soon)
    await alone.workOrders.create(order, { id: '1' })
    await edit(alone, 6)
    expect((await upkeep(alone)).compacted).toBe(0)
    await alone.setCredential(plainToken(alone.publicKey, {}))
    expect((await upkeep(alone)).compacted).toBe(0)
    expect(await seqsOf(alone)).toHaveLength(7)
  })

  test('an edit that is refused after a compaction is set aside as ever', async () => {
    const { hub, ana } = await world()
    await pull(hub, ana)
    await push(ana, hub)
    expect((await upkeep(ana)).compacted).toBe(1)
    await edit(ana, 2, 'refused')
    const seq = (await ana.entriesOf(KEY)).at(-2)!.seq
    const refusal = { seq, code: 'not-granted', reason: 'no' }
    await ana.session.acknowledged(peerOf(hub), ana.head, [refusal], hub.head)
    expect(await ana.workOrders.get('1')).toEqual(await hub.workOrders.get('1'))
    expect(await ana.workOrders.aside('1')).toHaveLength(1)
  })
})

test('S-1: an edit made in the commit in which an earlier one is refused leaves with it', async () => {
  const { hub, ana, disk } = await (async () => {
    const disk = new MemoryDisk()
    const { replica: hub } = await openHub(soon)
    const ana = await openEdge(1, {}, { ...soon, disk })
    await ana.workOrders.create(order, { id: '1' })
    await push(ana, hub)
    return { hub, ana, disk }
  })()
  await edit(ana, 1, 'refused')
  const refusal = { seq: ana.head, code: 'not-granted', reason: 'no' }
  await Promise.all([
    edit(ana, 1, 'on top'),
    ana.session.acknowledged(peerOf(hub), ana.head, [refusal], hub.head),
  ])
  expect(await ana.workOrders.get('1')).toEqual(await hub.workOrders.get('1'))
  await ana.close()
  const { replica: again } = await open({ ...soon, disk, seed: 5 })
  expect(await again.workOrders.history('1')).toHaveLength(1)
  expect(await again.entriesOf(KEY)).toHaveLength(1)
})

describe('K-9: upkeep', () => {
  test('does a bounded piece, and goes on where it stood, also after a restart', async () => {
    const disk = new MemoryDisk()
    const { replica: hub } = await openHub({ disk, ...soon })
    for (const id of ['1', '2', '3']) {
      await hub.workOrders.create(order, { id })
      for (let i = 0; i < 6; i++)
        await hub.workOrders.update(id, (o) => {
          o.title = `t${i}`
        })
    }
    expect(await hub.upkeep({ recordsMax: 1 })).toMatchObject({ compacted: 1, done: false })
    await hub.close()
    const { replica: again } = await open({
      disk,
      seed: 98,
      ...soon,
      grant: { subject: 'hub', role: 'authority', read: ['*'], write: ['*'] },
    })
    const second = await again.upkeep({ recordsMax: 1 })
    expect(second).toMatchObject({ compacted: 1, done: false })
    expect(second.entries).toBeLessThan(16)
    expect(await upkeep(again)).toMatchObject({ compacted: 1 })
    expect(await again.upkeep()).toMatchObject({ entries: 0, compacted: 0, done: true })
  })

  test('compacts UPKEEP_RECORDS_MAX records in a step, and no more', async () => {
    const { replica: hub } = await openHub({ collection: compacting({ entriesMax: 1 }) })
    for (let id = 0; id <= UPKEEP_RECORDS_MAX; id++) {
      await hub.workOrders.create(order, { id: `${id}` })
      await hub.workOrders.update(`${id}`, (o) => {
        o.title = 'two'
      })
    }
    expect(await hub.upkeep()).toMatchObject({ compacted: UPKEEP_RECORDS_MAX, done: false })
    expect(await hub.upkeep()).toMatchObject({ compacted: 1 })
  })

  test('K-10: turns that share its commit see the snapshot', async () => {
    const { hub } = await world()
    const [, made, , after] = await Promise.all([
      edit(hub, 1),
      hub.upkeep(),
      hub.workOrders.update('1', (o) => {
        o.title = 'in the same commit'
      }),
      hub.upkeep(),
    ])
    expect(made.compacted + after.compacted).toBeGreaterThan(0)
    expect((await hub.workOrders.history('1')).length).toBe(10)
    expect(await hub.workOrders.get('1')).toMatchObject({ title: 'in the same commit' })
  })
})

describe('K-11: after a compaction', () => {
  test('saved still knows which edits were made here', async () => {
    const { replica: hub } = await openHub(soon)
    const ana = await openEdge(1, {}, soon)
    await ana.workOrders.create(order, { id: '1' })
    await edit(ana, 6)
    await push(ana, hub)
    await upkeep(ana)
    await ana.workOrders.saved('1', 'hub')
    await expect(ana.workOrders.saved('1', 'crm', { timeoutMs: 1 })).rejects.toMatchObject({
      code: 'save-timeout',
    })
    const crm = await Pen.make(9, { systems: ['crm'] })
    const { seqs } = await hub.transact((t) => t.record(KEY))
    await crm.tell(
      hub,
      await crm.other(
        'receipt',
        KEY,
        encodeUtf8(JSON.stringify({ place: 'crm', outcome: 'saved', seqs, at: 5 })),
      ),
    )
    await pull(hub, ana)
    await ana.workOrders.saved('1', 'crm')
  })

  test('A-14: an edge that tells all again tells the snapshot, and nothing is applied twice', async () => {
    const { hub, ana } = await world()
    await pull(hub, ana)
    await push(ana, hub)
    await upkeep(ana)
    const before = await hub.entriesOf(KEY)
    await hub.session.met(peerOf(ana), ['*'])
    expect(await tell(ana, hub)).toEqual([])
    expect(await hub.entriesOf(KEY)).toEqual(before)
  })
})
