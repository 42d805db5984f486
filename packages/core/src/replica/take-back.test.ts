/** What a revoked device wrote, carried to the hub by others: let in, taken back, and what honest devices built on it stays. */
import { beforeAll, describe, expect, it, test } from 'vitest'
import { defaultChangeLimits } from '../change/limits.ts'
import { SeededRandom } from '../testing/seeded-random.ts'
import { draft, type Orders, openHub, order, Pen, putting } from './orders.test-support.ts'
import { plainToken, startEngine } from './replica.test-support.ts'
import { at, full, shared } from './take-back.test-support.ts'

beforeAll(startEngine)

describe('Z-1: an entry of a revoked author that another device carries', () => {
  it('fault A4: is let in and taken back in the same commit, with a receipt; nobody ever sees what it did', async () => {
    const { mesh, hub, a, b, c, visit } = await shared()
    await a.workOrders.update('1', (o) => {
      o.title = 'by a'
      o.notes += ' and more'
      o.hours! += 5
      o.parts = []
    })
    await a.workOrders.create({ ...order, title: 'new' }, { id: '2' })
    await visit(a, b)
    mesh.revoked.add('tech:a')
    const seen: unknown[] = []
    hub.onCommit(({ changes }) => seen.push(...changes.map(({ after }) => after)))
    await mesh.meet(hub, c)
    await visit(hub, b)
    expect(await at(hub)).toEqual({ ...full, id: '1' })
    expect(await at(hub, '2')).toBeUndefined()
    expect(JSON.stringify(seen)).not.toMatch(/by a|and more|new/)
    for (const replica of [b, c]) {
      expect(await at(replica)).toEqual({ ...full, id: '1' })
      expect(await at(replica, '2')).toBeUndefined()
    }
    const receipts = await hub.workOrders.receipts('1')
    expect(receipts).toMatchObject([{ place: 'hub', outcome: 'mended', rule: 'revoked' }])
    expect(receipts[0]!.values!['/title']).toEqual({ was: 'by a', became: 't' })
    expect(await b.aside()).toEqual([])
  })

  test('a deletion is taken back too', async () => {
    const { mesh, hub, a, b, visit } = await shared()
    await a.workOrders.delete('1')
    await visit(a, b)
    expect(await at(b)).toBeUndefined()
    mesh.revoked.add('tech:a')
    await visit(hub, b)
    for (const replica of [hub, b]) expect(await at(replica)).toEqual({ ...full, id: '1' })
  })

  test('what it edited before it deleted the record goes back too, is named by the receipt, and does not come again', async () => {
    const { mesh, hub, a, b, c, visit } = await shared()
    await a.workOrders.update('1', (o) => {
      o.title = 'by a'
      o.parts!.push({ sku: 'nut', qty: 1 })
    })
    await a.workOrders.delete('1')
    await visit(a, b)
    mesh.revoked.add('tech:a')
    await visit(hub, b)
    expect(await at(hub)).toEqual({ ...full, id: '1' })
    const [{ values, fields } = {}] = await hub.workOrders.receipts('1')
    expect(values!['/title']).toEqual({ was: 'by a', became: 't' })
    expect(values!['/parts/nut']).toEqual({ was: { sku: 'nut', qty: 1 }, became: null })
    expect(values!['/status']).toEqual({ was: null, became: 'open' })
    expect(fields).toEqual(Object.keys(values!))
    await c.workOrders.update('1', (o) => {
      o.status = 'done'
    })
    await visit(hub, c)
    expect(await at(hub)).toEqual({ ...full, id: '1', status: 'done' })
  })

  test('is refused where its author could not have written it before either, and to the author itself', async () => {
    const { mesh, hub, b, visit } = await shared()
    const reader = await mesh.edge('reader', ['SEA'], { write: [] })
    await visit(hub, reader)
    await reader.workOrders.update('1', (o) => {
      o.title = 'may not'
    })
    const { replica: strict } = await openHub()
    const pen = await Pen.make(7, { subject: 'tech:reader', write: [] })
    const carrier = await Pen.make(8)
    const entry = await pen.changes('work_orders/9', [putting(draft(1), order)])
    const item = { kind: 'credential', credential: pen.peer.credential } as const
    expect(await carrier.tell(strict, item, entry)).toEqual(['read-only'])
    mesh.revoked.add('tech:reader')
    await visit(hub, reader)
    await visit(hub, b)
    expect(await at(hub)).toEqual({ ...full, id: '1' })
  })

  test('under a single credential that was revoked: carried, it is taken back; told by the author, it is judged by the session’s rights', async () => {
    const { mesh, hub, a, b, visit } = await shared()
    await a.workOrders.update('1', (o) => {
      o.title = 'under the old one'
    })
    await visit(a, b)
    mesh.revoked.add('tech:a')
    await a.setCredential(
      plainToken(a.publicKey, { subject: 'tech:a2', read: ['site:PDX'], write: ['site:PDX'] }),
    )
    await visit(hub, b)
    expect(await at(hub)).toMatchObject({ title: 't' })
    await visit(hub, a)
    expect(await at(hub)).toMatchObject({ title: 't' })
    expect((await hub.workOrders.receipts('1')).map(({ rule }) => rule)).toEqual(['revoked'])
  })
})

