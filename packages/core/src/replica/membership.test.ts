import { beforeAll, describe, expect, test } from 'vitest'
import { encodeUtf8 } from '../bytes/utf8.ts'
import type { IncomingItem, Want } from '../session/port.ts'
import { MemoryDisk } from '../store/memory-disk.ts'
import {
  deliveryOf,
  everything,
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
  toldAfter,
} from './orders.test-support.ts'
import { plainToken, startEngine } from './replica.test-support.ts'

beforeAll(startEngine)

const both = ['site:SEA', 'site:PDX']

/** Ana writes at both sites and reads one. */
async function world(): Promise<{ hub: Orders; ana: Orders; disk: MemoryDisk }> {
  const { replica: hub } = await openHub()
  const disk = new MemoryDisk()
  const ana = await openEdge(1, { write: both }, { disk })
  await ana.workOrders.create(order, { id: '1' })
  expect(await push(ana, hub)).toEqual([])
  await pull(hub, ana)
  return { hub, ana, disk }
}

const move = (replica: Orders, site: string) =>
  replica.workOrders.update('1', (o) => {
    o.site = site
  })

const retitle = (replica: Orders, title: string) =>
  replica.workOrders.update('1', (o) => {
    o.title = title
  })

async function expectGone(replica: Orders): Promise<void> {
  expect(await replica.workOrders.get('1')).toBeUndefined()
  expect(await replica.entriesOf('work_orders/1')).toEqual([])
  expect((await replica.stats()).records).toBe(0)
  expect(await replica.workOrders.receipts('1')).toEqual([])
}

