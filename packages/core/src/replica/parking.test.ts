/** Entries of peers that build on what is not here: parked within bounds, tried again, and in no record before. */
import { beforeAll, describe, expect, it, test } from 'vitest'
import { encodeUtf8 } from '../bytes/utf8.ts'
import type { Host } from '../host.ts'
import { MemoryDisk } from '../store/memory-disk.ts'
import {
  PARKED_BYTES_MAX,
  PARKED_MAX,
  PARKED_MS_MAX,
  PARKED_PER_PEER_MAX,
  PARKED_PER_RECORD_MAX,
} from './limits.ts'
import { Mesh } from './mesh.test-support.ts'
import {
  draft,
  type Orders,
  open,
  openEdge,
  openHub,
  order,
  Pen,
  pull,
  push,
  putting,
  traceOf,
} from './orders.test-support.ts'
import { plainToken, startEngine } from './replica.test-support.ts'

beforeAll(startEngine)

const KEY = 'work_orders/1'
const parked = async (replica: Orders) => (await replica.stats()).parked

/** Three entries of one author, each on top of the one before. */
async function chain(pen: Pen): Promise<[Uint8Array, Uint8Array, Uint8Array]> {
  const document = draft(5)
  const first = await pen.changes(KEY, [putting(document, order)])
  const second = await pen.changes(KEY, [putting(document, { title: 'second' })])
  return [first, second, await pen.changes(KEY, [putting(document, { title: 'third' })])]
}

const receipt = (pen: Pen, record: string, n: number) =>
  pen.other(
    'receipt',
    record,
    encodeUtf8(JSON.stringify({ place: 'crm', outcome: 'saved', seqs: {}, at: n })),
  )
const withCrm = (seed: number, host?: Host) =>
  Pen.make(seed, { subject: `tech:${seed}`, systems: ['crm'] }, host)

describe('J-1: an entry that builds on what is not here', () => {
  test('is parked by an edge, over restarts, in no record; and let in when what it lacks has come, whoever brings that', async () => {
    const disk = new MemoryDisk()
    const { replica: edge, events } = await open({ disk, grant: {} })
    const pen = await Pen.make(7, { subject: 'tech:eve' })
    const [first, second, third] = await chain(pen)
    const before = await traceOf(edge)
    expect(await pen.tell(edge, third, second)).toEqual(['missing-dependencies', 'depends-on-refused'])
    expect(await traceOf(edge)).toEqual(before)
    expect(await parked(edge)).toBe(2)
    expect(events.filter(({ code }) => code === 'parked')).toMatchObject([
      { fields: { parked: 2, dropped: 0 } },
    ])
    // Told again it is the same one.
    await pen.tell(edge, second)
    expect(await parked(edge)).toBe(2)
    await edge.close()
    const { replica: again } = await open({ disk, seed: 2 })
    expect(await parked(again)).toBe(2)
    const carrier = await Pen.make(8, { subject: 'tech:carrier' })
    const item = { kind: 'credential', credential: pen.peer.credential } as const
    expect(await carrier.tell(again, item, first)).toEqual([undefined])
    expect(await again.workOrders.get('1')).toMatchObject({ title: 'third' })
    expect(await parked(again)).toBe(0)
    expect(await again.entriesOf(KEY)).toHaveLength(3)
  })

  test('is let in when the hub brings what it lacks', async () => {
    const { replica: hub } = await openHub()
    const [ana, ben] = [await openEdge(1), await openEdge(2, { subject: 'tech:ben' })]
    await ana.workOrders.create(order, { id: '1' })
    await push(ana, hub)
    await ana.workOrders.update('1', (o) => {
      o.title = 'later'
    })
    const mesh = new Mesh()
    const [, later] = await ana.entriesOf(KEY)
    const { credential } = ana.session
    const carrier = await Pen.make(8, { subject: 'tech:carrier' })
    expect(await carrier.tell(ben, { kind: 'credential', credential: credential! }, later!.bytes)).toEqual([
      'missing-dependencies',
    ])
    await mesh.meet(hub, ben)
    expect(await ben.workOrders.get('1')).toMatchObject({ title: 'later' })
    expect(await parked(ben)).toBe(0)
  })

  test('is answered by a hub, and parked by none', async () => {
    const { replica: hub } = await openHub()
    const pen = await Pen.make(7)
    const [first, second] = await chain(pen)
    expect(await pen.tell(hub, second)).toEqual(['missing-dependencies'])
    expect(await parked(hub)).toBe(0)
    expect(await pen.tell(hub, first)).toEqual([undefined])
    expect(await hub.workOrders.get('1')).toMatchObject(order)
  })

  test('goes when it is refused for another reason then', async () => {
    const { hub, edge, pen } = await withParked()
    await hub.revoke({ by: 'hash', value: pen.peer.credential.hash })
    await hub.workOrders.create(order, { id: '1' })
    await pull(hub, edge)
    expect(await edge.workOrders.get('1')).toMatchObject({ title: 't' })
    expect(await parked(edge)).toBe(0)
  })

  test('stays as long as it lacks something, and goes when its record is given up', async () => {
    const { hub, edge } = await withParked()
    await hub.workOrders.create(order, { id: '1' })
    await pull(hub, edge)
    expect(await edge.workOrders.get('1')).toMatchObject({ title: 't' })
    expect(await parked(edge)).toBe(1)
    await edge.setCredential(plainToken(edge.publicKey, { read: ['site:PDX'], write: [] }))
    expect(await parked(edge)).toBe(0)
  })
})

