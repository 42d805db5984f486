/** Real replicas on a memory link that have lost each other's cursors: what is compared, what crosses, and what is right afterwards. */
import { beforeAll, describe, expect, test } from 'vitest'
import { toHex } from '../bytes/hex.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { decodeEntry, type Entry, encodeEntry } from '../log/entry.ts'
import { decodeFrontier } from '../log/frontier.ts'
import { DELETED_KEPT_MS } from '../records/collection.ts'
import type { MessageName } from '../session/messages.ts'
import { type Met, meet, settle } from '../session/pair.test-support.ts'
import { memoryStore } from '../store/memory.ts'
import { MemoryDisk } from '../store/memory-disk.ts'
import type { LoggedEntry } from '../store/port.ts'
import { SeededRandom } from '../testing/seeded-random.ts'
import { isCovered } from './covered.ts'
import { type Orders, open, openEdge, openHub, order, Pen, peerOf, push } from './orders.test-support.ts'
import type { Tables } from './own-tables.ts'
import { startEngine, testHost } from './replica.test-support.ts'

beforeAll(startEngine)

const both = ['site:SEA', 'site:PDX']

async function sync(hub: Orders, edge: Orders): Promise<Met> {
  const met = await meet({ hub: hub.session, edge: edge.session })
  expect([met.acceptor.current, met.initiator.current]).toEqual([true, true])
  return met
}

async function syncAndPart(hub: Orders, edge: Orders): Promise<Met> {
  const met = await sync(hub, edge)
  met.link.cut()
  return met
}

const count = (met: Met, name: MessageName) => met.sent.filter((sent) => sent.name === name).length
const bytesOf = (met: Met) => met.sent.reduce((sum, { bytes }) => sum + bytes.length, 0)

async function fill(replica: Orders, records: number, site = 'SEA'): Promise<void> {
  for (let i = 0; i < records; i++)
    await replica.workOrders.create({ ...order, site }, { id: `${site}-${i}` })
}

const retitle = (replica: Orders, id: string, title: string) =>
  replica.workOrders.update(id, (o) => {
    o.title = title
  })
const move = (replica: Orders, id: string, site: string) =>
  replica.workOrders.update(id, (o) => {
    o.site = site
  })

/** Everything that queries see, and how many receipts there are. */
async function contents(replica: Orders): Promise<unknown> {
  return Promise.all(
    (await replica.workOrders.all()).map(async (one) => ({
      ...one,
      receipts: (await replica.workOrders.receipts(one.id)).length,
    })),
  )
}

/** A hub set back to before an edge was told more, so that the edge's cursors are refused. */
async function setBack(records: number, grant = {}) {
  const disk = new MemoryDisk()
  const { replica: first } = await openHub({ disk })
  await fill(first, records)
  const edgeDisk = new MemoryDisk()
  const edge = await openEdge(1, grant, { disk: edgeDisk })
  await syncAndPart(first, edge)
  const backup = disk.clone()
  await first.workOrders.create(order, { id: 'lost' })
  await syncAndPart(first, edge)
  const { replica: hub, host } = await openHub({ disk: backup, seed: 98 })
  return { hub, host, edge, edgeDisk }
}

/** All the upkeep there is. */
async function keep(replica: Orders): Promise<void> {
  while (!(await replica.upkeep()).done);
}

