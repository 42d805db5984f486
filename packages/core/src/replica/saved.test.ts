import { beforeAll, describe, expect, test } from 'vitest'
import type { Store } from '../store/port.ts'
import { addReceipt } from './import-row.ts'
import { RECEIPTS_LISTED_MAX } from './limits.ts'
import {
  type Opened,
  type Orders,
  open,
  openEdge,
  openHub,
  order,
  peerOf,
  pull,
  push,
} from './orders.test-support.ts'
import { decodeReceipt, encodeReceipt, type Outcome, type Receipt, receiptKey } from './receipts.ts'
import { RecordNotFound } from './record-not-found.ts'
import { RecordInvalid } from './records.ts'
import { plainToken, startEngine } from './replica.test-support.ts'
import { SaveRefused, SaveTimeout } from './saved.ts'

beforeAll(startEngine)

/** Timers that fire when told to. */
async function openTimed(): Promise<Opened & { fire: () => void; waiting: () => number }> {
  const opened = await open({ grant: {} })
  const timers = new Set<() => void>()
  opened.host.timer = (_, run) => {
    timers.add(run)
    return () => timers.delete(run)
  }
  return {
    ...opened,
    fire: () => {
      for (const run of timers) run()
    },
    waiting: () => timers.size,
  }
}

/** What settled so far, without waiting for what did not. */
async function stateOf(promise: Promise<unknown>): Promise<'waiting' | 'saved' | Error> {
  let state: 'waiting' | 'saved' | Error = 'waiting'
  promise.then(
    () => {
      state = 'saved'
    },
    (error: Error) => {
      state = error
    },
  )
  for (let i = 0; i < 50; i++) await Promise.resolve()
  return state
}

const edit = (replica: Orders, title: string) =>
  replica.workOrders.update('1', (o) => {
    o.title = title
  })

/** A bridge's receipt for all that this replica wrote so far. */
async function answer(
  replica: Orders,
  place: string,
  outcome: Outcome,
  over: Partial<Receipt> = {},
): Promise<void> {
  await replica.transact(async (tx) => {
    const { seqs } = await tx.record('work_orders/1')
    await addReceipt(tx, { record: 'work_orders/1', place, outcome, seqs: { ...seqs }, at: 1000, ...over })
  })
}

describe('P-1: here', () => {
  test('resolves when everything written before is durable', async () => {
    const { replica } = await open()
    const writing = replica.workOrders.create(order, { id: '1' })
    await replica.workOrders.saved('1', 'here')
    expect(await stateOf(writing)).toBe('saved')
  })
})

