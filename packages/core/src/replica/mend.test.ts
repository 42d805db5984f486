import { beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { decodeChanges, decodeEntry } from '../log/entry.ts'
import { collection } from '../records/collection.ts'
import type { Rule } from '../records/rule.ts'
import type { Json, JsonObject } from '../records/shape.ts'
import {
  draft,
  type Orders,
  openEdge,
  openHub,
  order,
  Pen,
  pull,
  push,
  putting,
} from './orders.test-support.ts'
import { plainToken, startEngine, workOrders } from './replica.test-support.ts'

beforeAll(startEngine)

const set = (field: string, value: Json) => (o: JsonObject) => {
  o[field] = value
}
const rule = (name: string, check: Rule['check']): Rule => ({ name, collection: 'work_orders', check })
const needsHours = rule('done-needs-hours', ({ after }) =>
  after['status'] === 'done' && !after['hours'] ? { reason: 'A finished order needs hours.' } : undefined,
)

async function world(rules: readonly Rule[], hubCollection = workOrders) {
  const hub = await openHub({ rules, collection: hubCollection as never })
  const ana = await openEdge(1)
  return { hub: hub.replica, events: hub.events, ana }
}

/** Pushes what ana wrote, gives her the hub's answer, and what both then say of the record. */
async function settle(hub: Orders, ana: Orders, id = '1') {
  expect(await push(ana, hub)).toEqual([])
  expect(await pull(hub, ana)).toEqual([])
  const value = await hub.workOrders.get(id)
  expect(await ana.workOrders.get(id)).toEqual(value)
  return value
}

describe('M-1: the schema', () => {
  const strict = collection(
    'work_orders',
    workOrders.shape &&
      z.object({
        title: z.string().max(5),
        status: z.string(),
        site: z.string(),
        hours: z.number().optional(),
      }),
    { channels: (r) => [`site:${r.site}`] },
  )

  test('takes back the fields with issues, and only those', async () => {
    const { hub, ana } = await world([], strict as never)
    await ana.workOrders.create(order, { id: '1' })
    await settle(hub, ana)
    await ana.workOrders.update('1', (o) => {
      o.title = 'too long by far'
      o.status = 'done'
    })
    expect(await settle(hub, ana)).toMatchObject({ title: 't', status: 'done' })
    const [receipt] = await ana.workOrders.receipts('1')
    expect(receipt).toMatchObject({
      place: 'hub',
      outcome: 'mended',
      rule: 'schema',
      fields: ['/title'],
      values: { '/title': { was: 'too long by far', became: 't' } },
    })
    expect(receipt?.reason).toMatch(/^\/title: /)
    const own = (await ana.workOrders.history('1')).filter((item) => item.author === 'tech:ana').at(-1)!
    expect(receipt?.seqs).toEqual({ [own.actor]: 2 })
  })

  test('takes a new record away that cannot be right', async () => {
    const { hub, ana } = await world([], strict as never)
    await ana.workOrders.create({ ...order, title: 'too long by far' }, { id: '1' })
    expect(await settle(hub, ana)).toBeUndefined()
    expect(await ana.workOrders.receipts('1')).toMatchObject([{ outcome: 'mended', rule: 'schema' }])
    expect(await ana.workOrders.history('1')).toHaveLength(2)
  })

  test('takes a field that is not right from a new record that can do without it', async () => {
    const fields = z.object({
      title: z.string(),
      status: z.string(),
      site: z.string(),
      hours: z.number().max(8).optional(),
    })
    const limited = collection('work_orders', fields, { channels: (r) => [`site:${r.site}`] })
    const { hub, ana } = await world([], limited as never)
    await ana.workOrders.create(order, { id: '1' })
    await ana.workOrders.update('1', (o) => {
      o.hours = 20
    })
    // Both edits in one delivery: that the first was right must not depend on when the device had a network.
    expect(await settle(hub, ana)).toEqual({ ...order, id: '1' })
    expect(await ana.workOrders.receipts('1')).toMatchObject([
      {
        outcome: 'mended',
        rule: 'schema',
        fields: ['/hours'],
        values: { '/hours': { was: 20, became: null } },
      },
    ])
  })

  test('an issue of the record as a whole takes back all that the edit changed', async () => {
    const ranged = collection(
      'work_orders',
      z
        .object({ title: z.string(), status: z.string(), site: z.string(), hours: z.number().optional() })
        .refine((r) => r.status !== 'done' || r.title !== 't', 'a finished order needs a title'),
      { channels: (r) => [`site:${r.site}`] },
    )
    const { hub, ana } = await world([], ranged as never)
    await ana.workOrders.create(order, { id: '1' })
    await settle(hub, ana)
    await ana.workOrders.update('1', (o) => {
      o.status = 'done'
      o.hours = 3
    })
    expect(await settle(hub, ana)).toEqual({ ...order, id: '1' })
  })

  test('brings back what was removed, also a text that must be made anew', async () => {
    const { hub, ana } = await world([
      rule('notes-stay', ({ before, after }) =>
        before?.['notes'] && !after['notes'] ? { reason: 'Notes are kept.' } : undefined,
      ),
    ])
    await ana.workOrders.create({ ...order, notes: 'keep', parts: [{ sku: 'a', qty: 1 }] }, { id: '1' })
    await settle(hub, ana)
    await ana.workOrders.update('1', (o) => {
      delete o.notes
    })
    expect(await settle(hub, ana)).toMatchObject({ notes: 'keep', parts: [{ sku: 'a', qty: 1 }] })
  })
})

describe('M-2: rules', () => {
  test('without a mend take back what the edit changed', async () => {
    const { hub, ana, events } = await world([needsHours])
    await ana.workOrders.create(order, { id: '1' })
    await settle(hub, ana)
    await ana.workOrders.update('1', (o) => {
      o.status = 'done'
      o.title = 'x'
    })
    expect(await settle(hub, ana)).toEqual({ ...order, id: '1' })
    expect(events.filter(({ code }) => code === 'mended')).toMatchObject([
      { level: 'info', fields: { rule: needsHours.name } },
    ])
  })

  test('with one make it right by it', async () => {
    const { hub, ana } = await world([
      rule('capital', ({ after }) => {
        const title = String(after['title'])
        return title[0] === title[0]?.toUpperCase()
          ? undefined
          : {
              reason: 'Titles begin with a capital.',
              mend: set('title', title[0]!.toUpperCase() + title.slice(1)),
            }
      }),
    ])
    await ana.workOrders.create({ ...order, title: 'pump' }, { id: '1' })
    expect(await settle(hub, ana)).toMatchObject({ title: 'Pump' })
  })

  test('take a new record away that they cannot make right', async () => {
    const { hub, ana } = await world([needsHours])
    await ana.workOrders.create({ ...order, status: 'done' }, { id: '1' })
    expect(await settle(hub, ana)).toBeUndefined()
  })

  test('are told who wrote, and what was there before', async () => {
    const seen: unknown[] = []
    const { hub, ana } = await world([rule('look', (change) => void seen.push(structuredClone(change)))])
    await ana.workOrders.create(order, { id: '1' })
    await settle(hub, ana)
    await ana.workOrders.update('1', (o) => {
      o.title = 'x'
    })
    await settle(hub, ana)
    const author = {
      subject: 'tech:ana',
      role: 'device',
      read: ['site:SEA'],
      write: ['site:SEA'],
      systems: [],
    }
    expect(seen).toEqual([
      { before: undefined, after: order, author, version: 1, changed: ['/site', '/status', '/title'] },
      { before: order, after: { ...order, title: 'x' }, author, version: 1, changed: ['/title'] },
    ])
  })

  test('cannot change the record by what they are shown', async () => {
    const { hub, ana } = await world([
      rule('clumsy', ({ before, after }) => {
        for (const value of [before, after]) if (value) value['title'] = 'spoilt'
        return undefined
      }),
    ])
    await ana.workOrders.create(order, { id: '1' })
    await settle(hub, ana)
    await ana.workOrders.update('1', (o) => {
      o.hours = 1
    })
    expect(await settle(hub, ana)).toMatchObject({ title: 't' })
  })

  test('fault A10: see all the edits of one delivery as one', async () => {
    const { hub, ana } = await world([needsHours])
    await ana.workOrders.create(order, { id: '1' })
    await ana.workOrders.update('1', (o) => {
      o.status = 'done'
    })
    await ana.workOrders.update('1', (o) => {
      o.hours = 2
    })
    expect(await settle(hub, ana)).toMatchObject({ status: 'done', hours: 2 })
    expect(await ana.workOrders.receipts('1')).toEqual([])
  })

  test('M-6: are not run on what the authority writes, nor on deletions', async () => {
    const { hub, ana } = await world([rule('never', () => ({ reason: 'Nothing is right.' }))])
    await hub.workOrders.create(order, { id: '1' })
    await pull(hub, ana)
    await ana.workOrders.delete('1')
    expect(await settle(hub, ana)).toBeUndefined()
    expect(await hub.workOrders.receipts('1')).toEqual([])
  })

  test('of another collection are not run', async () => {
    const { hub, ana } = await world([{ ...needsHours, collection: 'others' }])
    await ana.workOrders.create({ ...order, status: 'done' }, { id: '1' })
    expect(await settle(hub, ana)).toMatchObject({ status: 'done' })
  })
})

describe('M-3: a violation that was there before the edit', () => {
  test('is not the edit’s: a rule that is new takes no record away', async () => {
    const { hub, ana } = await world([needsHours])
    await hub.workOrders.create({ ...order, status: 'done' }, { id: '1' })
    await pull(hub, ana)
    await ana.workOrders.update('1', (o) => {
      o.title = 'x'
    })
    // The rule says no more than that something is wrong; the edit goes back, the record stays.
    expect(await settle(hub, ana)).toMatchObject({ title: 't', status: 'done' })
    await ana.workOrders.update('1', (o) => {
      o.hours = 1
    })
    expect(await settle(hub, ana)).toMatchObject({ status: 'done', hours: 1 })
  })

  test('nor does a schema with a new required field', async () => {
    const newer = collection(
      'work_orders',
      z.object({ title: z.string(), status: z.string(), site: z.string(), priority: z.number() }),
      { channels: (r) => [`site:${r.site}`] },
    )
    const first = await openHub()
    const ana = await openEdge(1)
    await ana.workOrders.create(order, { id: '1' })
    await settle(first.replica, ana)
    await first.replica.close()
    const { replica: hub } = await openHub({ disk: first.disk, seed: 100, collection: newer as never })
    await ana.workOrders.update('1', (o) => {
      o.title = 'x'
    })
    expect(await settle(hub, ana)).toMatchObject({ title: 'x', status: 'open' })
    expect(await ana.workOrders.receipts('1')).toEqual([])
  })
})

describe('M-4: mends come to an end', () => {
  test('two rules that fight', async () => {
    const flip = (name: string, from: string, to: string) =>
      rule(name, ({ after }) =>
        after['title'] === from ? { reason: `Not ${from}.`, mend: set('title', to) } : undefined,
      )
    const { hub, ana } = await world([flip('no-a', 'a', 'b'), flip('no-b', 'b', 'a')])
    await ana.workOrders.create({ ...order, title: 'a' }, { id: '1' })
    await settle(hub, ana)
    const mends = (await ana.workOrders.history('1')).filter(({ author }) => author === 'hub')
    expect(mends).toHaveLength(4)
    // Equal receipts are one.
    expect((await ana.workOrders.receipts('1')).map((receipt) => receipt.rule).sort()).toEqual([
      'no-a',
      'no-b',
    ])
  })

  test('one mend may break another rule, which is then mended too', async () => {
    const { hub, ana } = await world([
      rule('done-is-closed', ({ after }) =>
        after['title'] === 'closed' || after['status'] !== 'done'
          ? undefined
          : { reason: 'Done is closed.', mend: set('title', 'closed') },
      ),
      rule('closed-has-hours', ({ after }) =>
        after['title'] === 'closed' && !after['hours']
          ? { reason: 'Closed has hours.', mend: set('hours', 1) }
          : undefined,
      ),
    ])
    await ana.workOrders.create({ ...order, status: 'done' }, { id: '1' })
    expect(await settle(hub, ana)).toMatchObject({ title: 'closed', hours: 1 })
    expect(await ana.workOrders.receipts('1')).toHaveLength(2)
  })
})

describe('M-5: nothing waits for a rule that fails', () => {
  const broken: [string, Rule][] = [
    [
      'throws',
      rule('broken', () => {
        throw new TypeError('no such thing')
      }),
    ],
    [
      'throws while mending',
      rule('broken', () => ({
        reason: 'r',
        mend: () => {
          throw new TypeError('no such thing')
        },
      })),
    ],
    ['mends by what cannot be kept', rule('broken', () => ({ reason: 'r', mend: set('hours', 'many') }))],
    ['mends by too much', rule('broken', () => ({ reason: 'r', mend: set('notes', 'x'.repeat(50_001)) }))],
  ]

  test.each(broken)('one that %s is reported, and the others still count', async (_, one) => {
    const { hub, ana, events } = await world([one, needsHours])
    await ana.workOrders.create(order, { id: '1' })
    await settle(hub, ana)
    await ana.workOrders.update('1', (o) => {
      o.status = 'done'
    })
    expect(await settle(hub, ana)).toEqual({ ...order, id: '1' })
    expect(events.filter(({ code }) => code === 'mend-failed')[0]).toMatchObject({
      level: 'error',
      fields: { rule: 'broken' },
    })
    await hub.workOrders.update('1', (o) => {
      o.title = 'hub'
    })
    expect(await settle(hub, ana)).toMatchObject({ title: 'hub' })
  })

  test('a newer schema’s fields stay where a mend cannot reach them', async () => {
    const { hub } = await world([needsHours])
    const pen = await Pen.make(7)
    const document = draft(5)
    const first = await pen.changes('work_orders/1', [putting(document, order)])
    expect(await pen.tell(hub, first)).toEqual([undefined])
    const second = await pen.changes('work_orders/1', [putting(document, { status: 'done', newer: 'x' })])
    expect(await pen.tell(hub, second)).toEqual([undefined])
    expect(await hub.workOrders.get('1')).toEqual({ ...order, id: '1', newer: 'x' })
  })

  test('fault C11: a field that somebody locked by a value of another kind is made right all the same', async () => {
    const { hub, ana } = await world([
      rule('short-notes', ({ after }) =>
        String(after['notes'] ?? '').length > 4 ? { reason: 'Keep it short.' } : undefined,
      ),
    ])
    await ana.workOrders.create({ ...order, notes: 'ok' }, { id: '1' })
    await settle(hub, ana)
    const pen = await Pen.make(7)
    const entries = await hub.entriesOf('work_orders/1')
    const base = entries.flatMap((entry) => decodeChanges(decodeEntry(entry.bytes).body))
    const locked = await pen.changes('work_orders/1', [putting(draft(5, base), { notes: 'far too long' })])
    expect(await pen.tell(hub, locked)).toEqual([undefined])
    expect(await settle(hub, ana)).toMatchObject({ notes: 'ok' })
    await ana.workOrders.update('1', (o) => {
      o.notes += '!'
    })
    expect(await settle(hub, ana)).toMatchObject({ notes: 'ok!' })
  })
})

test('M-7: a mend is the hub’s edit: signed, in the history, and part of the next round', async () => {
  const { hub, ana } = await world([needsHours])
  await ana.setCredential(plainToken(ana.publicKey, {}))
  await ana.workOrders.create(order, { id: '1' })
  await settle(hub, ana)
  await ana.workOrders.update('1', (o) => {
    o.status = 'done'
  })
  await settle(hub, ana)
  expect((await ana.workOrders.history('1')).map(({ author }) => author)).toEqual([
    'tech:ana',
    'tech:ana',
    'hub',
  ])
})

test('M-8: an edge mends nothing', async () => {
  const ana = await openEdge(1)
  const ben = await openEdge(2, { subject: 'tech:ben', read: ['*'] }, { rules: [needsHours] })
  await ana.workOrders.create({ ...order, status: 'done' }, { id: '1' })
  expect(await push(ana, ben)).toEqual([])
  expect(await ben.workOrders.get('1')).toMatchObject({ status: 'done' })
})