describe('Q1: a hub that was set back', () => {
  test('is compared with, and only what differs crosses', async () => {
    const { hub, edge } = await setBack(70)
    await retitle(hub, 'SEA-3', 'of the hub')
    await retitle(edge, 'SEA-4', 'of the edge')
    const met = await sync(hub, edge)
    expect(count(met, 'compare')).toBe(2)
    // What only the hub had; what it had lost comes back once, with the mark that it entered the channel (O3).
    expect(met.initiator.counters).toMatchObject({ entriesIn: 2 })
    expect(met.acceptor.counters.entriesIn).toBe(2)
    expect(await hub.workOrders.get('lost')).toBeDefined()
    expect(await contents(edge)).toEqual(await contents(hub))
  })

  test('Q7: where nothing differs, roots are all that crosses', async () => {
    const { hub, edge } = await setBack(60)
    await hub.workOrders.create(order, { id: 'x' })
    await syncAndPart(hub, edge)
    const { hub: again, edge: same } = await setBack(40)
    await syncAndPart(again, same)
    const met = await sync(again, same)
    expect(count(met, 'compare')).toBe(0)
    // Cursors of the edge, which were valid, are lost by hand.
    met.link.cut()
    await same.session.met({ ...met.initiator.peer!, runs: again.session.runs }, ['site:SEA'])
    const third = await sync(again, same)
    expect([count(third, 'compare'), count(third, 'differences'), count(third, 'ask')]).toEqual([1, 1, 0])
    expect(bytesOf(third)).toBeLessThan(1_100)
    expect(third.initiator.counters.entriesIn).toBe(0)
  })

  test('Q12: goes on from where it was compared; changes meanwhile are told by the stream', async () => {
    const { hub, edge } = await setBack(20)
    const met = await sync(hub, edge)
    await retitle(hub, 'SEA-1', 'later')
    await settle(met.link)
    expect(await edge.workOrders.get('SEA-1')).toMatchObject({ title: 'later' })
    met.link.cut()
    const next = await sync(hub, edge)
    expect(count(next, 'compare')).toBe(0)
    expect(next.initiator.counters.entriesIn).toBe(0)
  })

  test('Q9: a record that it had moved away before, and the edge has still, is told LEAVE', async () => {
    const { hub, edge } = await setBack(20)
    await move(hub, 'SEA-2', 'PDX')
    await syncAndPart(hub, edge)
    expect(await edge.workOrders.get('SEA-2')).toBeUndefined()
    expect((await hub.workOrders.get('SEA-2'))?.['site']).toBe('PDX')
  })
})

describe('Q13: an edge that was set back', () => {
  test('does not tell its log again', async () => {
    const { replica: hub } = await openHub()
    const disk = new MemoryDisk()
    const edge = await openEdge(1, {}, { disk })
    await fill(edge, 80)
    await syncAndPart(hub, edge)
    const backup = disk.clone()
    await retitle(edge, 'SEA-1', 'lost with the disk')
    await syncAndPart(hub, edge)
    const { replica: restored } = await open({ seed: 5, disk: backup, grant: {} })
    await retitle(restored, 'SEA-2', 'new')
    const met = await sync(hub, restored)
    expect(count(met, 'compare')).toBeGreaterThan(0)
    expect(met.acceptor.counters.entriesIn).toBe(1)
    expect(await contents(restored)).toEqual(await contents(hub))
    await expect(restored.workOrders.saved('SEA-2', 'hub', { timeoutMs: 1_000 })).resolves.toBeUndefined()
    expect((await restored.stats()).unacknowledged).toBe(0)
  })

  test('a new hub, rebuilt from another edge, is not told what it has', async () => {
    const { replica: old } = await openHub()
    const ana = await openEdge(1)
    const ben = await openEdge(2, { subject: 'tech:ben' })
    await fill(ana, 40)
    await syncAndPart(old, ana)
    await syncAndPart(old, ben)
    await retitle(ben, 'SEA-7', 'unheard')
    const { replica: hub } = await openHub({ seed: 97 })
    await syncAndPart(hub, ana)
    const met = await sync(hub, ben)
    expect(met.acceptor.counters.entriesIn).toBe(1)
    expect(met.initiator.counters.entriesIn).toBe(0)
    await syncAndPart(hub, ana)
    for (const edge of [ana, ben]) expect(await contents(edge)).toEqual(await contents(hub))
  })
})