describe('P-2: at the hub', () => {
  test('resolves when the hub acknowledged the newest edit', async () => {
    const { replica: hub } = await openHub()
    const ana = await openEdge(1)
    await ana.workOrders.create(order, { id: '1' })
    const first = ana.workOrders.saved('1', 'hub')
    expect(await stateOf(first)).toBe('waiting')
    const head = ana.head
    await edit(ana, 'more')
    await ana.session.acknowledged(peerOf(hub), head, [])
    expect(await stateOf(first)).toBe('waiting')
    await push(ana, hub)
    expect(await stateOf(first)).toBe('saved')
    expect(await stateOf(ana.workOrders.saved('1', 'hub'))).toBe('saved')
  })

  test('rejects with the hub’s words when it refused', async () => {
    const { replica: hub } = await openHub()
    const ben = await openEdge(2, { write: [] })
    await ben.workOrders.create(order, { id: '1' })
    const saved = ben.workOrders.saved('1', 'hub')
    const waiting = stateOf(saved)
    await waiting
    await push(ben, hub)
    await expect(saved).rejects.toMatchObject({ code: 'read-only', place: 'hub', message: /read-only/ })
    await expect(ben.workOrders.saved('1', 'hub')).rejects.toThrow(SaveRefused)
  })

  test('a refusal that comes while it is being looked is no acknowledgement of what was read before it', async () => {
    let reads = 0
    let comesBetween: () => Promise<void> = async () => undefined
    const between = (store: Store): Store => ({
      ...store,
      rows: async (records) => {
        const rows = await store.rows(records)
        reads += 1
        // First `saved` asks whether there is such a record, then how far the hub's answers go.
        if (reads === 2) await comesBetween()
        return rows
      },
    })
    const { replica: hub } = await openHub()
    const { replica: ana } = await open({ grant: {}, between })
    await ana.workOrders.create(order, { id: '1' })
    await push(ana, hub)
    await edit(ana, 'refused')
    const { head } = ana
    comesBetween = () =>
      ana.session.acknowledged(
        peerOf(hub),
        head,
        [{ seq: head, code: 'not-entitled', reason: 'not yours' }],
        hub.head,
      )
    reads = 0
    await expect(ana.workOrders.saved('1', 'hub')).rejects.toThrow(SaveRefused)
    expect(await ana.workOrders.get('1')).toMatchObject(order)
  })

  test('who asked about an edit that was refused hears so, also when the next edit came with the refusal', async () => {
    const { replica: hub } = await openHub()
    const ana = await openEdge(1)
    await ana.workOrders.create(order, { id: '1' })
    await push(ana, hub)
    await edit(ana, 'refused')
    const { head } = ana
    const saved = ana.workOrders.saved('1', 'hub')
    expect(await stateOf(saved)).toBe('waiting')
    const refusal = { seq: head, code: 'not-entitled', reason: 'not yours' }
    // Turns that wait together share a commit.
    const answered = ana.session.acknowledged(peerOf(hub), head, [refusal], hub.head)
    await Promise.all([answered, edit(ana, 'the next one')])
    expect(await stateOf(saved)).toMatchObject({ code: 'not-entitled' })
    const next = ana.workOrders.saved('1', 'hub')
    expect(await stateOf(next)).toBe('waiting')
    await push(ana, hub)
    expect(await stateOf(next)).toBe('saved')
  })

  test('a hub has what it wrote itself', async () => {
    const { replica: hub } = await openHub()
    await hub.workOrders.create(order, { id: '1' })
    expect(await stateOf(hub.workOrders.saved('1', 'hub'))).toBe('saved')
  })

  test('P-4: gives up after the time given, and leaves nothing waiting', async () => {
    const { replica, fire, waiting } = await openTimed()
    await replica.workOrders.create(order, { id: '1' })
    const saved = replica.workOrders.saved('1', 'hub', { timeoutMs: 5 })
    expect([await stateOf(saved), waiting()]).toEqual(['waiting', 1])
    fire()
    await expect(saved).rejects.toThrow(SaveTimeout)
    await expect(saved).rejects.toThrow(/work_orders\/1 was not saved at hub within 5 ms/)
    const { replica: hub } = await openHub()
    const again = replica.workOrders.saved('1', 'hub', { timeoutMs: 5 })
    await stateOf(again)
    await push(replica, hub)
    expect(await stateOf(again)).toBe('saved')
    expect(waiting()).toBe(0)
  })
})