describe('Z-2: what an honest device built on it', () => {
  test.each(['with it', 'later'])('stays, when it comes %s; the rest goes back', async (when) => {
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const { mesh, hub, a, b, c, visit } = await shared(seed)
      await a.workOrders.update('1', (o) => {
        o.title = 'by a'
        o.status = 'en_route'
        o.notes = 'note by a'
        o.hours! += 5
        o.address!.city = 'Bonn'
      })
      await visit(a, b)
      await visit(b, c)
      await b.workOrders.update('1', (o) => {
        o.title = 'by b'
        o.notes += ' and b'
        o.hours! += 2
      })
      mesh.revoked.add('tech:a')
      // c carries what a wrote and nothing else: the mend is there before what b built.
      if (when === 'later') await visit(hub, c)
      await visit(hub, b)
      await visit(hub, c)
      const { notes, ...others } = (await at(hub))!
      expect({ seed, ...others }).toEqual({
        seed,
        id: '1',
        title: 'by b',
        status: 'open',
        site: 'SEA',
        hours: 3,
        parts: full.parts,
        address: { city: 'Kiel' },
      })
      expect(notes).toContain('and b')
      expect(notes).not.toContain('by a')
      for (const replica of [b, c]) expect(await at(replica)).toEqual(await at(hub))
      expect(await b.aside()).toEqual([])
    }
  })

  test.each(['with it', 'later'])('keeps a new record, when it comes %s', async (when) => {
    const { mesh, hub, a, b, c, visit } = await shared()
    await a.workOrders.create({ ...full, title: 'new' }, { id: '2' })
    await visit(a, b)
    await visit(b, c)
    await b.workOrders.update('2', (o) => {
      o.notes = 'by b'
    })
    mesh.revoked.add('tech:a')
    if (when === 'later') {
      await visit(hub, c)
      expect(await at(hub, '2')).toBeUndefined()
    }
    await visit(hub, b)
    await visit(hub, c)
    for (const replica of [hub, b, c])
      expect(await at(replica, '2')).toMatchObject({ title: 'new', notes: 'by b' })
  })

  test('a deletion by an honest device stays one', async () => {
    const { mesh, hub, a, b, c, visit } = await shared()
    await a.workOrders.create({ ...full, title: 'new' }, { id: '2' })
    await visit(a, b)
    await visit(b, c)
    await b.workOrders.delete('2')
    mesh.revoked.add('tech:a')
    await visit(hub, c)
    await visit(hub, b)
    await visit(hub, c)
    for (const replica of [hub, b, c]) expect(await at(replica, '2')).toBeUndefined()
  })

  test('a row of it that an honest device edited stays', async () => {
    const { mesh, hub, a, b, c, visit } = await shared()
    await a.workOrders.update('1', (o) => {
      o.parts!.push({ sku: 'nut', qty: 1 }, { sku: 'washer', qty: 1 })
    })
    await visit(a, b)
    await visit(b, c)
    await b.workOrders.update('1', (o) => {
      o.parts![1]!.qty = 7
    })
    mesh.revoked.add('tech:a')
    await visit(hub, c)
    expect(await at(hub)).toMatchObject({ parts: full.parts })
    await visit(hub, b)
    await visit(hub, c)
    for (const replica of [hub, b, c])
      expect((await at(replica))!.parts).toEqual([...full.parts, { sku: 'nut', qty: 7 }])
  })

  test('and what was written in the knowledge of the mend is as any edit', async () => {
    const { mesh, hub, a, b, c, visit } = await shared()
    await a.workOrders.update('1', (o) => {
      o.title = 'by a'
    })
    await visit(a, b)
    mesh.revoked.add('tech:a')
    await visit(hub, b)
    await b.workOrders.update('1', (o) => {
      o.title = 'by a'
    })
    await visit(hub, b)
    await visit(hub, c)
    for (const replica of [hub, b, c]) expect(await at(replica)).toMatchObject({ title: 'by a' })
  })
})