test('Q11: a record whose history is told with its mark is not given up by a LEAVE that a comparison finds meanwhile', async () => {
  const { replica: hub } = await openHub()
  const disk = new MemoryDisk()
  const grant = { read: both, write: both }
  const edge = await openEdge(1, grant, { disk })
  await hub.workOrders.create(order, { id: 'long' })
  await syncAndPart(hub, edge)
  const backup = disk.clone()
  await edge.workOrders.create(order, { id: 'later' })
  await syncAndPart(hub, edge)
  // More than credit allows at once: the rest waits while the edge, which was set back, compares.
  const dice = new SeededRandom(7)
  for (let i = 0; i < 12; i++) await retitle(hub, 'long', toHex(dice.bytes(150_000)))
  await move(hub, 'long', 'PDX')
  const { replica: restored } = await open({ seed: 5, disk: backup, grant })
  const met = await sync(hub, restored)
  expect(count(met, 'compare')).toBeGreaterThan(0)
  expect(await contents(restored)).toEqual(await contents(hub))
})

test('Q1: two edges that never met, without a hub, tell each other what differs', async () => {
  const { replica: hub } = await openHub()
  const ana = await openEdge(1)
  const ben = await openEdge(2, { subject: 'tech:ben' })
  await fill(hub, 40)
  for (const edge of [ana, ben]) await syncAndPart(hub, edge)
  await retitle(ana, 'SEA-1', 'of ana')
  await retitle(ben, 'SEA-2', 'of ben')
  await ben.workOrders.create(order, { id: 'new' })
  const met = await sync(ana, ben)
  // Once in each direction.
  expect(count(met, 'compare')).toBe(2)
  expect([met.acceptor.counters.entriesIn, met.initiator.counters.entriesIn]).toEqual([2, 1])
  expect(await contents(ana)).toEqual(await contents(ben))
  await retitle(ana, 'new', 'seen')
  await settle(met.link)
  expect(await ben.workOrders.get('new')).toMatchObject({ title: 'seen' })
})

describe('G-6: claims after a comparison', () => {
  test('hold for equal records: one of two channels may be left', async () => {
    const { hub, edge } = await setBack(10, { read: both, write: both })
    await syncAndPart(hub, edge)
    await move(hub, 'SEA-1', 'PDX')
    await syncAndPart(hub, edge)
    expect(await edge.workOrders.get('SEA-1')).toMatchObject({ site: 'PDX' })
    await edge.setCredential(JSON.stringify({ ...JSON.parse(edge.credential!.token), read: ['site:SEA'] }))
    expect(await edge.workOrders.get('SEA-1')).toBeUndefined()
    expect(await edge.workOrders.get('SEA-2')).toBeDefined()
  })

  test('hold for an equal record of which the hub never said so', async () => {
    const { replica: hub } = await openHub()
    const disk = new MemoryDisk()
    const edge = await openEdge(1, {}, { disk })
    await fill(hub, 5)
    await syncAndPart(hub, edge)
    await edge.workOrders.create(order, { id: 'own' })
    // It came there, and nothing came back.
    await push(edge, hub)
    await edge.session.met(peerOf(hub), ['site:SEA'])
    const met = await syncAndPart(hub, edge)
    expect([count(met, 'compare'), met.initiator.counters.entriesIn]).toEqual([1, 0])
    const store = memoryStore({ disk: disk.clone() })
    await store.open('ab'.repeat(16))
    const [row] = await store.rows(['work_orders/own'])
    expect(decodeFrontier(row!.frontier).held).toEqual(['site:SEA'])
  })

  test('a record that may be held by a channel being compared is not given up with another', async () => {
    const { replica: hub } = await openHub()
    const edge = await openEdge(1, { write: both })
    await fill(hub, 5)
    await syncAndPart(hub, edge)
    await move(edge, 'SEA-1', 'PDX')
    const token = JSON.parse(edge.credential!.token) as object
    await edge.setCredential(JSON.stringify({ ...token, read: both }))
    const met = await sync(hub, edge)
    expect(count(met, 'compare')).toBeGreaterThan(0)
    expect(await edge.workOrders.get('SEA-1')).toMatchObject({ site: 'PDX' })
    await move(hub, 'SEA-1', 'LAX')
    await settle(met.link)
    expect(await edge.workOrders.get('SEA-1')).toBeUndefined()
  })

  test('a record moved here while it is compared keeps what was compared', async () => {
    const { hub, edge } = await setBack(10)
    const moved = move(edge, 'SEA-1', 'PDX')
    await sync(hub, edge).catch(() => undefined)
    await moved
    expect((await hub.workOrders.get('SEA-1'))?.['site']).toBe('SEA')
    // It may not write there: the edit is aside, and the record is the hub's again.
    expect(await edge.aside()).toHaveLength(1)
    expect(await edge.workOrders.get('SEA-1')).toMatchObject({ site: 'SEA' })
  })
})

