import { beforeAll, describe, expect, test } from 'vitest'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { decodeEntry, encodeEntry } from '../log/entry.ts'
import { decodeTombstone, encodeTombstone } from '../log/tombstone.ts'
import { DELETED_KEPT_MS } from '../records/collection.ts'
import type { IncomingItem, Refusal } from '../session/port.ts'
import { MemoryDisk } from '../store/memory-disk.ts'
import { importRow } from './import-row.ts'
import {
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
  tell,
} from './orders.test-support.ts'
import { startEngine } from './replica.test-support.ts'

beforeAll(startEngine)

const KEY = 'work_orders/1'
const authority = { subject: 'hub', role: 'authority', read: ['*'], write: ['*'] } as const

/** All the upkeep there is now; tells how many records were buried. */
async function keep(replica: Orders): Promise<number> {
  let buried = 0
  for (;;) {
    const step = await replica.upkeep()
    buried += step.buried
    if (step.done) return buried
  }
}

/** The hub deletes an order that Ana and Ben have; Ana hears of it. */
async function world(disk = new MemoryDisk()) {
  const opened = await openHub({ disk })
  const hub = opened.replica
  const ana = await openEdge(1)
  const ben = await openEdge(2, { subject: 'tech:ben' })
  await ana.workOrders.create({ ...order, notes: 'secret' }, { id: '1' })
  await push(ana, hub)
  await pull(hub, ana)
  await pull(hub, ben)
  return { ...opened, hub, ana, ben }
}

async function deleteAndBury({ hub, host, ana }: { hub: Orders; host: Opened['host']; ana: Orders }) {
  await hub.workOrders.delete('1')
  await pull(hub, ana)
  await keep(hub)
  host.clock += DELETED_KEPT_MS
  expect(await keep(hub)).toBe(1)
}

/** Its content has gone at the hub and at Ana's; `older`: the hub's disk before the record was there. */
async function buriedSinceBackup() {
  const disk = new MemoryDisk()
  const { replica: first } = await openHub({ disk, seed: 96 })
  await first.close()
  const older = disk.clone()
  const w = await world(disk)
  await deleteAndBury(w)
  await pull(w.hub, w.ana)
  return { ...w, older }
}

/** All of an edge's log, to a hub that has the same key as the former one. */
async function tellWhole(edge: Orders, to: Orders, former: Orders): Promise<Refusal[]> {
  for (const { credential } of [former, edge]) await to.session.remember(credential!)
  const items = (await edge.session.readLog(0, everything)).map(
    ({ seq, bytes }): IncomingItem => ({ kind: 'entry', seq, bytes }),
  )
  const told = { peer: peerOf(edge), items, position: undefined, current: true }
  return to.session.deliver({ ...told, want: { kind: 'nothing' } })
}

const kindsOf = async (replica: Orders) => (await replica.entriesOf(KEY)).map(({ kind }) => kind)
const rowOf = (replica: Orders) => replica.transact((t) => t.record(KEY))
const isGone = async (replica: Orders, incarnation = 1) => {
  expect(await kindsOf(replica)).toEqual(['tombstone'])
  expect(await rowOf(replica)).toMatchObject({
    value: undefined,
    deleted: true,
    heads: [],
    seqs: {},
    incarnation,
  })
  expect(await replica.workOrders.all()).toEqual([])
}