describe('G-1: a record that leaves the channels of an edge', () => {
  test('and enters another one by a frame that was cut between: what was told of it before the cut stays', async () => {
    const { replica: hub } = await openHub()
    const ana = await openEdge(1, { read: both, write: both })
    await ana.workOrders.create(order, { id: '1' })
    await push(ana, hub)
    await pull(hub, ana)
    const { head } = hub
    await move(hub, 'PDX')
    const items = await toldAfter(hub, new Map(both.map((channel) => [channel, head])))
    const want = await ana.session.want(peerOf(hub))
    const cut = items.findIndex(({ kind }) => kind === 'entry') + 1
    for (const part of [items.slice(0, cut), items.slice(cut)])
      await ana.session.deliver({
        ...deliveryOf(hub, part, want),
        ...(part[0] === items[0] && { position: undefined }),
      })
    expect(items[0]!.kind).toBe('leave')
    expect(await ana.workOrders.get('1')).toMatchObject({ site: 'PDX' })
  })

  test('goes when the hub says so, with its entries, row and receipts; queries hear of it', async () => {
    const { hub, ana } = await world()
    const crm = await Pen.make(9, { systems: ['crm'] })
    const receipt = encodeUtf8(JSON.stringify({ place: 'crm', outcome: 'saved', seqs: {}, at: 5 }))
    await crm.tell(hub, await crm.other('receipt', 'work_orders/1', receipt))
    await pull(hub, ana)
    expect(await ana.workOrders.receipts('1')).toHaveLength(1)
    const changes: unknown[] = []
    ana.onCommit((commit) => changes.push(...commit.changes))
    await move(hub, 'PDX')
    await pull(hub, ana)
    await expectGone(ana)
    expect(changes).toEqual([
      { record: 'work_orders/1', collection: 'work_orders', before: order, after: undefined },
    ])
  })

  test('comes back whole when it enters again, receipts and all', async () => {
    const { hub, ana } = await world()
    const crm = await Pen.make(9, { systems: ['crm'] })
    const receipt = encodeUtf8(JSON.stringify({ place: 'crm', outcome: 'saved', seqs: {}, at: 5 }))
    await crm.tell(hub, await crm.other('receipt', 'work_orders/1', receipt))
    await move(hub, 'PDX')
    await pull(hub, ana)
    await move(hub, 'SEA')
    await pull(hub, ana)
    expect(await ana.workOrders.get('1')).toMatchObject(order)
    expect(await ana.workOrders.receipts('1')).toHaveLength(1)
    expect(await ana.entriesOf('work_orders/1')).toHaveLength(4)
    await retitle(ana, 'again')
    expect(await push(ana, hub)).toEqual([])
    expect(await hub.workOrders.get('1')).toMatchObject({ title: 'again' })
  })

  test('and is edited while it comes back in parts: the edit takes no sequence of those to come', async () => {
    const { hub, ana } = await world()
    for (const title of ['one', 'two']) await retitle(ana, title)
    await push(ana, hub)
    await move(hub, 'PDX')
    await pull(hub, ana)
    await expectGone(ana)
    const { head } = hub
    await move(hub, 'SEA')
    const items = await toldAfter(hub, new Map([['site:SEA', head]]))
    const want = await ana.session.want(peerOf(hub))
    const [begun, rest] = [items.slice(0, 2), items.slice(2)].map((part) => deliveryOf(hub, part, want))
    expect(await ana.session.deliver({ ...begun!, position: undefined })).toEqual([])
    await ana.workOrders.update('1', (o) => {
      o.notes = 'between'
    })
    const refused = await ana.session.deliver(rest!).catch((error: unknown) => error)
    expect(refused).toEqual([])
    expect(await push(ana, hub)).toEqual([])
    expect(await hub.workOrders.get('1')).toMatchObject({ title: 'two', notes: 'between' })
    await pull(hub, ana)
    expect(await ana.workOrders.get('1')).toEqual(await hub.workOrders.get('1'))
  })

  test('stays while another of its channels is read', async () => {
    const { hub, ana } = await world()
    await ana.setCredential(plainToken(ana.publicKey, { read: both, write: both }))
    await pull(hub, ana)
    await move(hub, 'PDX')
    await pull(hub, ana)
    expect(await ana.workOrders.get('1')).toMatchObject({ site: 'PDX' })
  })

  test('entered and left within one commit, it leaves no mark behind', async () => {
    const { hub } = await world()
    const ben = await openEdge(2, { subject: 'tech:ben' })
    const [logged] = await hub.entriesOf('work_orders/1')
    const mark = { channel: 'site:SEA', record: 'work_orders/1' }
    const tellBen = (...items: IncomingItem[]) =>
      ben.session.deliver(deliveryOf(hub, items, { kind: 'nothing' }))
    let release: () => void = () => undefined
    const gate = ben.transact(
      () =>
        new Promise<void>((resolve) => {
          release = resolve
        }),
    )
    const told = [
      tellBen({ kind: 'entry', seq: 1, bytes: logged!.bytes }, { kind: 'enter', seq: 2, ...mark }),
    ]
    for (let i = 0; i < 50; i++) await Promise.resolve()
    told.push(tellBen({ kind: 'leave', seq: 3, ...mark }))
    for (let i = 0; i < 50; i++) await Promise.resolve()
    let commits = 0
    ben.onCommit(() => {
      commits += 1
    })
    release()
    expect([await gate, ...(await Promise.all(told))]).toEqual([undefined, [], []])
    expect(commits).toBe(1)
    await expectGone(ben)
    // A reader that is told less than the head would ask for the rest for ever.
    expect(await ben.session.readChannels(new Map([['site:SEA', 0]]), everything)).toEqual({
      items: [],
      upTo: ben.head,
      done: true,
    })
  })

  test('left and entered within one page of the log, it stays', async () => {
    const { hub, ana } = await world()
    await move(hub, 'PDX')
    await move(hub, 'SEA')
    await pull(hub, ana)
    expect(await ana.workOrders.get('1')).toMatchObject(order)
  })
})

describe('G-1: a record that left, and enters another channel', () => {
  test('is whole again, also where what the mark brings comes with LEAVE, and the mark later', async () => {
    const { hub } = await world()
    const ben = await openEdge(2, { subject: 'tech:ben', read: both })
    await pull(hub, ben)
    await move(hub, 'PDX')
    const want = await ben.session.want(peerOf(hub))
    const [first, second] = await hub.entriesOf('work_orders/1')
    const [leave, enter] = [
      { kind: 'leave', seq: 4, channel: 'site:SEA', record: 'work_orders/1' },
      { kind: 'enter', seq: 5, channel: 'site:PDX', record: 'work_orders/1' },
    ] as const
    const entry = ({ seq, bytes }: { seq: number; bytes: Uint8Array }) =>
      ({ kind: 'entry', seq, bytes }) as const
    const inside = { position: undefined, current: false }
    await ben.session.deliver({ ...deliveryOf(hub, [leave, entry(first!)], want), ...inside })
    expect(await ben.session.deliver(deliveryOf(hub, [entry(second!), enter], want))).toEqual([])
    expect(await ben.workOrders.get('1')).toMatchObject({ site: 'PDX' })
  })
})

