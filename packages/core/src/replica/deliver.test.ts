import { beforeAll, describe, expect, test } from 'vitest'
import type { Credential } from '../identity/credential.ts'
import type { Collection } from '../records/collection.ts'
import type { Rule } from '../records/rule.ts'
import type { IncomingItem, Want } from '../session/port.ts'
import { memoryStore } from '../store/memory.ts'
import { MemoryDisk } from '../store/memory-disk.ts'
import {
  deliveryOf,
  everything,
  type Orders,
  openEdge,
  openHub as openHubWith,
  pull,
  push,
} from './orders.test-support.ts'
import { plainToken, plainVerifier, startEngine, testHost, workOrders } from './replica.test-support.ts'
import { openReplica } from './replica.ts'

beforeAll(startEngine)

const open = (seed: number, grant: Partial<Credential>) => openEdge(seed, grant)
const openHub = async (rules: readonly Rule[] = []) => (await openHubWith({ rules })).replica

describe('through the hub', () => {
  test('two edges edit one record offline and converge', async () => {
    const hub = await openHub()
    const ana = await open(1, { subject: 'tech:ana' })
    const ben = await open(2, { subject: 'tech:ben' })
    const { id } = await ana.workOrders.create({
      title: 't',
      status: 'open',
      site: 'SEA',
      notes: 'note',
      hours: 1,
    })
    expect(await push(ana, hub)).toEqual([])
    await pull(hub, ben)
    expect(await ben.workOrders.get(id)).toMatchObject({ title: 't', notes: 'note', hours: 1 })

    await ana.workOrders.update(id, (r) => {
      r.notes = 'A note'
      r.hours = 3
      r.title = 'from ana'
      r.parts = [{ sku: 'x', qty: 1 }]
    })
    await ben.workOrders.update(id, (r) => {
      r.notes = 'note B'
      r.hours = 6
      r.title = 'from ben'
      r.parts = [{ sku: 'y', qty: 2 }]
    })
    expect(await push(ana, hub)).toEqual([])
    expect(await push(ben, hub)).toEqual([])
    await pull(hub, ana)
    await pull(hub, ben)
    const seen = await ana.workOrders.get(id)
    expect(seen).toMatchObject({ notes: 'A note B', hours: 8 })
    expect(seen?.parts?.map((part) => part.sku).sort()).toEqual(['x', 'y'])
    expect(await ben.workOrders.get(id)).toEqual(seen)
    expect(await hub.workOrders.get(id)).toEqual(seen)
    const [title] = await ana.workOrders.concurrent(id)
    expect(title?.path).toEqual(['title'])
    expect(title?.values.map((v) => [v.value, v.author]).sort()).toEqual([
      ['from ana', 'tech:ana'],
      ['from ben', 'tech:ben'],
    ])
    expect(title?.values[0]?.value).toBe(seen?.title)
    expect((await ben.workOrders.history(id)).map((item) => item.author)).toContain('tech:ana')
    await ana.workOrders.saved(id, 'hub')
  })

  test("a record that moves out of an edge's channels leaves it, and comes whole to another", async () => {
    const hub = await openHub()
    const ana = await open(1, { write: ['site:SEA', 'site:PDX'] })
    const ben = await open(2, { subject: 'tech:ben', read: ['site:PDX'], write: ['site:PDX'] })
    const { id } = await ana.workOrders.create({ title: 't', status: 'open', site: 'SEA' })
    await push(ana, hub)
    await pull(hub, ana)
    await pull(hub, ben)
    expect(await ben.workOrders.get(id)).toBeUndefined()
    await ana.workOrders.update(id, (r) => {
      r.site = 'PDX'
    })
    await push(ana, hub)
    await pull(hub, ana)
    await pull(hub, ben)
    expect(await ana.workOrders.get(id)).toBeUndefined()
    expect((await ana.stats()).entries).toBe(0)
    expect(await ben.workOrders.get(id)).toMatchObject({ site: 'PDX' })
  })

  test('an edit without the right is refused, set aside and can be written again', async () => {
    const hub = await openHub()
    const ana = await open(1, {})
    const ben = await open(2, { subject: 'tech:ben', write: [] })
    const { id } = await ana.workOrders.create({ title: 't', status: 'open', site: 'SEA' })
    await push(ana, hub)
    await pull(hub, ben)
    await ben.workOrders.update(id, (r) => {
      r.title = 'mine'
    })
    await ben.workOrders.update(id, (r) => {
      r.hours = 2
    })
    expect((await push(ben, hub)).map((refusal) => refusal.code)).toEqual(['read-only', 'depends-on-refused'])
    expect(await ben.workOrders.get(id)).toMatchObject({ title: 't' })
    const [aside] = await ben.workOrders.aside(id)
    expect(aside).toMatchObject({ code: 'read-only' })
    await expect(ben.workOrders.saved(id, 'hub')).rejects.toThrow(/read-only/)
    await ben.setCredential(plainToken(ben.publicKey, { subject: 'tech:ben' }))
    await ben.reapply(aside!.key)
    expect(await push(ben, hub)).toEqual([])
    expect(await hub.workOrders.get(id)).toMatchObject({ title: 'mine', hours: 2 })
    expect(await ben.workOrders.aside(id)).toEqual([])
  })

  test('a record put into a channel that was not granted is refused, and nothing else is', async () => {
    const hub = await openHub()
    const ana = await open(1, {})
    await ana.workOrders.create({ title: 'foreign', status: 'open', site: 'PDX' })
    const own = await ana.workOrders.create({ title: 'own', status: 'open', site: 'SEA' })
    expect((await push(ana, hub)).map((refusal) => refusal.code)).toEqual(['channel-not-granted'])
    expect((await hub.workOrders.all()).map((order) => order.title)).toEqual(['own'])
    expect(await ana.workOrders.all()).toEqual([own])
  })

  test('a broken rule is mended with a receipt', async () => {
    const rule: Rule = {
      name: 'done-needs-hours',
      collection: 'work_orders',
      check: ({ after }) =>
        after['status'] === 'done' && !after['hours']
          ? { reason: 'A finished order needs hours.' }
          : undefined,
    }
    const hub = await openHub([rule])
    const ana = await open(1, {})
    const { id } = await ana.workOrders.create({ title: 't', status: 'open', site: 'SEA' })
    await push(ana, hub)
    await ana.workOrders.update(id, (r) => {
      r.status = 'done'
    })
    expect(await push(ana, hub)).toEqual([])
    await pull(hub, ana)
    expect(await ana.workOrders.get(id)).toMatchObject({ status: 'open' })
    expect(await ana.workOrders.receipts(id)).toMatchObject([
      {
        place: 'hub',
        outcome: 'mended',
        reason: 'A finished order needs hours.',
        values: { '/status': { was: 'done', became: 'open' } },
      },
    ])
  })

  test('fault N8: the same entries delivered twice change nothing', async () => {
    const hub = await openHub()
    const ana = await open(1, {})
    await ana.workOrders.create({ title: 't', status: 'open', site: 'SEA' })
    const items = (await ana.session.readLog(0, everything)).map(
      (e): IncomingItem => ({ kind: 'entry', seq: e.seq, bytes: e.bytes }),
    )
    const want: Want = { kind: 'log', cursor: undefined }
    await hub.session.deliver(deliveryOf(ana, items, want))
    const before = await hub.stats()
    await hub.session.deliver(deliveryOf(ana, items, want))
    expect((await hub.stats()).entries).toBe(before.entries)
  })

  test('edits made before enrolment are signed again', async () => {
    const hub = await openHub()
    const host = testHost(5)
    const collections: { workOrders: Collection } = { workOrders }
    const ana = (await openReplica({
      host,
      store: memoryStore({ disk: new MemoryDisk() }),
      verifier: plainVerifier(host),
      collections,
    })) as unknown as Orders
    const { id } = await ana.workOrders.create({ title: 't', status: 'open', site: 'SEA' })
    await ana.setCredential(plainToken(ana.publicKey, {}))
    expect(await push(ana, hub)).toEqual([])
    expect(await hub.workOrders.history(id)).toMatchObject([{ author: 'tech:ana' }])
  })
})
