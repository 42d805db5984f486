import { beforeAll, describe, expect, test } from 'vitest'
import type { Credential } from '../identity/credential.ts'
import { fieldRight } from '../records/field-right.ts'
import type { Rule } from '../records/rule.ts'
import type { IncomingItem } from '../session/port.ts'
import {
  deliveryOf,
  everything,
  type Orders,
  openEdge,
  openHub,
  order,
  peerOf,
  pull,
  push,
} from './orders.test-support.ts'
import { startEngine } from './replica.test-support.ts'

beforeAll(startEngine)

const dispatchers = { write: ['site:SEA', 'desk'] }
const atDesk = ({ write }: Pick<Credential, 'write'>) => write.includes('desk')
const right = (field: string, more: object = {}) =>
  fieldRight({ collection: 'work_orders', field, may: atDesk, ...more })

async function world(...rules: Rule[]) {
  const { replica: hub, events } = await openHub({ rules })
  const tech = await openEdge(1)
  const desk = await openEdge(2, { subject: 'desk:eve', ...dispatchers })
  return { hub, events, tech, desk }
}

async function settle(hub: Orders, ...edges: Orders[]): Promise<void> {
  for (const edge of edges) expect(await push(edge, hub)).toEqual([])
  for (const edge of edges) expect(await pull(hub, edge)).toEqual([])
}

describe('fault A10: M-11: a right to a field', () => {
  test('takes back that field, leaves the rest, and says so', async () => {
    const { hub, tech } = await world(right('status', { reason: 'Dispatchers set the status.' }))
    await tech.workOrders.create(order, { id: '1' })
    await settle(hub, tech)
    await tech.workOrders.update('1', (draft) => {
      draft.status = 'done'
      draft.title = 'pump'
    })
    await settle(hub, tech)
    expect(await tech.workOrders.get('1')).toEqual({ ...order, title: 'pump', id: '1' })
    expect(await tech.workOrders.receipts('1')).toMatchObject([
      {
        outcome: 'mended',
        rule: 'right:work_orders/status',
        reason: 'Dispatchers set the status.',
        fields: ['/status'],
        values: { '/status': { was: 'done', became: 'open' } },
      },
    ])
  })

  test('is nothing to those who have it, and to edits of other fields', async () => {
    const { hub, tech, desk } = await world(right('status'))
    await desk.workOrders.create(order, { id: '1' })
    await settle(hub, desk, tech)
    await desk.workOrders.update('1', (draft) => {
      draft.status = 'done'
    })
    await tech.workOrders.update('1', (draft) => {
      draft.title = 'pump'
    })
    await settle(hub, desk, tech)
    await settle(hub, desk, tech)
    expect(await tech.workOrders.get('1')).toEqual({ ...order, status: 'done', title: 'pump', id: '1' })
    expect(await hub.workOrders.receipts('1')).toEqual([])
  })

  test('of a new record: whoever makes it fills the field in, unless it has an initial value', async () => {
    const { hub, tech, desk } = await world(right('status'), right('title', { initial: 'to be named' }))
    await tech.workOrders.create({ ...order, status: 'done' }, { id: '1' })
    await desk.workOrders.create(order, { id: '2' })
    await settle(hub, tech, desk)
    expect(await hub.workOrders.get('1')).toMatchObject({ status: 'done', title: 'to be named' })
    expect(await hub.workOrders.get('2')).toMatchObject({ title: 't' })
    expect(await tech.workOrders.receipts('1')).toMatchObject([
      {
        rule: 'right:work_orders/title',
        fields: ['/title'],
        reason: 'title is not yours to change; it was set back.',
      },
    ])
    expect(() => right('/parts/*/qty', { initial: 1 })).toThrow(/only a field at the root/)
  })

  test('reaches into rows, also those that come and go', async () => {
    const { hub, tech } = await world(right('/parts/*/qty'))
    const parts = [
      { sku: 'a', qty: 1 },
      { sku: 'b', qty: 2 },
    ]
    await tech.workOrders.create({ ...order, parts }, { id: '1' })
    await settle(hub, tech)
    await tech.workOrders.update('1', (draft) => {
      draft.parts = [
        { sku: 'c', qty: 9 },
        { sku: 'b', qty: 7 },
      ]
      draft.notes = 'kept'
    })
    await settle(hub, tech)
    expect(await tech.workOrders.get('1')).toEqual({ ...order, parts, notes: 'kept', id: '1' })
    const [receipt] = await tech.workOrders.receipts('1')
    expect(receipt?.fields?.sort()).toEqual(['/parts/a', '/parts/b/qty', '/parts/c'])
    expect(receipt?.values?.['/parts/b/qty']).toEqual({ was: 7, became: 2 })
  })

  test('of an object goes for what is inside it, and no name is like another', async () => {
    const { hub, tech } = await world(right('address'), right('/tit'))
    await tech.workOrders.create({ ...order, address: { city: 'a', street: 'b' } }, { id: '1' })
    await settle(hub, tech)
    await tech.workOrders.update('1', (draft) => {
      draft.address = { city: 'c', street: 'b' }
      draft.title = 'u'
    })
    await settle(hub, tech)
    expect(await tech.workOrders.get('1')).toMatchObject({ title: 'u', address: { city: 'a', street: 'b' } })
    expect(await tech.workOrders.receipts('1')).toMatchObject([{ fields: ['/address/city'] }])
  })
})