describe('G-8: a frame that was on its way when a channel was lost', () => {
  test('brings no record of it back, and its cursor stays forgotten', async () => {
    const { hub } = await world()
    const ben = await openEdge(2, { subject: 'tech:ben', read: both })
    const [logged] = await hub.entriesOf('work_orders/1')
    const want: Want = { kind: 'channels', cursors: new Map(both.map((channel) => [channel, undefined])) }
    const grant = (read: string[]) =>
      ben.setCredential(plainToken(ben.publicKey, { subject: 'tech:ben', read, write: read }))
    await grant(['site:PDX'])
    const mark = { channel: 'site:SEA', record: 'work_orders/1' }
    const told: IncomingItem[] = [
      { kind: 'entry', seq: 1, bytes: logged!.bytes },
      { kind: 'enter', seq: 2, ...mark },
    ]
    expect(await ben.session.deliver(deliveryOf(hub, told, want))).toEqual([])
    await expectGone(ben)
    await grant(both)
    const asked = await ben.session.want(peerOf(hub))
    expect(asked.kind === 'channels' && both.map((channel) => asked.cursors.get(channel)?.seq)).toEqual([
      undefined,
      hub.head,
    ])
    await pull(hub, ben)
    expect(await ben.workOrders.get('1')).toMatchObject(order)
  })
})

describe('G-2: a record with edits that the hub has not answered', () => {
  test('waits for the answer, and goes with it', async () => {
    const { hub, ana } = await world()
    await retitle(ana, 'mine')
    await move(hub, 'PDX')
    await pull(hub, ana)
    expect(await ana.workOrders.get('1')).toMatchObject({ title: 'mine', site: 'SEA' })
    // The hub says, with its answer, that the record is elsewhere.
    expect((await push(ana, hub)).map(({ code }) => code)).toEqual(['elsewhere'])
    await expectGone(ana)
    expect(await hub.workOrders.get('1')).toMatchObject({ title: 'mine', site: 'PDX' })
  })

  test('waits over a restart, and stays when the record has come back meanwhile', async () => {
    const { hub, ana, disk } = await world()
    await retitle(ana, 'mine')
    await move(hub, 'PDX')
    await pull(hub, ana)
    await ana.close()
    const { replica: again } = await open({ disk, seed: 3 })
    await move(hub, 'SEA')
    expect(await push(again, hub)).toEqual([])
    await pull(hub, again)
    expect(await again.workOrders.get('1')).toMatchObject({ title: 'mine', site: 'SEA' })
  })

  test('is told again that it is elsewhere when the answer was lost', async () => {
    const { hub, ana } = await world()
    await move(ana, 'PDX')
    expect((await tell(ana, hub)).map(({ code }) => code)).toEqual(['elsewhere'])
    expect(await ana.workOrders.get('1')).toMatchObject({ site: 'PDX' })
    const entries = await ana.session.readLog(0, everything)
    const refusals = await hub.session.deliver({
      peer: peerOf(ana),
      items: entries.map(({ seq, bytes }) => ({ kind: 'entry', seq, bytes })),
      position: undefined,
      current: true,
      want: { kind: 'log', cursor: undefined },
    })
    expect(new Set(refusals.map(({ code }) => code))).toEqual(new Set(['elsewhere']))
    await ana.session.acknowledged(peerOf(hub), ana.head, refusals)
    await expectGone(ana)
  })

  test('is told that it is elsewhere when its edits are refused as well', async () => {
    const { hub, ana } = await world()
    await ana.setCredential(plainToken(ana.publicKey, {}))
    await move(hub, 'PDX')
    await retitle(ana, 'mine')
    // What it had heard before is void (G-6), and that it left was never told.
    await ana.session.met(peerOf(hub), ['site:SEA'])
    const refusals = await push(ana, hub)
    expect(refusals.map(({ code }) => code)).toEqual(['not-granted', 'elsewhere'])
    expect(refusals.filter(({ reason }) => reason.includes('PDX'))).toEqual([])
    await expectGone(ana)
    expect(await ana.aside()).toMatchObject([{ code: 'not-granted' }])
  })

  test('only the hub’s word counts', async () => {
    const { ana } = await world()
    const ben = await openEdge(2, { subject: 'tech:ben' })
    const { seq } = (await ana.entriesOf('work_orders/1'))[0]!
    await ana.session.acknowledged(peerOf(ben), ana.head, [{ seq, code: 'elsewhere', reason: '' }])
    await ana.session.acknowledged(peerOf(ben), ana.head, [{ seq, code: 'read-only', reason: '' }])
    expect(await ana.workOrders.get('1')).toMatchObject(order)
    expect(await ana.aside()).toEqual([])
  })
})