test('D-2: receipts are compared too', async () => {
  const { hub, edge } = await setBack(20)
  const crm = await Pen.make(9, { systems: ['crm'] })
  const body = encodeUtf8(JSON.stringify({ place: 'crm', outcome: 'saved', seqs: {}, at: 5 }))
  await crm.tell(hub, await crm.other('receipt', 'work_orders/SEA-5', body))
  await syncAndPart(hub, edge)
  expect(await edge.workOrders.receipts('SEA-5')).toHaveLength(1)
  expect(await contents(edge)).toEqual(await contents(hub))
})

describe('Q9: what a state covers', () => {
  const state = { incarnation: 1, actors: new Map([[`00${'ab'.repeat(16)}`, 3]]), receipts: ['0'.repeat(16)] }
  const entryOf = (over: Partial<Entry>, lastSeq = 3): LoggedEntry => {
    const signature = {
      actor: Uint8Array.from([0, ...new Array(16).fill(0xab)]),
      lastSeq,
      credentialHash: new Uint8Array(32),
      signature: new Uint8Array(64),
    }
    const entry = {
      kind: 'changes',
      record: 'work_orders/1',
      incarnation: 1,
      signature,
      body: new Uint8Array(),
      ...over,
    } as const
    return { seq: 1, kind: entry.kind, record: entry.record, bytes: encodeEntry(entry) }
  }

  test.each<[string, boolean, LoggedEntry]>([
    ['changes up to the sequence', true, entryOf({})],
    ['changes beyond it', false, entryOf({}, 4)],
    ['changes of an earlier incarnation', true, entryOf({ incarnation: 0 }, 4)],
    ['changes of a later incarnation', false, entryOf({ incarnation: 2 }, 1)],
    ['containers alone', false, entryOf({ signature: undefined })],
    ['a receipt that is not listed', false, entryOf({ kind: 'receipt' })],
    ['the tombstone of an earlier incarnation', true, entryOf({ kind: 'tombstone', incarnation: 0 }, 0)],
    ['the tombstone of this one', false, entryOf({ kind: 'tombstone' }, 0)],
  ])('%s: %j', (_, expected, entry) => {
    expect(isCovered(entry, state, testHost())).toBe(expected)
  })
})

test('Q9: a record whose content has gone at the hub goes here too', async () => {
  const { hub, edge, host } = await setBack(10)
  await hub.workOrders.delete('SEA-3')
  await keep(hub)
  host.clock += DELETED_KEPT_MS
  await keep(hub)
  expect((await hub.entriesOf('work_orders/SEA-3')).map(({ kind }) => kind)).toEqual(['tombstone'])
  const met = await sync(hub, edge)
  expect((await edge.entriesOf('work_orders/SEA-3')).map(({ kind }) => kind)).toEqual(['tombstone'])
  expect(await contents(edge)).toEqual(await contents(hub))
  const audit = met.initiator.audit()
  await settle(met.link)
  expect(await audit).toMatchObject({ diverged: 0 })
})

