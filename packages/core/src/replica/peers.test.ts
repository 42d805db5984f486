/** What edges that meet without a hub owe each other, and what a hub makes of it afterwards. */
import { beforeAll, describe, expect, test } from 'vitest'
import { Mesh } from './mesh.test-support.ts'
import {
  draft,
  type Orders,
  openEdge,
  openHub,
  order,
  Pen,
  pull,
  putting,
  traceOf,
} from './orders.test-support.ts'
import { plainToken, startEngine } from './replica.test-support.ts'

beforeAll(startEngine)

const idsOf = async (replica: Orders) => (await replica.workOrders.all()).map(({ id }) => id).sort()
const retitle = (replica: Orders, id: string, title: string) =>
  replica.workOrders.update(id, (o) => {
    o.title = title
  })

describe('N-1: channels', () => {
  test('only those that both may read are told, in both directions', async () => {
    const mesh = new Mesh()
    const a = await mesh.edge('a', ['SEA', 'PDX'])
    const b = await mesh.edge('b', ['PDX', 'LAX'])
    await a.workOrders.create({ ...order, title: 'secret of a' }, { id: 'sea' })
    await a.workOrders.create({ ...order, site: 'PDX' }, { id: 'pdx-a' })
    await b.workOrders.create({ ...order, site: 'PDX' }, { id: 'pdx-b' })
    await b.workOrders.create({ ...order, title: 'secret of b', site: 'LAX' }, { id: 'lax' })
    const { acceptor, initiator } = await mesh.meet(a, b)
    expect(await idsOf(a)).toEqual(['pdx-a', 'pdx-b', 'sea'])
    expect(await idsOf(b)).toEqual(['lax', 'pdx-a', 'pdx-b'])
    expect([acceptor.granted.read, initiator.granted.read]).toEqual([['site:PDX'], ['site:PDX']])
  })

  test('an edge does not tell a channel that it may write but not read', async () => {
    const mesh = new Mesh()
    const a = await mesh.edge('a', ['SEA'], { write: ['site:SEA', 'site:PDX'] })
    const b = await mesh.edge('b', ['SEA', 'PDX'])
    await a.workOrders.create({ ...order, site: 'PDX' }, { id: 'pdx' })
    await mesh.meet(a, b)
    expect(await idsOf(b)).toEqual([])
  })

  test('a record that moves out of what the peer may read is told no more, and what it was stays', async () => {
    const mesh = new Mesh()
    const a = await mesh.edge('a', ['SEA', 'PDX'])
    const b = await mesh.edge('b', ['SEA'])
    await a.workOrders.create(order, { id: 'r' })
    await mesh.meet(a, b)
    await a.workOrders.update('r', (o) => {
      o.site = 'PDX'
      o.title = 'only for PDX'
    })
    await mesh.settle()
    expect(await b.workOrders.get('r')).toMatchObject(order)
  })
})

describe('N-1: who reads every channel', () => {
  test('is told the log, and tells what the other may read', async () => {
    const mesh = new Mesh()
    const [all, b] = [
      await mesh.edge('all', [], { read: ['*'], write: ['*'] }),
      await mesh.edge('b', ['PDX']),
    ]
    await all.workOrders.create(order, { id: 'sea' })
    await all.workOrders.create({ ...order, site: 'PDX' }, { id: 'pdx-all' })
    await b.workOrders.create({ ...order, site: 'PDX' }, { id: 'pdx-b' })
    await mesh.meet(all, b)
    expect(await idsOf(all)).toEqual(['pdx-all', 'pdx-b', 'sea'])
    expect(await idsOf(b)).toEqual(['pdx-all', 'pdx-b'])
  })
})