describe('T-1: when a deleted record has been kept long enough', () => {
  test('its content and receipts go from the hub, and a small tombstone stays, also after opening again', async () => {
    const disk = new MemoryDisk()
    const { hub, ana, host } = await world(disk)
    const crm = await Pen.make(9, { systems: ['crm'] })
    const receipt = encodeUtf8(JSON.stringify({ place: 'crm', outcome: 'saved', seqs: {}, at: 5 }))
    await crm.tell(hub, await crm.other('receipt', KEY, receipt))
    await deleteAndBury({ hub, host, ana })
    await isGone(hub)
    expect(await hub.workOrders.receipts('1')).toEqual([])
    const [tombstone] = await hub.entriesOf(KEY)
    expect(tombstone!.bytes.length).toBeLessThan(256)
    expect(decodeTombstone(decodeEntry(tombstone!.bytes).body)).toEqual({
      deletedAt: host.clock - DELETED_KEPT_MS,
    })
    const kept = await hub.session.readLog(0, everything)
    expect(kept.some(({ bytes }) => Buffer.from(bytes).includes('secret'))).toBe(false)
    await hub.close()
    const { replica: again } = await open({ disk, seed: 98, grant: authority })
    await isGone(again)
    await again.workOrders.create(order, { id: '1' })
    expect((await rowOf(again)).incarnation).toBe(1)
  })

  test('T-2: not a millisecond before, by the hub’s clock from when it heard of it', async () => {
    const { hub, ana, host } = await world()
    await hub.workOrders.delete('1')
    await pull(hub, ana)
    await keep(hub)
    host.clock += DELETED_KEPT_MS - 1
    expect(await keep(hub)).toBe(0)
    host.clock += 1
    expect(await keep(hub)).toBe(1)
    expect(await keep(hub)).toBe(0)
  })

  test('fault T2: T-2: a hub whose clock was behind goes by the time of the newest change', async () => {
    const { hub, ana, host } = await world()
    const now = host.clock
    await hub.workOrders.delete('1')
    await pull(hub, ana)
    host.clock = 0
    await keep(hub)
    host.clock = now
    expect(await keep(hub)).toBe(0)
    host.clock = now + DELETED_KEPT_MS
    expect(await keep(hub)).toBe(1)
  })

  test('T-2: one that came back meanwhile stays, and is counted anew when it is deleted again', async () => {
    const { hub, host } = await world()
    await hub.workOrders.delete('1')
    await keep(hub)
    let version = 0
    const back = (deleted: boolean) =>
      hub.transact(async (t) => {
        const fork = await t.save(KEY)
        await importRow(t, KEY, {
          system: 'crm',
          externalId: '7',
          externalVersion: `${++version}`,
          fork,
          value: { ...order, notes: 'secret' },
          deleted,
        })
      })
    host.clock += 1000
    await back(false)
    await keep(hub)
    host.clock += DELETED_KEPT_MS
    expect(await keep(hub)).toBe(0)
    expect(await hub.workOrders.get('1')).toBeDefined()
    await back(true)
    await keep(hub)
    host.clock += DELETED_KEPT_MS - 1
    expect(await keep(hub)).toBe(0)
    host.clock += 1
    // It comes back at the very moment.
    const [step] = await Promise.all([hub.upkeep(), back(false)])
    expect(step.buried).toBe(0)
    expect(await hub.workOrders.get('1')).toBeDefined()
  })

  test('an edge decides nothing: its copy waits for the hub’s word', async () => {
    const { replica: ana, host } = await open({ seed: 1, grant: {} })
    await ana.workOrders.create(order, { id: '1' })
    await ana.workOrders.delete('1')
    await keep(ana)
    host.clock += 10 * DELETED_KEPT_MS
    expect(await keep(ana)).toBe(0)
    expect(await kindsOf(ana)).toEqual(['changes', 'changes'])
  })
})

describe('T-3: a tombstone', () => {
  test('reaches whoever has the record, and its content goes there too', async () => {
    const w = await world()
    await deleteAndBury(w)
    for (const edge of [w.ana, w.ben]) {
      expect(await pull(w.hub, edge)).toEqual([])
      await isGone(edge)
      expect(await pull(w.hub, edge)).toEqual([])
    }
  })

  test('reaches an edge from the beginning, which never saw the record', async () => {
    const w = await world()
    await deleteAndBury(w)
    const cleo = await openEdge(3, { subject: 'tech:cleo' })
    expect(await pull(w.hub, cleo)).toEqual([])
    await isGone(cleo)
    await cleo.workOrders.create(order, { id: '1' })
    expect(await push(cleo, w.hub)).toEqual([])
    expect((await rowOf(w.hub)).incarnation).toBe(1)
    expect(await w.hub.workOrders.get('1')).toMatchObject(order)
  })

  test('is believed from a peer that carries it, because the authority signed it', async () => {
    const w = await world()
    await deleteAndBury(w)
    await pull(w.hub, w.ana)
    const items: IncomingItem[] = [{ kind: 'credential', credential: w.hub.credential! }]
    for (const { seq, bytes } of await w.ana.entriesOf(KEY)) items.push({ kind: 'entry', seq, bytes })
    const told = { peer: peerOf(w.ana), items, position: undefined, current: true }
    expect(await w.ben.session.deliver({ ...told, want: { kind: 'nothing' } })).toEqual([])
    await isGone(w.ben)
  })

  test('T-6: of anybody else is refused, and so is a malformed one', async () => {
    const { hub, ben } = await world()
    const pen = await Pen.make(7, { subject: 'tech:eve' })
    const forged = await pen.other('tombstone', KEY, encodeTombstone({ deletedAt: 1 }))
    for (const one of [hub, ben]) expect(await pen.tell(one, forged)).toEqual(['not-authority'])
    expect(await hub.workOrders.get('1')).toBeDefined()
    const body = encodeTombstone({ deletedAt: 1 })
    for (const broken of [new Uint8Array(), new Uint8Array([2, 1]), Uint8Array.from([...body, 0])])
      expect(() => decodeTombstone(broken)).toThrow(expect.objectContaining({ name: 'EntryError' }))
  })

  test('goes with the record when it leaves the edge’s channels', async () => {
    const w = await world()
    await deleteAndBury(w)
    await pull(w.hub, w.ana)
    await w.hub.workOrders.create({ ...order, site: 'PDX' }, { id: '1' })
    await pull(w.hub, w.ana)
    expect(await kindsOf(w.ana)).toEqual([])
    expect((await w.ana.stats()).records).toBe(0)
  })
})

