/** What an app shows beside each field: where its newest edit stands, at a system and at the hub. */
import { beforeAll, describe, expect, test } from 'vitest'
import { MemoryDisk } from '../store/memory-disk.ts'
import { type Orders, openEdge, openHub, order, pull, push } from './orders.test-support.ts'
import type { Receipt } from './receipts.ts'
import { startEngine } from './replica.test-support.ts'
import { editsByField, standingOf } from './standing.ts'

beforeAll(startEngine)

const KEY = 'work_orders/1'
const ana = `00${'aa'.repeat(16)}`
const ben = `00${'bb'.repeat(16)}`

const receipt = (over: Partial<Receipt>): Receipt => ({
  record: KEY,
  place: 'crm',
  outcome: 'saved',
  seqs: { [ana]: 2 },
  at: 1,
  ...over,
})

const states = (edits: Record<string, number>, receipts: Partial<Receipt>[]) =>
  standingOf('title', new Map(Object.entries(edits)), receipts.map(receipt)).state

describe('P-7: by the receipts of a system', () => {
  test.each<[string, string, Partial<Receipt>[]]>([
    ['nothing was said', 'pending', []],
    ['of an earlier edit', 'pending', [{ seqs: { [ana]: 1 } }]],
    ['of this one', 'saved', [{}]],
    ['of another field', 'pending', [{ fields: ['/status'] }]],
    ['of something in the field', 'saved', [{ fields: ['/status', '/title/1'] }]],
    ['of the whole record', 'overruled', [{ outcome: 'overruled', fields: [''] }]],
    ['refused, then saved', 'saved', [{ outcome: 'refused' }, {}]],
    ['refused, then another field saved', 'refused', [{ outcome: 'refused' }, { fields: ['/status'] }]],
    ['overruled, then the record saved', 'overruled', [{ outcome: 'overruled', fields: ['/title'] }, {}]],
    ['saved, then another edit refused', 'saved', [{}, { outcome: 'refused', seqs: { [ana]: 3 } }]],
    ['under review', 'review', [{ outcome: 'review', fields: ['/title'] }, { fields: ['/status'] }]],
    [
      'a review that ended for this side',
      'pending',
      [
        { outcome: 'review', fields: ['/title'] },
        { outcome: 'overruled', fields: ['/title'], seqs: {} },
      ],
    ],
    [
      'and was written then',
      'saved',
      [{ outcome: 'review', fields: ['/title'] }, { outcome: 'overruled', fields: ['/title'], seqs: {} }, {}],
    ],
    [
      'a review that a later edit was given to as well',
      'review',
      [
        { outcome: 'review', fields: ['/title'], seqs: { [ana]: 1 } },
        { outcome: 'review', fields: ['/title'] },
      ],
    ],
  ])('%s: %s', (_, state, receipts) => {
    expect(states({ [ana]: 2 }, receipts)).toBe(state)
  })

  test('the newest edit of every author counts, and an old one does not wait for another field', () => {
    expect(states({ [ana]: 2, [ben]: 1 }, [{}])).toBe('pending')
    expect(states({ [ana]: 2, [ben]: 1 }, [{ seqs: { [ana]: 5, [ben]: 1 } }])).toBe('saved')
    expect(states({ [ana]: 1 }, [{ seqs: { [ana]: 1 } }])).toBe('saved')
  })

  test('reason, rule, values and time are those of the receipt that decides', () => {
    const values = { '/title': { was: 'ours', became: 'theirs' }, '/status': { was: 1, became: 2 } }
    const told = { reason: 'too long', rule: 'that-side', values, at: 7, outcome: 'overruled' } as const
    expect(standingOf('title', new Map([[ana, 2]]), [receipt(told)])).toEqual({
      field: 'title',
      state: 'overruled',
      reason: 'too long',
      rule: 'that-side',
      values: values['/title'],
      at: 7,
    })
  })

  test('imports and containers are nobody’s edits', () => {
    const item = (actor: string, seq: number, ...fields: string[][]) => ({ actor, seq, fields })
    const edits = editsByField([
      item(ana, 1, ['title'], ['address', 'city']),
      item(ana, 3, ['title']),
      item(ben, 1, ['title'], []),
      item(`02${'cc'.repeat(16)}`, 1, ['site']),
      item(`01${'dd'.repeat(16)}`, 1, ['notes']),
    ])
    expect([...edits].map(([field, seqs]) => [field, Object.fromEntries(seqs)])).toEqual([
      ['title', { [ana]: 3, [ben]: 1 }],
      ['address', { [ana]: 1 }],
    ])
  })
})

