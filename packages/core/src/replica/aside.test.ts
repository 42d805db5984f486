import { beforeAll, describe, expect, test } from 'vitest'
import {
  draft,
  everything,
  type Opened,
  type Orders,
  open,
  openEdge,
  openHub,
  order,
  Pen,
  peerOf,
  pull,
  push,
  putting,
} from './orders.test-support.ts'
import { RecordNotFound } from './record-not-found.ts'
import { RecordInvalid } from './records.ts'
import { plainToken, startEngine } from './replica.test-support.ts'

beforeAll(startEngine)

const mayWrite = (replica: Orders) =>
  replica.setCredential(plainToken(replica.publicKey, { subject: 'tech:ben' }))

/** Ben reads one order and may write nothing. */
async function world(): Promise<{ hub: Orders; ana: Orders; ben: Orders; opened: Opened }> {
  const { replica: hub } = await openHub()
  const ana = await openEdge(1)
  const opened = await open({ seed: 2, grant: { subject: 'tech:ben', write: [] } })
  await ana.workOrders.create(
    { ...order, notes: 'n', hours: 1, tags: ['a'], parts: [{ sku: 'p', qty: 1 }] },
    { id: '1' },
  )
  await push(ana, hub)
  await pull(hub, opened.replica)
  return { hub, ana, ben: opened.replica, opened }
}

describe('S-1: an edit that the hub refuses', () => {
  test('leaves the record and its log, with the edits made on top of it, and is kept beside it', async () => {
    const { hub, ben, opened } = await world()
    const before = await ben.workOrders.get('1')
    const entries = await ben.entriesOf('work_orders/1')
    opened.host.clock += 5
    await ben.workOrders.update('1', (o) => {
      o.title = 'mine'
      o.notes += '!'
    })
    await ben.workOrders.update('1', (o) => {
      o.hours = 4
      o.parts!.push({ sku: 'q', qty: 2 })
      o.tags = []
    })
    expect((await push(ben, hub)).map(({ code }) => code)).toEqual(['read-only', 'depends-on-refused'])
    expect(await ben.workOrders.get('1')).toEqual(before)
    expect(await ben.entriesOf('work_orders/1')).toEqual(entries)
    const [aside, ...more] = await ben.aside()
    expect(more).toEqual([])
    expect(aside).toMatchObject({ record: 'work_orders/1', code: 'read-only', at: opened.host.clock })
    expect(aside?.reason).toMatch(/tech:ben/)
    expect(aside?.edits.map(({ op, path }) => `${op} ${path.join('/')}`)).toEqual([
      'increment hours',
      'text notes',
      'make parts/q',
      'put parts/q/qty',
      'put parts/q/sku',
      'order parts',
      'list tags',
      'put title',
    ])
    expect(await ben.workOrders.aside('1')).toEqual([aside])
    expect(await ben.workOrders.aside('2')).toEqual([])
    expect(opened.events.filter(({ code }) => code === 'set-aside')).toHaveLength(1)
  })

  test('what others wrote stays, also when it came later', async () => {
    const { hub, ana, ben } = await world()
    await ben.workOrders.update('1', (o) => {
      o.title = 'mine'
    })
    await ana.workOrders.update('1', (o) => {
      o.hours = 7
    })
    await push(ana, hub)
    await pull(hub, ben)
    await push(ben, hub)
    expect(await ben.workOrders.get('1')).toEqual(await hub.workOrders.get('1'))
    expect(await ben.workOrders.get('1')).toMatchObject({ title: 't', hours: 7 })
  })

  test('edits go on under a new actor, and are taken once the right is there', async () => {
    const { hub, ben } = await world()
    const edit = (title: string) =>
      ben.workOrders.update('1', (o) => {
        o.title = title
      })
    const actors = async () => (await ben.workOrders.history('1')).map(({ actor }) => actor)
    await edit('refused')
    const spent = (await actors()).at(-1)
    await push(ben, hub)
    await mayWrite(ben)
    await edit('allowed')
    // Whoever took the refused edit in the field knows it under the old one.
    expect(await actors()).not.toContain(spent)
    expect(await push(ben, hub)).toEqual([])
    expect(await hub.workOrders.get('1')).toMatchObject({ title: 'allowed' })
    expect((await hub.workOrders.history('1')).at(-1)?.author).toBe('tech:ben')
  })

  test('a new record goes with it', async () => {
    const { hub, ben } = await world()
    const { replica } = { replica: ben }
    await replica.workOrders.create({ ...order, title: 'new' }, { id: '2' })
    expect((await push(replica, hub)).map(({ code }) => code)).toEqual(['read-only'])
    expect((await replica.workOrders.all()).map(({ id }) => id)).toEqual(['1'])
    expect(await replica.entriesOf('work_orders/2')).toEqual([])
    await mayWrite(replica)
    const [aside] = await replica.aside()
    await replica.reapply(aside!.key)
    expect(await push(replica, hub)).toEqual([])
    expect(await hub.workOrders.get('2')).toEqual({ ...order, title: 'new', id: '2' })
  })

  test('S-4: an entry of another device that was told here and is refused by the hub leaves as well', async () => {
    const { hub, ben } = await world()
    const pen = await Pen.make(7, { subject: 'tech:eve' })
    const entry = await pen.changes('work_orders/9', [putting(draft(5), order)])
    expect(await pen.tell(ben, entry)).toEqual([undefined])
    const [logged] = await ben.entriesOf('work_orders/9')
    const refusal = { seq: logged!.seq, code: 'credential-revoked', reason: 'no more' }
    await ben.session.acknowledged(peerOf(hub), ben.head, [refusal])
    expect(await ben.workOrders.get('9')).toBeUndefined()
    expect(await ben.aside()).toEqual([])
  })

  test('S-5: a refusal that is told twice, or of what is gone, does nothing', async () => {
    const { hub, ben } = await world()
    await ben.workOrders.update('1', (o) => {
      o.title = 'mine'
    })
    const [entry] = (await ben.session.readLog(0, everything)).filter(({ origin }) => !origin)
    const refusals = [{ seq: entry!.seq, code: 'read-only', reason: 'no' }]
    const acknowledge = () => ben.session.acknowledged(peerOf(hub), ben.head, refusals)
    await acknowledge()
    const asides = await ben.aside()
    await acknowledge()
    await ben.session.acknowledged(peerOf(hub), ben.head, [{ seq: 999, code: 'read-only', reason: 'no' }])
    expect(await ben.aside()).toEqual(asides)
    expect(await ben.workOrders.get('1')).toMatchObject({ title: 't' })
  })
})