describe('T-4: a record that is created again', () => {
  test('is of the next incarnation, with nothing of the one before, and two who do it at once have one', async () => {
    const w = await world()
    await deleteAndBury(w)
    await pull(w.hub, w.ana)
    await pull(w.hub, w.ben)
    await w.ana.workOrders.create({ ...order, notes: 'a', title: 'again' }, { id: '1' })
    await w.ben.workOrders.create({ ...order, notes: 'b' }, { id: '1' })
    expect(await push(w.ana, w.hub)).toEqual([])
    expect(await push(w.ben, w.hub)).toEqual([])
    await pull(w.hub, w.ana)
    await pull(w.hub, w.ben)
    const expected = await w.hub.workOrders.get('1')
    expect(expected!.notes).toMatch(/^(ab|ba)$/)
    for (const edge of [w.ana, w.ben]) expect(await edge.workOrders.get('1')).toEqual(expected)
    expect(await w.hub.workOrders.history('1')).toHaveLength(2)
    expect((await kindsOf(w.hub))[0]).toBe('tombstone')
    const cleo = await openEdge(3, { subject: 'tech:cleo' })
    await pull(w.hub, cleo)
    expect(await cleo.workOrders.get('1')).toEqual(expected)
    expect((await rowOf(cleo)).incarnation).toBe(1)
  })

  test('can be deleted and go again', async () => {
    const w = await world()
    await deleteAndBury(w)
    await w.hub.workOrders.create(order, { id: '1' })
    await pull(w.hub, w.ana)
    await deleteAndBury(w)
    await isGone(w.hub, 2)
    await pull(w.hub, w.ana)
    await isGone(w.ana, 2)
  })

  test('is compacted beside its tombstone', async () => {
    const w = await world()
    await deleteAndBury(w)
    await w.hub.workOrders.create(order, { id: '1' })
    for (let i = 0; i < 40; i++)
      await w.hub.workOrders.update('1', (o) => {
        o.title = `t${i}`
      })
    await keep(w.hub)
    expect(await kindsOf(w.hub)).toEqual(['tombstone', 'snapshot'])
    const cleo = await openEdge(3, { subject: 'tech:cleo' })
    expect(await pull(w.hub, cleo)).toEqual([])
    expect(await cleo.workOrders.get('1')).toEqual(await w.hub.workOrders.get('1'))
  })

  test('cannot be told an entry of the one before under the new number: the signature says which', async () => {
    const w = await world()
    const pen = await Pen.make(7, { subject: 'tech:eve' })
    const [old] = await w.hub.entriesOf(KEY)
    await deleteAndBury(w)
    const relabelled = encodeEntry({ ...decodeEntry(old!.bytes), incarnation: 1 })
    const shown: IncomingItem = { kind: 'credential', credential: w.ana.credential! }
    expect(await pen.tell(w.hub, shown, old!.bytes)).toEqual(['record-gone'])
    // The container in it is of another incarnation; without one it would be the signature.
    expect(await pen.tell(w.hub, relabelled)).toEqual(['forged-container'])
    const plain = await openEdge(4, { subject: 'tech:dan' })
    await plain.workOrders.create(order, { id: '2' })
    await push(plain, w.hub)
    const [other] = await w.hub.entriesOf('work_orders/2')
    await w.hub.workOrders.delete('2')
    await keep(w.hub)
    w.host.clock += DELETED_KEPT_MS
    await keep(w.hub)
    const again = encodeEntry({ ...decodeEntry(other!.bytes), incarnation: 1 })
    const dan: IncomingItem = { kind: 'credential', credential: plain.credential! }
    expect(await pen.tell(w.hub, dan, again)).toEqual(['bad-signature'])
  })
})