async function withParked() {
  const { replica: hub } = await openHub()
  const { replica: edge } = await open({ grant: {} })
  const pen = await Pen.make(7, { subject: 'tech:eve' })
  const [, second] = await chain(pen)
  await pen.tell(edge, second)
  expect(await parked(edge)).toBe(1)
  return { hub, edge, pen }
}

describe('J-2: room', () => {
  test(`is for ${PARKED_PER_RECORD_MAX} of one record; the oldest go first`, async () => {
    const { replica: edge, events } = await open({ grant: {} })
    const pen = await withCrm(7)
    const told: Uint8Array[] = []
    for (let n = 0; n < PARKED_PER_RECORD_MAX; n++) told.push(await receipt(pen, KEY, n))
    await pen.tell(edge, ...told)
    expect(await parked(edge)).toBe(PARKED_PER_RECORD_MAX)
    await pen.tell(edge, await receipt(pen, KEY, 1_000))
    expect(await parked(edge)).toBe(PARKED_PER_RECORD_MAX)
    expect(events.filter(({ code }) => code === 'parked').map(({ fields }) => fields)).toMatchObject([
      { parked: PARKED_PER_RECORD_MAX, dropped: 0 },
      { parked: 1, dropped: 1 },
    ])
    const carrier = await Pen.make(8, { subject: 'tech:carrier' })
    await carrier.tell(edge, await carrier.changes(KEY, [putting(draft(6), order)]))
    const at = (await edge.workOrders.receipts('1')).map((one) => one.at)
    expect([at.length, at.includes(0), at.includes(1), at.includes(1_000)]).toEqual([
      PARKED_PER_RECORD_MAX,
      false,
      true,
      true,
    ])
    expect(await parked(edge)).toBe(0)
  })

  test(`is for ${PARKED_BYTES_MAX} bytes of all`, async () => {
    const { replica: edge } = await open({ grant: {} })
    const pen = await withCrm(7)
    const reason = 'x'.repeat(60_000)
    const large = (n: number) =>
      pen.other(
        'receipt',
        `work_orders/${n}`,
        encodeUtf8(JSON.stringify({ place: 'crm', outcome: 'saved', seqs: {}, at: 100, reason })),
      )
    const { length } = await large(100)
    const fit = Math.floor(PARKED_BYTES_MAX / length)
    const told = await Promise.all(Array.from({ length: fit }, (_, n) => large(100 + n)))
    await pen.tell(edge, ...told)
    expect(await parked(edge)).toBe(fit)
    await pen.tell(edge, await large(900))
    expect(await parked(edge)).toBe(fit)
  })

  it('fault C5: a flood of 20,000 entries whose ancestors never come costs a bounded amount', async () => {
    // Signatures that cost nothing: what is bounded is what is kept.
    const mesh = new Mesh()
    const edge = await mesh.edge('a')
    const before = await edge.stats()
    const pens = await Promise.all([1, 2, 3, 4, 5].map((n) => withCrm(20 + n, mesh.world.host())))
    for (const [p, pen] of pens.entries()) {
      const told = await Promise.all(
        Array.from({ length: 4_000 }, (_, n) => receipt(pen, `work_orders/${p}-${n}`, n)),
      )
      await pen.tell(edge, ...told)
      expect(await parked(edge)).toBe(Math.min((p + 1) * PARKED_PER_PEER_MAX, PARKED_MAX))
    }
    const after = await edge.stats()
    expect(after).toMatchObject({ entries: before.entries, records: before.records })
    mesh.world.clock.advance(PARKED_MS_MAX)
    await edge.upkeep()
    expect(await parked(edge)).toBe(PARKED_MAX)
    mesh.world.clock.advance(1)
    await edge.upkeep()
    expect(await parked(edge)).toBe(0)
  }, 240_000)
})