test('D-1: a record that has gone counts for a device that comes later where it counts for the hub', async () => {
  const { replica: hub, host } = await openHub()
  await fill(hub, 3)
  await hub.workOrders.delete('SEA-1')
  await keep(hub)
  host.clock += DELETED_KEPT_MS
  await keep(hub)
  const late = await openEdge(3, { subject: 'tech:late' })
  const met = await sync(hub, late)
  expect((await late.entriesOf('work_orders/SEA-1')).map(({ kind }) => kind)).toEqual(['tombstone'])
  const audit = met.initiator.audit()
  await settle(met.link)
  expect(await audit).toMatchObject({ diverged: 0 })
})

test('D-1: entries of other kinds are compared one by one, by those who keep them', async () => {
  const kinds = {
    segment: {
      admit: async (
        tables: { get(table: string, key: string): Promise<Uint8Array | undefined> },
        { record, body }: { record: string; body: Uint8Array },
      ) => {
        const key = `${record} ${body}`
        if (await tables.get('seen', key)) return undefined
        return {
          channels: ['site:SEA'],
          keep: async (into: Tables) => into.put('seen', key, body),
        }
      },
    },
  }
  const disk = new MemoryDisk()
  const { replica: first } = await openHub({ kinds, disk })
  const edge = await openEdge(1, {}, { kinds })
  await fill(first, 3)
  const gateway = await Pen.make(9)
  const segment = (n: number) => gateway.other('segment', '@streams/pump', Uint8Array.of(n))
  await gateway.tell(first, await segment(1), await segment(2))
  await syncAndPart(first, edge)
  const backup = disk.clone()
  await first.workOrders.create(order, { id: 'lost' })
  await syncAndPart(first, edge)
  const { replica: hub } = await openHub({ kinds, disk: backup, seed: 98 })
  await gateway.tell(hub, await segment(3), await segment(4))
  const met = await sync(hub, edge)
  // Two segments, and what the hub had lost.
  expect(met.initiator.counters.entriesIn).toBe(3)
  const bodies = async (replica: Orders) =>
    (await replica.entriesOf('@streams/pump')).map(({ bytes }) => decodeEntry(bytes).body[0])
  // In any order: each stands for itself.
  expect((await bodies(edge)).toSorted()).toEqual([1, 2, 3, 4])
  const audit = met.initiator.audit()
  await settle(met.link)
  expect(await audit).toMatchObject({ diverged: 0 })
})

test('fault A2: GOV-7 Q3: no digest, key or byte of a channel that is not granted crosses', async () => {
  const { hub, edge } = await setBack(30)
  await hub.workOrders.create({ ...order, site: 'PDX', title: 'canary' }, { id: 'canary-of-pdx' })
  await move(hub, 'SEA-3', 'PDX')
  await retitle(hub, 'SEA-3', 'canary')
  const met = await sync(hub, edge)
  const said = Buffer.concat(
    met.sent.filter(({ from }) => from === 'acceptor').map(({ bytes }) => bytes),
  ).toString('latin1')
  expect(said).not.toContain('canary')
  expect(said).not.toContain('site:PDX')
  expect(await edge.workOrders.get('SEA-3')).toBeUndefined()
})