describe('G-6: a channel whose cursor the hub refuses', () => {
  test('holds nothing until it is told again', async () => {
    const { hub, ana } = await world()
    await ana.setCredential(plainToken(ana.publicKey, { read: both, write: both }))
    await move(ana, 'PDX')
    expect(await push(ana, hub)).toEqual([])
    const mark = { seq: 9, channel: 'site:PDX', record: 'work_orders/1' }
    await ana.session.deliver(deliveryOf(hub, [{ kind: 'enter', ...mark }], { kind: 'nothing' }))
    // In the hub's present log it never was in SEA, so nothing says that it left: what was said of SEA before must not keep it.
    await ana.session.met(peerOf(hub), ['site:SEA'])
    expect(await ana.workOrders.get('1')).toMatchObject({ site: 'PDX' })
    await ana.setCredential(plainToken(ana.publicKey, { read: ['site:SEA'], write: both }))
    await expectGone(ana)
  })

  test('says nothing of other channels, and a peer that is no authority says nothing', async () => {
    const { hub, ana } = await world()
    const ben = await openEdge(2, { subject: 'tech:ben' })
    const held = async () => {
      await ana.setCredential(plainToken(ana.publicKey, { read: ['site:PDX'] }))
      return (await ana.workOrders.all()).length
    }
    await ana.session.met(peerOf(hub), ['site:PDX'])
    await ana.session.met(peerOf(ben), ['site:SEA'])
    expect(await held()).toBe(0)
  })
})

describe('fault A5: G-3: a credential that grants less', () => {
  test('gives up the channels it lacks, with the records that only they held', async () => {
    const { replica: hub } = await openHub()
    const ana = await openEdge(1, { read: both, write: both })
    for (const [id, site] of [
      ['1', 'SEA'],
      ['2', 'PDX'],
    ] as const)
      await ana.workOrders.create({ ...order, site }, { id })
    await push(ana, hub)
    await pull(hub, ana)
    await ana.setCredential(plainToken(ana.publicKey, { read: ['site:PDX'] }))
    expect((await ana.workOrders.all()).map(({ id }) => id)).toEqual(['2'])
    expect(await ana.entriesOf('work_orders/1')).toEqual([])
    // Granted again, the channel is read from the beginning.
    await ana.setCredential(plainToken(ana.publicKey, { read: both, write: both }))
    await pull(hub, ana)
    expect((await ana.workOrders.all()).map(({ id }) => id)).toEqual(['1', '2'])
  })

  test('and granted again, a frame that answers what was asked before does not count as having told it', async () => {
    const { hub, ana } = await world()
    const asked = await ana.session.want(peerOf(hub))
    await ana.setCredential(plainToken(ana.publicKey, { read: ['site:PDX'] }))
    await ana.setCredential(plainToken(ana.publicKey, { read: ['site:SEA'] }))
    await ana.session.deliver(deliveryOf(hub, [], asked))
    await expectGone(ana)
    await pull(hub, ana)
    expect(await ana.workOrders.get('1')).toMatchObject(order)
  })

  test('keeps what the hub has not answered until it has', async () => {
    const { hub, ana } = await world()
    await retitle(ana, 'mine')
    await ana.setCredential(plainToken(ana.publicKey, { read: ['site:PDX'], write: both }))
    expect(await ana.workOrders.get('1')).toMatchObject({ title: 'mine' })
    await push(ana, hub)
    await expectGone(ana)
    expect(await hub.workOrders.get('1')).toMatchObject({ title: 'mine' })
  })

  test('gives it up also where the answer is one to what was asked under the older credential', async () => {
    const { hub, ana } = await world()
    await retitle(ana, 'mine')
    const head = ana.head
    await tell(ana, hub)
    await ana.setCredential(plainToken(ana.publicKey, { read: ['site:PDX'] }))
    // What was told of this log in the next session must hold when the record has gone.
    expect(ana.session.forgotten).toBe(ana.head)
    // The answer was lost with its session. In the next one the hub asks for what comes after it, which says so much and no more.
    await ana.session.want(peerOf(hub))
    await ana.session.acknowledged(peerOf(hub), head, [], hub.head)
    await expectGone(ana)
  })

  test('also of records that no hub ever confirmed', async () => {
    const ana = await openEdge(1, { read: both, write: both })
    await ana.workOrders.create(order, { id: '1' })
    await ana.workOrders.create({ ...order, site: 'PDX' }, { id: '2' })
    const { replica: hub } = await openHub()
    await push(ana, hub)
    await ana.setCredential(plainToken(ana.publicKey, { read: ['site:SEA'] }))
    expect((await ana.workOrders.all()).map(({ id }) => id)).toEqual(['1'])
  })

  test('tells how far the log may lack entries', async () => {
    const { ana, disk } = await world()
    expect(ana.session.forgotten).toBe(0)
    const [entry] = await ana.entriesOf('work_orders/1')
    await ana.setCredential(plainToken(ana.publicKey, { read: [] }))
    expect(ana.session.forgotten).toBeGreaterThanOrEqual(entry!.seq)
    const { forgotten } = ana.session
    await ana.close()
    expect((await open({ disk, seed: 3 })).replica.session.forgotten).toBe(forgotten)
  })
})