/** Each field is written by each device at most once, and by honest ones on top of what they have. */
const fields = ['title', 'status', 'city'] as const
type Field = (typeof fields)[number]

function write(replica: Orders, field: Field, by: string): Promise<unknown> {
  return replica.workOrders.update('1', (o) => {
    if (field === 'title') o.title = by
    else if (field === 'status') o.status = by === 'a' ? 'done' : 'en_route'
    else o.address!.city = by
  })
}

const fieldOf = async (replica: Orders, field: Field) => {
  const value = (await at(replica))!
  return field === 'city' ? value.address!.city : value[field]
}

test.each([1, 2, 3, 42, 43, 48, 51, 63])(
  'Z-2: in any order of meetings, honest fields stand and others go back (seed %d)',
  async (seed) => {
    const random = new SeededRandom(seed)
    const { mesh, hub, a, b, c, d, visit } = await shared(seed)
    const honest = new Map<Field, string[]>(fields.map((field) => [field, []]))
    for (const field of fields) if (random.chance(0.8)) await write(a, field, 'a')
    for (const edge of [b, c, d]) if (edge === b || random.chance(0.7)) await visit(a, edge)
    for (const [edge, name] of [
      [b, 'b'],
      [c, 'c'],
    ] as const)
      for (const field of fields)
        if (random.chance(0.4)) {
          await write(edge, field, name)
          honest.get(field)!.push(field === 'status' ? 'en_route' : name)
        }
    mesh.revoked.add('tech:a')
    const first = random.pick([b, c, d])
    for (const edge of [first, d, c, b, d, c, b]) await visit(hub, edge)
    for (const field of fields) {
      const base = { title: 't', status: 'open', city: 'Kiel' }[field]
      const wanted = honest.get(field)!.length > 0 ? honest.get(field)! : [base]
      expect(wanted).toContain(await fieldOf(hub, field))
    }
    for (const edge of [b, c, d]) expect(await at(edge)).toEqual(await at(hub))
  },
)

describe('Z-3: what was taken back and cannot be written', () => {
  it('is reported as mend-failed and stays; the record goes on', async () => {
    const { mesh, hub, a, b, c, visit } = await shared()
    // More than one change may write.
    const half = 'x'.repeat(defaultChangeLimits.operationsMax / 2 + 1_000)
    const note = (replica: Orders, to: (notes: string) => string) =>
      replica.workOrders.update('1', (o) => {
        o.notes = to(o.notes ?? '')
      })
    await note(hub, () => half)
    await note(hub, (notes) => notes + half)
    for (const replica of [a, c]) await visit(hub, replica)
    // Taken away by one operation, and given back by one for each letter.
    await a.workOrders.update('1', (o) => {
      delete o.notes
    })
    await visit(a, b)
    mesh.revoked.add('tech:a')
    await visit(hub, b)
    expect(
      mesh.events.filter(({ subject, code }) => subject === 'hub' && code === 'mend-failed'),
    ).toMatchObject([
      { level: 'error', fields: { rule: 'revoked' }, message: expect.stringContaining('work_orders/1') },
    ])
    expect((await at(hub))?.notes).toBeUndefined()
    expect(await hub.workOrders.receipts('1')).toEqual([])
    await c.workOrders.update('1', (o) => {
      o.title = 'and on'
    })
    await visit(hub, c)
    expect((await at(hub))?.title).toBe('and on')
  })
})