describe('Q14: an audit', () => {
  const audited = async (met: Met, recount = false) => {
    const audit = met.initiator.audit({ recount })
    await settle(met.link)
    return audit
  }

  test.each([false, true])('finds nothing where all is well; recount: %j', async (recount) => {
    const { replica: hub } = await openHub()
    const edge = await openEdge(1, { read: both, write: both })
    await fill(hub, 20)
    await fill(edge, 10, 'PDX')
    const met = await sync(hub, edge)
    await move(hub, 'SEA-3', 'PDX')
    await hub.workOrders.delete('SEA-4')
    await settle(met.link)
    const channels = recount ? ['site:SEA'] : [...both, '@space']
    expect(await audited(met, recount)).toEqual({ channels, diverged: 0 })
    expect(met.initiator.counters).toMatchObject({ audits: 1, diverged: 0 })
  })

  test.each([false, true])('finds and heals what was lost on either side; recount: %j', async (recount) => {
    const disk = new MemoryDisk()
    const { replica: hub } = await openHub()
    const edge = await openEdge(1, {}, { disk })
    await fill(hub, 30)
    await syncAndPart(hub, edge)
    // Both believe that the other side has these.
    const met = await sync(
      Object.assign(Object.create(hub), { session: deaf(hub) }) as Orders,
      Object.assign(Object.create(edge), { session: deaf(edge) }) as Orders,
    )
    await retitle(hub, 'SEA-1', 'lost on the way down')
    await retitle(edge, 'SEA-2', 'lost on the way up')
    await settle(met.link)
    met.link.cut()
    const next = await sync(hub, edge)
    expect(await edge.workOrders.get('SEA-1')).toMatchObject({ title: 't' })
    expect(await audited(next, recount)).toMatchObject({ diverged: 2 })
    expect(await contents(edge)).toEqual(await contents(hub))
    expect(await edge.workOrders.get('SEA-1')).toMatchObject({ title: 'lost on the way down' })
    expect(await hub.workOrders.get('SEA-2')).toMatchObject({ title: 'lost on the way up' })
    expect(next.initiator.counters.diverged).toBe(2)
    expect((await audited(next))?.diverged).toBe(0)
  })

  test('asks a channel anew of which far too much is missing', async () => {
    const { replica: hub } = await openHub()
    const edge = await openEdge(1)
    const met = await sync(hub, Object.assign(Object.create(edge), { session: deaf(edge) }) as Orders)
    await fill(hub, 8)
    await settle(met.link)
    met.link.cut()
    const next = await sync(hub, edge)
    expect(await edge.workOrders.all()).toEqual([])
    expect(await audited(next)).toMatchObject({ diverged: 8 })
    expect(await contents(edge)).toEqual(await contents(hub))
    expect(next.initiator.current).toBe(true)
  })

  /** Takes positions and forgets what came with them. */
  function deaf({ session }: Orders): Orders['session'] {
    return new Proxy(session, {
      get(target, name) {
        if (name === 'deliver')
          return (delivery: Parameters<typeof session.deliver>[0]) =>
            target.deliver({ ...delivery, items: [] })
        const value: unknown = Reflect.get(target, name, target)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
  }
})

/** Both sides change at random what the other does not hear of, then meet without a cursor. */
async function random(seed: number): Promise<void> {
  const dice = new SeededRandom(seed)
  const { hub, edge, edgeDisk } = await setBack(40, { read: both, write: both })
  const change = async (replica: Orders) => {
    const known = await replica.workOrders.all()
    const what = dice.below(10)
    if (what === 0 || known.length === 0)
      await replica.workOrders.create({ ...order, site: dice.pick(['SEA', 'PDX']) })
    else if (what === 1) await replica.workOrders.delete(dice.pick(known).id)
    else if (what === 2) await move(replica, dice.pick(known).id, dice.pick(['SEA', 'PDX']))
    else await retitle(replica, dice.pick(known).id, `${seed}-${what}`)
  }
  for (let i = dice.below(30); i > 0; i--) await change(dice.below(2) === 0 ? hub : edge)
  await edge.close()
  const { replica: restored } = await open({ seed: 7, disk: edgeDisk, grant: { read: both, write: both } })
  const met = await sync(hub, restored)
  for (let i = 0; i < 5; i++) await change(dice.below(2) === 0 ? hub : restored)
  await settle(met.link)
  const byId = (all: unknown) => (all as { id: string }[]).toSorted((a, b) => (a.id < b.id ? -1 : 1))
  expect(byId(await contents(restored))).toEqual(byId(await contents(hub)))
  const audit = met.initiator.audit()
  await settle(met.link)
  expect(await audit).toMatchObject({ diverged: 0 })
}

test.each([1, 2, 3, 4, 5, 6])('whatever differs, both are equal afterwards: seed %i', (seed) => random(seed))