describe('P-3: in an external system', () => {
  test('resolves by a receipt that covers the newest edit', async () => {
    const { replica: ana } = await open({ grant: {} })
    await ana.workOrders.create(order, { id: '1' })
    const saved = ana.workOrders.saved('1', 'crm')
    await answer(ana, 'erp', 'saved')
    await answer(ana, 'crm', 'saved', { seqs: {} })
    expect(await stateOf(saved)).toBe('waiting')
    await answer(ana, 'crm', 'saved')
    expect(await stateOf(saved)).toBe('saved')
    await edit(ana, 'x')
    const next = ana.workOrders.saved('1', 'crm')
    expect(await stateOf(next)).toBe('waiting')
    await answer(ana, 'crm', 'mended', { at: 2000 })
    expect(await stateOf(next)).toBe('saved')
  })

  test.each<[Outcome, string]>([
    ['refused', 'crm refused it (refused): too late'],
    ['overruled', 'crm refused it (overruled): too late'],
  ])('rejects when it was %s', async (outcome, message) => {
    const { replica: ana } = await open({ grant: {} })
    await ana.workOrders.create(order, { id: '1' })
    await answer(ana, 'crm', outcome, { reason: 'too late' })
    await expect(ana.workOrders.saved('1', 'crm')).rejects.toThrow(message)
    // A later answer counts more.
    await answer(ana, 'crm', 'saved', { at: 2000 })
    expect(await stateOf(ana.workOrders.saved('1', 'crm'))).toBe('saved')
  })

  test('a field that is overruled by name stays so, whatever is saved beside it', async () => {
    const { replica: ana } = await open({ grant: {} })
    await ana.workOrders.create(order, { id: '1' })
    await answer(ana, 'crm', 'overruled', { reason: 'late', fields: ['/title'] })
    await answer(ana, 'crm', 'saved', { at: 2000 })
    await expect(ana.workOrders.saved('1', 'crm')).rejects.toThrow('crm refused it (overruled): late')
    await edit(ana, 'x')
    await answer(ana, 'crm', 'saved', { at: 3000 })
    expect(await stateOf(ana.workOrders.saved('1', 'crm'))).toBe('saved')
  })

  test('refused fields are lifted by a receipt that names them, and by no other', async () => {
    const { replica: ana } = await open({ grant: {} })
    await ana.workOrders.create(order, { id: '1' })
    await answer(ana, 'crm', 'refused', { reason: 'no', fields: ['/title', '/status'] })
    await answer(ana, 'crm', 'saved', { at: 2000, fields: ['/title', '/site'] })
    await expect(ana.workOrders.saved('1', 'crm')).rejects.toMatchObject({ code: 'refused' })
    await answer(ana, 'crm', 'saved', { at: 3000, fields: ['/title', '/status'] })
    expect(await stateOf(ana.workOrders.saved('1', 'crm'))).toBe('saved')
  })

  test('P-3 P-9 an edit under review is not saved, though others of it are; once that is over it waits', async () => {
    const { replica: ana } = await open({ grant: {} })
    await ana.workOrders.create(order, { id: '1' })
    const values = { '/title': { was: 'theirs', became: 't', agreed: 'before' } }
    await answer(ana, 'crm', 'review', { reason: 'a person decides', fields: ['/title'], values })
    await answer(ana, 'crm', 'saved', { at: 2000, fields: ['/status', '/site'] })
    await expect(ana.workOrders.saved('1', 'crm')).rejects.toMatchObject({ code: 'review' })
    expect((await ana.workOrders.receipts('1'))[0]?.values).toEqual(values)
    await answer(ana, 'crm', 'overruled', { at: 3000, seqs: {}, fields: ['/title'] })
    const saved = ana.workOrders.saved('1', 'crm')
    expect(await stateOf(saved)).toBe('waiting')
    await answer(ana, 'crm', 'saved', { at: 4000 })
    expect(await stateOf(saved)).toBe('saved')
  })

  test('what nobody wrote here needs no saving', async () => {
    const { replica: hub } = await openHub()
    const ana = await openEdge(1)
    await ana.workOrders.create(order, { id: '1' })
    await push(ana, hub)
    expect(await stateOf(hub.workOrders.saved('1', 'crm'))).toBe('saved')
  })

  test('the newest receipts are looked at, however many there are', async () => {
    const { replica: ana } = await open({ grant: {} })
    await ana.workOrders.create(order, { id: '1' })
    await ana.transact(async (tx) => {
      for (let i = 0; i < RECEIPTS_LISTED_MAX + 5; i++)
        await addReceipt(tx, { record: 'work_orders/1', place: 'crm', outcome: 'saved', seqs: {}, at: i })
    })
    await answer(ana, 'crm', 'saved', { at: 9_000 })
    expect(await stateOf(ana.workOrders.saved('1', 'crm'))).toBe('saved')
    const listed = await ana.workOrders.receipts('1')
    expect([listed.length, listed[0]?.at, listed.at(-1)?.at]).toEqual([RECEIPTS_LISTED_MAX, 6, 9_000])
  })
})