describe('T-5: a device that stayed away longer', () => {
  const edit = (replica: Orders) =>
    replica.workOrders.update('1', (o) => {
      o.title = 'written far away'
      o.notes += ' and more'
    })

  test('has its edits refused as record-gone and set aside, and then its copy goes', async () => {
    const w = await world()
    await edit(w.ben)
    await deleteAndBury(w)
    const [refusal] = await push(w.ben, w.hub)
    expect(refusal).toMatchObject({ code: 'record-gone' })
    expect(await w.ben.workOrders.aside('1')).toMatchObject([{ code: 'record-gone' }])
    await pull(w.hub, w.ben)
    await isGone(w.ben)
    await isGone(w.hub)
    expect(await push(w.ben, w.hub)).toEqual([])
  })

  test('that hears of the tombstone first sets its unsent edits aside at once', async () => {
    const w = await world()
    await edit(w.ben)
    await deleteAndBury(w)
    await pull(w.hub, w.ben)
    await isGone(w.ben)
    const [aside] = await w.ben.workOrders.aside('1')
    expect(aside).toMatchObject({ code: 'record-gone', record: KEY })
    expect(JSON.stringify(aside!.edits)).toContain('written far away')
    // The hub's refusal of what is not there any more does nothing (S-5).
    expect(await push(w.ben, w.hub)).toEqual([])
    expect(await w.ben.workOrders.aside('1')).toHaveLength(1)
    // A part of a record is no record.
    await expect(w.ben.reapply(aside!.key)).rejects.toMatchObject({ code: 'schema' })
    await w.ben.workOrders.create(order, { id: '1' })
    await w.ben.reapply(aside!.key)
    expect(await push(w.ben, w.hub)).toEqual([])
    expect(await w.hub.workOrders.get('1')).toMatchObject({ title: 'written far away' })
  })

  test('and made a record of that id itself has it set aside whole, to be made again', async () => {
    const { replica: hub, host } = await openHub()
    const ana = await openEdge(1)
    await ana.workOrders.create(order, { id: '1' })
    await push(ana, hub)
    const ben = await openEdge(2, { subject: 'tech:ben' })
    await ben.workOrders.create({ ...order, title: 'ben' }, { id: '1' })
    await deleteAndBury({ hub, host, ana })
    await pull(hub, ben)
    await isGone(ben)
    const [aside] = await ben.workOrders.aside('1')
    await ben.reapply(aside!.key)
    expect(await push(ben, hub)).toEqual([])
    expect(await hub.workOrders.get('1')).toMatchObject({ title: 'ben' })
  })
})