describe('N-6: what was heard from a peer', () => {
  test('is held when a hub says so, and goes when it says so', async () => {
    const mesh = new Mesh()
    const [a, b, hub] = [await mesh.edge('a', ['SEA', 'PDX']), await mesh.edge('b'), await mesh.hub()]
    await a.workOrders.create(order, { id: 'r' })
    await mesh.part(await mesh.meet(a, b))
    await mesh.meet(hub, b)
    await mesh.meet(hub, a)
    await a.workOrders.update('r', (o) => {
      o.site = 'PDX'
    })
    await mesh.settle()
    expect(await hub.workOrders.get('r')).toMatchObject({ site: 'PDX' })
    expect(await idsOf(b)).toEqual([])
  })

  test('goes, when the hub had it only where this edge may not read', async () => {
    const mesh = new Mesh()
    const [a, b, hub] = [await mesh.edge('a', ['SEA', 'PDX']), await mesh.edge('b'), await mesh.hub()]
    await a.workOrders.create(order, { id: 'r' })
    await mesh.part(await mesh.meet(a, b))
    await a.workOrders.update('r', (o) => {
      o.site = 'PDX'
    })
    await mesh.meet(hub, a)
    expect(await idsOf(b)).toEqual(['r'])
    await mesh.meet(hub, b)
    expect(await idsOf(b)).toEqual([])
  })

  test('goes again, when a peer brings back what the hub had taken away', async () => {
    const mesh = new Mesh()
    const [a, b, stale, hub] = [
      await mesh.edge('a', ['SEA', 'PDX']),
      await mesh.edge('b'),
      await mesh.edge('stale'),
      await mesh.hub(),
    ]
    await a.workOrders.create(order, { id: 'r' })
    const first = [await mesh.meet(hub, a), await mesh.meet(hub, b), await mesh.meet(hub, stale)]
    await mesh.part(first[2]!)
    await a.workOrders.update('r', (o) => {
      o.site = 'PDX'
    })
    await mesh.settle()
    expect([await idsOf(b), await idsOf(stale)]).toEqual([[], ['r']])
    await mesh.meet(stale, b)
    expect(await idsOf(b)).toEqual([])
  })
})

describe('N-2: an author’s right', () => {
  test('counts, not the carrier’s: a carrier that may only read carries', async () => {
    const mesh = new Mesh()
    const [a, carrier, hub] = [
      await mesh.edge('a'),
      await mesh.edge('carrier', ['SEA'], { write: [] }),
      await mesh.hub(),
    ]
    await a.workOrders.create(order, { id: 'r' })
    await mesh.part(await mesh.meet(a, carrier))
    await mesh.meet(hub, carrier)
    expect(await hub.workOrders.history('r')).toMatchObject([{ author: 'tech:a' }])
    expect(await carrier.aside()).toEqual([])
  })

  test('is lacking: refused by the peer, without a trace, and set aside when a hub says so', async () => {
    const mesh = new Mesh()
    const [a, b, hub] = [await mesh.edge('a', ['SEA'], { write: [] }), await mesh.edge('b'), await mesh.hub()]
    const before = await traceOf(b)
    await a.workOrders.create(order, { id: 'r' })
    const met = await mesh.meet(b, a)
    expect(await traceOf(b)).toEqual(before)
    expect(await a.workOrders.get('r')).toMatchObject(order)
    expect(await a.aside()).toEqual([])
    await mesh.part(met)
    await mesh.meet(hub, a)
    expect(await a.aside()).toMatchObject([{ code: 'read-only' }])
    expect(await idsOf(hub)).toEqual([])
  })

  test('is lacking, and a carrier lets it through: the hub refuses it, though the carrier could write it', async () => {
    const { replica: hub } = await openHub()
    const author = await Pen.make(7, { subject: 'tech:a', write: [] })
    const carrier = await Pen.make(8, { subject: 'tech:carrier' })
    const entry = await author.changes('work_orders/r', [putting(draft(1), order)])
    const { credential } = author.peer
    const before = await traceOf(hub)
    expect(await carrier.tell(hub, { kind: 'credential', credential }, entry)).toEqual(['read-only'])
    expect(await traceOf(hub)).toEqual(before)
  })

  test('is revoked: the hub takes back what it had not heard; so does the carrier, and keeps the rest', async () => {
    const mesh = new Mesh()
    const [a, b, hub] = [await mesh.edge('a'), await mesh.edge('b'), await mesh.hub()]
    await b.workOrders.create(order, { id: 'mine' })
    await a.workOrders.create(order, { id: 'theirs' })
    await mesh.part(await mesh.meet(a, b))
    mesh.revoked.add('tech:a')
    await mesh.meet(hub, b)
    expect(await idsOf(hub)).toEqual(['mine'])
    expect(await idsOf(b)).toEqual(['mine'])
    expect(await b.aside()).toEqual([])
  })

  test('was revoked since: what the hub has is known, and stays with whoever carries it', async () => {
    const mesh = new Mesh()
    const [a, b, hub] = [await mesh.edge('a'), await mesh.edge('b'), await mesh.hub()]
    await a.workOrders.create(order, { id: 'r' })
    await mesh.part(await mesh.meet(a, b))
    await retitle(b, 'r', 'built on it')
    await mesh.part(await mesh.meet(hub, a))
    mesh.revoked.add('tech:a')
    await mesh.meet(hub, b)
    expect(await b.aside()).toEqual([])
    for (const replica of [hub, b])
      expect(await replica.workOrders.get('r')).toMatchObject({ title: 'built on it' })
  })
})