describe('P-6: a record of which there is no trace', () => {
  const places = ['here', 'hub', 'crm']

  test.each(places)('is not saved at %s, and the error names it', async (place) => {
    const { replica } = await open({ grant: {} })
    await replica.workOrders.create(order, { id: '1' })
    const refused = replica.workOrders.saved('2', place)
    await expect(refused).rejects.toThrow(RecordNotFound)
    await expect(refused).rejects.toThrow(
      'there is no work_orders/2 here, nor an edit of it set aside; check the id',
    )
  })

  test('a record whose creation failed is none', async () => {
    const { replica } = await open()
    const creating = replica.workOrders.create({ ...order, title: 7 } as never, { id: '1' })
    const saved = replica.workOrders.saved('1', 'here')
    await expect(creating).rejects.toThrow(RecordInvalid)
    await expect(saved).rejects.toThrow(RecordNotFound)
  })

  test('a deleted record is one, and so is one of which only what was set aside is left', async () => {
    const { replica: hub } = await openHub()
    const ana = await openEdge(1)
    await ana.workOrders.create(order, { id: '1' })
    await ana.workOrders.delete('1')
    await push(ana, hub)
    expect(await stateOf(ana.workOrders.saved('1', 'hub'))).toBe('saved')
    const ben = await openEdge(2, { write: [] })
    await ben.workOrders.create(order, { id: '2' })
    await push(ben, hub)
    for (const place of ['here', 'crm']) expect(await stateOf(ben.workOrders.saved('2', place))).toBe('saved')
  })

  test('where records were given up, an unknown one may be one of them and counts as saved', async () => {
    const { replica: hub } = await openHub()
    const ana = await openEdge(1)
    await ana.workOrders.create(order, { id: '1' })
    await push(ana, hub)
    await pull(hub, ana)
    await expect(ana.workOrders.saved('2', 'hub')).rejects.toThrow(RecordNotFound)
    await ana.setCredential(plainToken(ana.publicKey, { read: ['site:PDX'] }))
    expect(await ana.workOrders.get('1')).toBeUndefined()
    for (const id of ['1', '2']) expect(await stateOf(ana.workOrders.saved(id, 'hub'))).toBe('saved')
  })
})

describe('P-5: receipts', () => {
  const receipt: Receipt = {
    record: 'a/1',
    place: 'crm',
    outcome: 'saved',
    seqs: { ab: 3 },
    at: 7,
    reason: 'r',
    rule: 'x',
    fields: ['/a'],
    values: { '/a': { was: 1, became: null } },
  }

  test('come back as they were', () => {
    expect(decodeReceipt('a/1', encodeReceipt(receipt))).toEqual(receipt)
  })

  test('are cut where nobody would read on', () => {
    const long = decodeReceipt('a/1', encodeReceipt({ ...receipt, reason: 'x'.repeat(3000) }))
    expect(long.reason).toHaveLength(2000)
    const values = { '/a': { was: 'x'.repeat(70_000), became: null } }
    const heavy = decodeReceipt('a/1', encodeReceipt({ ...receipt, values }))
    expect(heavy).toEqual({ ...receipt, values: undefined })
    const fields = Array.from({ length: 20_000 }, (_, i) => `/f${i}`)
    expect(decodeReceipt('a/1', encodeReceipt({ ...receipt, values, fields }))).toEqual({
      ...receipt,
      values: undefined,
      fields: undefined,
    })
  })

  test('sort by time, and equal ones are one', async () => {
    expect(receiptKey(receipt, 'h') < receiptKey({ ...receipt, at: 1000 }, 'a')).toBe(true)
    const { replica: ana } = await open({ grant: {} })
    await ana.workOrders.create(order, { id: '1' })
    await answer(ana, 'crm', 'saved', { at: 2000 })
    await answer(ana, 'crm', 'saved', { at: 1000 })
    const { entries } = await ana.stats()
    await answer(ana, 'crm', 'saved', { at: 1000 })
    expect((await ana.workOrders.receipts('1')).map(({ at }) => at)).toEqual([1000, 2000])
    expect((await ana.stats()).entries).toBe(entries)
  })
  test('that one place gives in one millisecond come in the order in which they were given', async () => {
    const { replica: ana } = await open({ grant: {} })
    await ana.workOrders.create(order, { id: '1' })
    const outcomes = ['overruled', 'saved', 'refused', 'saved', 'overruled'] as const
    for (const [i, outcome] of outcomes.entries())
      await answer(ana, 'crm', outcome, { at: 1000, reason: `${i}` })
    await answer(ana, 'erp', 'saved', { at: 1000 })
    const { entries } = await ana.stats()
    await answer(ana, 'crm', 'saved', { at: 1000, reason: '3' })
    const receipts = await ana.workOrders.receipts('1')
    expect(receipts.filter(({ place }) => place === 'crm').map(({ outcome }) => outcome)).toEqual(outcomes)
    expect(receipts.find(({ place }) => place === 'erp')?.at).toBe(1000)
    expect((await ana.stats()).entries).toBe(entries)
  })
})