describe('S-2: an edit that was set aside', () => {
  async function refused(
    change: (o: never) => void,
  ): Promise<Awaited<ReturnType<typeof world>> & { key: string }> {
    const all = await world()
    await all.ben.workOrders.update('1', change as never)
    await push(all.ben, all.hub)
    const [aside] = await all.ben.aside()
    return { ...all, key: aside!.key }
  }
  const titled = (o: {
    title: string
    notes: string
    hours: number
    parts: { sku: string; qty: number }[]
  }) => {
    o.title = 'mine'
    o.notes += '!'
    o.hours += 2
    o.parts.unshift({ sku: 'mine', qty: 9 })
  }

  test('is written again on the record as it is then', async () => {
    const { hub, ana, ben, key } = await refused(titled as never)
    await ana.workOrders.update('1', (o) => {
      o.notes = '>n'
      o.hours = 10
      o.parts = [{ sku: 'other', qty: 5 }]
    })
    await push(ana, hub)
    await pull(hub, ben)
    await mayWrite(ben)
    await ben.reapply(key)
    expect(await ben.aside()).toEqual([])
    expect(await push(ben, hub)).toEqual([])
    expect(await hub.workOrders.get('1')).toMatchObject({
      title: 'mine',
      hours: 12,
      parts: [
        { sku: 'mine', qty: 9 },
        { sku: 'other', qty: 5 },
      ],
    })
  })

  test('is dropped for good', async () => {
    const { ben, key } = await refused(titled as never)
    await ben.dropAside(key)
    expect(await ben.aside()).toEqual([])
    await expect(ben.reapply(key)).rejects.toThrow(/no edit set aside/)
    await expect(ben.dropAside(key)).rejects.toThrow(/no edit set aside/)
  })

  test('is there after the store is opened again', async () => {
    const { ben, opened } = await refused(titled as never)
    const asides = await ben.aside()
    await ben.close()
    expect(await (await open({ disk: opened.disk, seed: 5 })).replica.aside()).toEqual(asides)
  })

  test('stays aside when the record was deleted since', async () => {
    const { hub, ana, ben, key } = await refused(titled as never)
    await ana.workOrders.delete('1')
    await push(ana, hub)
    await pull(hub, ben)
    await expect(ben.reapply(key)).rejects.toThrow(RecordNotFound)
    expect(await ben.aside()).toHaveLength(1)
  })

  test('stays aside when it does not fit the record any more', async () => {
    const { ben, key } = await refused(titled as never)
    await ben.setCredential(plainToken(ben.publicKey, { subject: 'tech:ben', read: [] }))
    expect(await ben.workOrders.get('1')).toBeUndefined()
    await expect(ben.reapply(key)).rejects.toThrow(RecordInvalid)
    expect(await ben.workOrders.get('1')).toBeUndefined()
    expect(await ben.aside()).toHaveLength(1)
  })

  test('a deletion is a deletion again', async () => {
    const { hub, ben } = await world()
    await ben.workOrders.delete('1')
    await push(ben, hub)
    expect(await ben.workOrders.get('1')).toMatchObject(order)
    const [aside] = await ben.aside()
    expect(aside?.edits).toEqual([{ op: 'put', path: ['@deleted'], value: true }])
    await mayWrite(ben)
    await ben.reapply(aside!.key)
    expect(await push(ben, hub)).toEqual([])
    expect(await hub.workOrders.get('1')).toBeUndefined()
    expect((await hub.workOrders.history('1')).length).toBe(2)
  })
})

test('S-3: fields of a newer schema do not stand in the way of setting aside', async () => {
  const { hub, ben } = await world()
  const pen = await Pen.make(7)
  const document = draft(5)
  await pen.tell(ben, await pen.changes('work_orders/3', [putting(document, { ...order, newer: 1 })]))
  await ben.workOrders.update('3', (o) => {
    o.title = 'mine'
  })
  const logged = await ben.entriesOf('work_orders/3')
  const refusals = logged.map(({ seq }) => ({ seq, code: 'read-only', reason: 'no' }))
  await ben.session.acknowledged(peerOf(hub), ben.head, refusals)
  expect(await ben.workOrders.get('3')).toBeUndefined()
  expect((await ben.aside())[0]?.edits.map(({ path }) => path[0])).toEqual(['site', 'status', 'title'])
})