describe('N-3: credentials without a hub', () => {
  const HOUR_MS = 3_600_000

  test('history of authors whose credentials have expired is told on', async () => {
    const mesh = new Mesh()
    const soon = { expiresAt: mesh.world.clock.nowMs + HOUR_MS }
    const [old, a, b, hub] = [
      await mesh.edge('old', ['SEA'], soon),
      await mesh.edge('a'),
      await mesh.edge('b'),
      await mesh.hub(),
    ]
    await old.workOrders.create(order, { id: 'r' })
    await mesh.part(await mesh.meet(hub, old))
    await mesh.part(await mesh.meet(hub, a))
    mesh.world.clock.advance(2 * HOUR_MS)
    await mesh.meet(a, b)
    expect(await b.workOrders.history('r')).toMatchObject([{ author: 'tech:old' }])
  })

  test('a peer whose own has expired is refused by either role', async () => {
    for (const expiredAccepts of [true, false]) {
      const mesh = new Mesh()
      const old = await mesh.edge('old', ['SEA'], { expiresAt: mesh.world.clock.nowMs + HOUR_MS })
      const b = await mesh.edge('b')
      await b.workOrders.create(order, { id: 'r' })
      mesh.world.clock.advance(HOUR_MS)
      const { acceptor, initiator } = await (expiredAccepts ? mesh.meet(old, b) : mesh.meet(b, old))
      expect([acceptor.state, initiator.state]).toEqual(['closed', 'closed'])
      expect(await idsOf(old)).toEqual([])
    }
  })

  test('a newer one brings what was written under the old one', async () => {
    const mesh = new Mesh()
    const a = await mesh.edge('a', ['SEA'], { expiresAt: mesh.world.clock.nowMs + HOUR_MS })
    const b = await mesh.edge('b')
    mesh.world.clock.advance(HOUR_MS)
    await a.workOrders.create(order, { id: 'r' })
    await a.setCredential(plainToken(a.publicKey, { subject: 'tech:a' }))
    await mesh.meet(a, b)
    expect(await idsOf(b)).toEqual(['r'])
  })
})

describe('N-4: what only the authority may say', () => {
  test('a peer’s refusal sets nothing aside, its acknowledgement answers nothing, and no record goes by its word', async () => {
    const mesh = new Mesh()
    const a = await mesh.edge('a')
    await a.workOrders.create(order, { id: 'r' })
    const { peer } = await Pen.make(7)
    const { seq } = (await a.entriesOf('work_orders/r'))[0]!
    const before = await traceOf(a)
    const said = ['not-granted', 'elsewhere'].map((code) => ({ seq, code, reason: 'says a peer' }))
    await a.session.acknowledged(peer, a.head, said, 99)
    await a.session.met(peer, ['*', 'site:SEA'])
    expect(await traceOf(a)).toEqual(before)
    expect([await a.aside(), (await a.stats()).unacknowledged]).toEqual([[], 1])
  })

  test('a peer’s marks let no record leave, and none be held', async () => {
    const mesh = new Mesh()
    const [a, hub] = [await mesh.edge('a'), await mesh.hub()]
    await a.workOrders.create(order, { id: 'r' })
    await mesh.part(await mesh.meet(hub, a))
    const pen = await Pen.make(7)
    const mark = { channel: 'site:SEA', record: 'work_orders/r' }
    await pen.tell(
      a,
      { kind: 'enter', seq: 1, ...mark, channel: 'site:PDX' },
      { kind: 'leave', seq: 2, ...mark },
    )
    expect(await a.workOrders.get('r')).toMatchObject(order)
    // Held in SEA alone, as the hub said: a credential without SEA gives the record up, whatever the peer said of PDX.
    await a.setCredential(plainToken(a.publicKey, { read: ['site:PDX'], write: ['site:PDX'] }))
    expect(await idsOf(a)).toEqual([])
  })

  test('a peer that claims the authority’s part is refused at the door', async () => {
    const mesh = new Mesh()
    const [a, b] = [await mesh.edge('a'), await mesh.edge('b')]
    await b.workOrders.create(order, { id: 'r' })
    const hubs = (await mesh.hub()).credential
    Object.defineProperty(b.session, 'credential', { value: hubs })
    const { initiator } = await mesh.meet(b, a)
    expect((await initiator.closed).error).toMatchObject({ code: 'bad-proof' })
    expect(await idsOf(a)).toEqual([])
  })

  test('mends are the hub’s: edges that hear of a broken rule pass it on as it is', async () => {
    const [a, b] = [await openEdge(1), await openEdge(2)]
    const pen = await Pen.make(7)
    const bad = await pen.changes('work_orders/bad', [putting(draft(1), { ...order, status: 'no such' })])
    expect(await pen.tell(a, bad)).toEqual([undefined])
    expect(await pull(a, b)).toEqual([])
    expect((await b.entriesOf('work_orders/bad')).map(({ bytes }) => bytes)).toEqual([bad])
  })
})