describe('G-4: credentials', () => {
  test('of another device’s key or of another space are refused, and change nothing', async () => {
    const { ana } = await world()
    const before = ana.credential
    await expect(ana.setCredential(plainToken(new Uint8Array(32), {}))).rejects.toMatchObject({
      code: 'credential-malformed',
    })
    await expect(ana.setCredential(plainToken(ana.publicKey, { space: 'other' }))).rejects.toMatchObject({
      code: 'credential-wrong-space',
    })
    expect(ana.credential).toEqual(before)
    expect(await ana.workOrders.get('1')).toMatchObject(order)
  })

  test('are there again after the store is opened again', async () => {
    const { ana, disk } = await world()
    const { credential, node } = ana
    await ana.close()
    const { replica } = await open({ disk, seed: 3 })
    expect([replica.credential, replica.node]).toEqual([credential, node])
  })

  test('that could not be made durable are not shown, and enrolling again signs what was written before', async () => {
    let full = false
    const { replica: ana } = await open({
      beforeCommit: () => {
        if (full) throw new Error('full')
      },
    })
    await ana.workOrders.create(order, { id: '1' })
    full = true
    await expect(ana.setCredential(plainToken(ana.publicKey, {}))).rejects.toThrow('full')
    expect(ana.credential).toBeUndefined()
    full = false
    await ana.setCredential(plainToken(ana.publicKey, {}))
    const [entry] = await ana.entriesOf('work_orders/1')
    expect(ana.session.credentialsCited(entry!.bytes)).toEqual([ana.credential!.hash])
  })

  test('G-5: of a record edited more than once before enrolment every entry is kept and signed', async () => {
    const disk = new MemoryDisk()
    const { replica: ana } = await open({ disk })
    await ana.workOrders.create(order, { id: '1' })
    for (const title of ['two', 'three']) await retitle(ana, title)
    await ana.setCredential(plainToken(ana.publicKey, {}))
    const entries = await ana.entriesOf('work_orders/1')
    expect(entries.flatMap((entry) => ana.session.credentialsCited(entry.bytes))).toEqual(
      Array(3).fill(ana.credential!.hash),
    )
    await ana.close()
    const { replica: again } = await open({ disk, seed: 3 })
    expect(await again.workOrders.history('1')).toHaveLength(3)
    const { replica: hub } = await openHub()
    expect(await push(again, hub)).toEqual([])
    expect(await hub.workOrders.get('1')).toMatchObject({ title: 'three' })
  })

  test('G-5: a crash while earlier edits are signed again: the rest is signed when the store is opened', async () => {
    let left = Number.POSITIVE_INFINITY
    const disk = new MemoryDisk()
    const { replica: ana } = await open({
      disk,
      beforeCommit: () => {
        if (left-- === 0) {
          disk.crash()
          throw new Error('power')
        }
      },
    })
    await ana.workOrders.create(order, { id: '1' })
    left = 1
    await expect(ana.setCredential(plainToken(ana.publicKey, {}))).rejects.toThrow('power')
    const { replica: again } = await open({ disk, seed: 3 })
    expect(again.credential).toBeDefined()
    const [entry] = await again.entriesOf('work_orders/1')
    expect(again.session.credentialsCited(entry!.bytes)).toEqual([again.credential!.hash])
    const { replica: hub } = await openHub()
    expect(await push(again, hub)).toEqual([])
    const ben = await openEdge(2, { subject: 'tech:ben' })
    await pull(hub, ben)
    expect(await ben.workOrders.history('1')).toMatchObject([{ author: 'tech:ana' }])
  })
})