describe('T-7: after a hub was set back', () => {
  test('to before the deletion, a peer’s tombstone takes the content again', async () => {
    const disk = new MemoryDisk()
    const w = await world(disk)
    const older = disk.clone()
    await deleteAndBury(w)
    await pull(w.hub, w.ana)
    const { replica: back } = await open({ disk: older, seed: 95, grant: authority })
    expect(await back.workOrders.get('1')).toBeDefined()
    // What the hub tells of the earlier incarnation is not mixed into the later one.
    await w.ana.session.met(peerOf(back), ['site:SEA'])
    expect(await pull(back, w.ana)).toEqual([])
    await isGone(w.ana)
    expect(await tellWhole(w.ana, back, w.hub)).toEqual([])
    await isGone(back)
  })

  test('to before the record was there, it keeps a peer’s tombstone without knowing a channel of it: the peer gives it up', async () => {
    const { older, ...w } = await buriedSinceBackup()
    const { replica: back } = await open({ disk: older, seed: 95, grant: authority })
    await w.ana.session.met(peerOf(back), ['site:SEA'])
    const refusals = await tellWhole(w.ana, back, w.hub)
    expect(refusals.map(({ code }) => code)).toEqual(['elsewhere'])
    await isGone(back)
    await w.ana.session.acknowledged(peerOf(back), w.ana.head, refusals, back.head)
    expect(await kindsOf(w.ana)).toEqual([])
    expect((await rowOf(w.ana)).incarnation).toBe(0)
    // Whoever has the content still hears that it has gone.
    expect((await tellWhole(w.ben, back, w.hub)).map(({ code }) => code)).toContain('record-gone')
    // What she begins under that id is told to one who has the content, and who has heard of no tombstone.
    await w.ana.workOrders.create({ ...order, title: 'anew' }, { id: '1' })
    expect(await tellWhole(w.ana, w.ben, w.hub)).toEqual([])
  })

  test('the peer keeps what it has of the next incarnation, though the tombstone alone was answered', async () => {
    const { older, ...w } = await buriedSinceBackup()
    await w.hub.workOrders.create({ ...order, title: 'next' }, { id: '1' })
    await pull(w.hub, w.ana)
    const { replica: back } = await open({ disk: older, seed: 95, grant: authority })
    await w.ana.session.met(peerOf(back), ['site:SEA'])
    const [tombstone] = await w.ana.entriesOf(KEY)
    const refusals = [{ seq: tombstone!.seq, code: 'elsewhere', reason: '', record: KEY }]
    await w.ana.session.acknowledged(peerOf(back), tombstone!.seq, refusals, back.head)
    expect(await w.ana.workOrders.get('1')).toMatchObject({ title: 'next' })
  })

  test('what the authority tells of a later incarnation takes the place of the earlier one', async () => {
    const w = await world()
    await deleteAndBury(w)
    await w.hub.workOrders.create({ ...order, title: 'new' }, { id: '1' })
    const [, created] = await w.hub.entriesOf(KEY)
    const items: IncomingItem[] = [{ kind: 'entry', seq: created!.seq, bytes: created!.bytes }]
    const told = { peer: peerOf(w.hub), items, position: undefined, current: true }
    expect(await w.ben.session.deliver({ ...told, want: { kind: 'nothing' } })).toEqual([])
    expect(await w.ben.workOrders.get('1')).toMatchObject({ title: 'new' })
    expect((await rowOf(w.ben)).incarnation).toBe(1)
    expect(await tell(w.ben, w.hub)).toEqual([])
  })
})

test('T-8: an import on a shadow of an earlier incarnation begins anew', async () => {
  const w = await world()
  const fork = await w.hub.transact((t) => t.save(KEY))
  await deleteAndBury(w)
  const from = {
    system: 'crm',
    externalId: '7',
    externalVersion: '1',
    fork,
    value: { ...order, title: 'crm' },
  }
  await w.hub.transact((t) => importRow(t, KEY, from))
  expect(await w.hub.workOrders.get('1')).toMatchObject({ title: 'crm' })
  await pull(w.hub, w.ana)
  expect(await w.ana.workOrders.get('1')).toEqual(await w.hub.workOrders.get('1'))
})

describe('T-6: told of a record that is here', () => {
  const receipt = encodeUtf8(JSON.stringify({ place: 'crm', outcome: 'saved', seqs: {}, at: 5 }))

  test('a receipt of a later incarnation is refused, and leaves the record that is here', async () => {
    const { hub, ana } = await world()
    const crm = await Pen.make(9, { systems: ['crm'] })
    expect(await crm.tell(hub, await crm.other('receipt', KEY, receipt, 1))).toEqual(['wrong-incarnation'])
    expect(await hub.workOrders.receipts('1')).toEqual([])
    const teller = await Pen.make(10, authority)
    expect(await teller.tell(ana, await teller.other('receipt', KEY, receipt, 1))).toEqual([
      'missing-dependencies',
    ])
    expect(await ana.workOrders.receipts('1')).toEqual([])
    expect(await ana.workOrders.get('1')).toMatchObject({ notes: 'secret' })
  })

  test('a tombstone that cannot be read is refused, also by the authority, and leaves everything', async () => {
    const { ana } = await world()
    const teller = await Pen.make(10, authority)
    const bent = await teller.other('tombstone', KEY, Uint8Array.of(9, 9))
    expect(await teller.tell(ana, bent)).toEqual(['unknown-version'])
    expect(await ana.workOrders.get('1')).toMatchObject({ notes: 'secret' })
  })
})