describe('P-8: at the hub', () => {
  const at = async (replica: Orders, place = 'hub') =>
    Object.fromEntries(
      (await replica.workOrders.standing('1', place)).map(({ field, state }) => [field, state]),
    )
  const write = (replica: Orders, fields: object) =>
    replica.workOrders.update('1', (draft) => void Object.assign(draft, fields))

  test('own edits are pending until the hub has answered; what came by it is saved there', async () => {
    const { replica: hub } = await openHub()
    const edge = await openEdge(1)
    await edge.workOrders.create(order, { id: '1' })
    expect(await at(edge)).toEqual({ title: 'pending', status: 'pending', site: 'pending' })
    await push(edge, hub)
    expect(await at(edge)).toEqual({ title: 'saved', status: 'saved', site: 'saved' })
    await write(edge, { title: 'x' })
    expect(await at(edge)).toEqual({ title: 'pending', status: 'saved', site: 'saved' })
    expect(await at(hub)).toEqual({ title: 'saved', status: 'saved', site: 'saved' })
    const other = await openEdge(2)
    await pull(hub, other)
    expect(await at(other)).toEqual({ title: 'saved', status: 'saved', site: 'saved' })
    expect(await at(other, 'crm')).toEqual({ title: 'pending', status: 'pending', site: 'pending' })
  })

  test('what it mended is mended, for the field alone', async () => {
    const rule = {
      name: 'short',
      collection: 'work_orders',
      check: ({ after }: { after: { title?: unknown } }) =>
        String(after.title).length > 5 ? { reason: 'too long', fields: ['/title'] } : undefined,
    }
    const { replica: hub } = await openHub({ rules: [rule as never] })
    const edge = await openEdge(1)
    await edge.workOrders.create(order, { id: '1' })
    await push(edge, hub)
    await write(edge, { title: 'too long by far', status: 'done' })
    await push(edge, hub)
    await pull(hub, edge)
    const [, , title] = await edge.workOrders.standing('1', 'hub')
    expect(await at(edge)).toEqual({ title: 'mended', status: 'saved', site: 'saved' })
    expect(title).toMatchObject({ reason: 'too long', values: { was: 'too long by far', became: 't' } })
  })

  describe('a mend is told to whom it befell, whoever wrote the field before', () => {
    const closed = {
      name: 'closed',
      collection: 'work_orders',
      check: ({ after }: { after: { status?: unknown } }) =>
        after.status === 'done' ? { reason: 'needs its hours', fields: ['/status'] } : undefined,
    }
    const mended = {
      field: 'status',
      state: 'mended',
      reason: 'needs its hours',
      values: { was: 'done', became: 'open' },
    }
    const statusAt = async (replica: Orders) =>
      (await replica.workOrders.standing('1', 'hub')).find(({ field }) => field === 'status')
    const exchange = async (edge: Orders, hub: Orders) => {
      await push(edge, hub)
      await pull(hub, edge)
    }
    /** An order that Ben made, and of which the hub has not heard yet that Ana is done with it. */
    const doneByAna = async () => {
      const { replica: hub } = await openHub({ rules: [closed as never] })
      const [ben, ana] = [await openEdge(1), await openEdge(2)]
      await ben.workOrders.create(order, { id: '1' })
      await push(ben, hub)
      await pull(hub, ana)
      await write(ana, { status: 'done' })
      return { hub, ben, ana }
    }

    test('another device', async () => {
      const { hub, ana } = await doneByAna()
      await exchange(ana, hub)
      expect(await statusAt(ana)).toMatchObject(mended)
      await write(ana, { status: 'en_route' })
      await exchange(ana, hub)
      expect(await statusAt(ana)).toEqual({ field: 'status', state: 'saved' })
    })

    test('this device, before it was opened again', async () => {
      const { replica: hub } = await openHub({ rules: [closed as never] })
      const disk = new MemoryDisk()
      const before = await openEdge(1, {}, { disk })
      await before.workOrders.create(order, { id: '1' })
      await push(before, hub)
      await before.close()
      const edge = await openEdge(2, {}, { disk })
      await write(edge, { status: 'done' })
      await exchange(edge, hub)
      expect(await statusAt(edge)).toMatchObject(mended)
    })

    test('another device at the same time, heard of by the hub after the mend', async () => {
      const { hub, ben, ana } = await doneByAna()
      await write(ben, { status: 'en_route' })
      await push(ana, hub)
      await exchange(ben, hub)
      await pull(hub, ana)
      expect(await statusAt(ana)).toMatchObject(mended)
      expect(await statusAt(ben)).toEqual({ field: 'status', state: 'saved' })
    })
  })

  test('what it refused is refused, in its words', async () => {
    const { replica: hub } = await openHub()
    const edge = await openEdge(2, { write: [] })
    await edge.workOrders.create(order, { id: '1' })
    await push(edge, hub)
    const standing = await edge.workOrders.standing('1', 'hub')
    expect(standing.map(({ field, state, rule }) => [field, state, rule])).toEqual([
      ['site', 'refused', 'read-only'],
      ['status', 'refused', 'read-only'],
      ['title', 'refused', 'read-only'],
    ])
    expect(standing[0]?.reason).toMatch(/write nothing/)
  })

  test('a record of which there is no trace has no fields', async () => {
    expect(await (await openEdge(1)).workOrders.standing('1', 'hub')).toEqual([])
  })
})