test('fault A10: M-12: of edits that one peer carries for several devices, each is weighed by its author', async () => {
  const { hub, tech, desk } = await world(right('status'))
  await desk.workOrders.create(order, { id: '1' })
  await settle(hub, desk, tech)
  for (const [one, field, value] of [
    [desk, 'status', 'en_route'],
    [tech, 'notes', 'kept'],
  ] as const)
    await one.workOrders.update('1', (draft) => Object.assign(draft, { [field]: value }))
  await hub.session.remember(desk.session.credential!)
  const items = async (from: Orders): Promise<IncomingItem[]> =>
    (await from.session.readLog(0, everything))
      .filter((entry) => !entry.origin)
      .map(({ seq, bytes }) => ({ kind: 'entry', seq: seq + (from === desk ? 0 : 1_000), bytes }))
  const credential: IncomingItem = { kind: 'credential', credential: desk.session.credential! }
  const want = await hub.session.want(peerOf(tech))
  const both = [credential, ...(await items(desk)), ...(await items(tech))]
  expect(await hub.session.deliver(deliveryOf(tech, both, want))).toEqual([])
  expect(await hub.workOrders.get('1')).toMatchObject({ status: 'en_route', notes: 'kept' })
  expect(await hub.workOrders.receipts('1')).toEqual([])
})

describe('M-10: what a rule says goes back', () => {
  const both = (fields: string[] | undefined): Rule => ({
    name: 'no',
    collection: 'work_orders',
    check: ({ after }) =>
      after['title'] === 'bad' ? { reason: 'No.', ...(fields ? { fields } : {}) } : undefined,
  })

  test.each([
    [['/title'], { ...order, notes: 'n', id: '1' }],
    [['title', '/notes'], { ...order, id: '1' }],
    [undefined, { ...order, id: '1' }],
    [[], { ...order, title: 'bad', notes: 'n', id: '1' }],
  ])('%j', async (fields, expected) => {
    const { hub, tech } = await world(both(fields))
    await tech.workOrders.create(order, { id: '1' })
    await settle(hub, tech)
    await tech.workOrders.update('1', (draft) => {
      draft.title = 'bad'
      draft.notes = 'n'
    })
    await settle(hub, tech)
    expect(await tech.workOrders.get('1')).toEqual(expected)
  })

  test('of a new record: it stays when it can do without the fields, and goes when it cannot', async () => {
    const without = (field: string): Rule => ({
      name: 'no',
      collection: 'work_orders',
      check: ({ after }) => (after[field] ? { reason: 'No.', fields: [field] } : undefined),
    })
    const lenient = await world(without('notes'))
    await lenient.tech.workOrders.create({ ...order, notes: 'n' }, { id: '1' })
    await settle(lenient.hub, lenient.tech)
    expect(await lenient.tech.workOrders.get('1')).toEqual({ ...order, id: '1' })
    const strict = await world(without('title'))
    await strict.tech.workOrders.create(order, { id: '1' })
    await settle(strict.hub, strict.tech)
    expect(await strict.tech.workOrders.get('1')).toBeUndefined()
  })
})
