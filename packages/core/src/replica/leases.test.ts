/** Two adapter nodes for one system: which of them acts, and what the hub does with what the other one goes on writing. */
import { beforeAll, describe, expect, test } from 'vitest'
import { addReceipt, importRow } from './import-row.ts'
import { type LeaseAnswer, TooManyLeases } from './leases.ts'
import { LEASE_MS_MAX, LEASES_MAX } from './limits.ts'
import { type Opened, type Orders, open, openHub, order, push, tell } from './orders.test-support.ts'
import { startEngine } from './replica.test-support.ts'

beforeAll(startEngine)

const adapter = { subject: 'adapter:crm', systems: ['crm'], read: ['*'], write: ['*'] }

interface World {
  hub: Opened
  ann: Orders
  ben: Orders
}

async function world(): Promise<World> {
  const hub = await openHub()
  const { replica: ann } = await open({ seed: 1, grant: { ...adapter, subject: 'ann' } })
  const { replica: ben } = await open({ seed: 2, grant: { ...adapter, subject: 'ben' } })
  return { hub, ann, ben }
}

function acquire({ replica: hub }: Opened, node: Orders, ms = 8_000): Promise<LeaseAnswer> {
  const { credential, runs } = node.session
  const run = runs.at(-1)!.run
  return hub.acquireLease({ system: 'crm', credential: credential!, run, head: node.head, ms })
}

const importing = (node: Orders, id: string, version = '1') =>
  node.transact((tx) =>
    importRow(tx, `work_orders/${id}`, {
      system: 'crm',
      externalId: id,
      externalVersion: version,
      fork: undefined,
      value: order,
    }),
  )

const codes = async (node: Orders, { replica: hub }: Opened) =>
  (await push(node, hub)).map(({ code }) => code)

describe('LE-1: a system is lent to one node at a time', () => {
  test('the second waits until the time is up, and the epoch grows only then', async () => {
    const { hub, ann, ben } = await world()
    expect(await acquire(hub, ann)).toMatchObject({ kind: 'held', lease: { epoch: 1, subject: 'ann' } })
    hub.host.clock += 5_000
    expect(await acquire(hub, ben)).toMatchObject({ kind: 'other', lease: { epoch: 1, subject: 'ann' } })
    expect(await acquire(hub, ann)).toMatchObject({ kind: 'held', lease: { epoch: 1 } })
    hub.host.clock += 7_999
    expect(await acquire(hub, ben)).toMatchObject({ kind: 'other' })
    hub.host.clock += 1
    expect(await acquire(hub, ben)).toMatchObject({ kind: 'held', lease: { epoch: 2, subject: 'ben' } })
    expect(await acquire(hub, ann)).toMatchObject({ kind: 'other', lease: { subject: 'ben' } })
  })

  test('whoever gives it back need not be waited for, and comes back in the same epoch if nobody else came', async () => {
    const { hub, ann, ben } = await world()
    await acquire(hub, ann)
    expect(await hub.replica.releaseLease('crm', ben.publicKey)).toBe(false)
    expect(await hub.replica.releaseLease('crm', ann.publicKey)).toBe(true)
    expect(await acquire(hub, ann)).toMatchObject({ kind: 'held', lease: { epoch: 1 } })
    await hub.replica.releaseLease('crm', ann.publicKey)
    expect(await acquire(hub, ben)).toMatchObject({ kind: 'held', lease: { epoch: 2 } })
  })

  test('outlasts a restart of the hub', async () => {
    const { hub, ann, ben } = await world()
    await acquire(hub, ann)
    await hub.replica.close()
    const again = await openHub({ disk: hub.disk, seed: 98 })
    again.host.clock = hub.host.clock + 7_000
    expect(await acquire(again, ben)).toMatchObject({ kind: 'other', lease: { subject: 'ann' } })
    expect(again.replica.leases()).toMatchObject([{ system: 'crm', subject: 'ann', epoch: 1 }])
  })

  test('a clock that is set back keeps nobody waiting for longer than anything is lent', async () => {
    const { hub, ann, ben } = await world()
    await acquire(hub, ann, LEASE_MS_MAX)
    hub.host.clock -= 1
    expect(await acquire(hub, ben)).toMatchObject({ kind: 'held', lease: { epoch: 2 } })
  })

  test('has its limits', async () => {
    const { hub, ann } = await world()
    for (const ms of [0, -1, LEASE_MS_MAX + 1, Number.NaN])
      await expect(acquire(hub, ann, ms)).rejects.toThrow(RangeError)
    const { credential, runs } = ann.session
    const lend = (system: string) =>
      hub.replica.acquireLease({ system, credential: credential!, run: runs.at(-1)!.run, head: 0, ms: 1 })
    await Promise.all(Array.from({ length: LEASES_MAX }, (_, i) => lend(`system ${i}`)))
    await expect(lend('one more')).rejects.toThrow(TooManyLeases)
    expect(await lend('system 0')).toMatchObject({ kind: 'held' })
  })
})

describe('LE-2: what is written without the lease', () => {
  test('an import of the node that lost it is refused, one of the node that has it is not', async () => {
    const { hub, ann, ben } = await world()
    await acquire(hub, ann)
    await importing(ann, '1')
    expect(await codes(ann, hub)).toEqual([])
    hub.host.clock += 8_000
    await acquire(hub, ben)
    await importing(ann, '2')
    await importing(ben, '3')
    expect(await codes(ann, hub)).toEqual(['lease-lost'])
    expect(await codes(ben, hub)).toEqual([])
    expect((await hub.replica.workOrders.all()).map(({ id }) => id)).toEqual(['1', '3'])
    // Nothing of it is left at the node either, and it is told why.
    expect(await ann.aside()).toMatchObject([{ record: 'work_orders/2', code: 'lease-lost' }])
  })

  test('so is a receipt, of that system alone', async () => {
    const { hub, ben } = await world()
    const { replica: ann } = await open({ seed: 1, grant: { ...adapter, systems: ['crm', 'erp'] } })
    await hub.replica.workOrders.create(order, { id: '1' })
    await acquire(hub, ben)
    await tell(hub.replica, ann)
    for (const place of ['crm', 'erp']) {
      await ann.transact(async (tx) => {
        await addReceipt(tx, { record: 'work_orders/1', place, outcome: 'saved', seqs: {}, at: 1_000 })
      })
    }
    expect(await codes(ann, hub)).toEqual(['lease-lost'])
    expect((await hub.replica.workOrders.receipts('1')).map(({ place }) => place)).toEqual(['erp'])
  })

  test('where nothing was ever lent, a credential is enough', async () => {
    const { hub, ann, ben } = await world()
    await importing(ann, '1')
    await importing(ben, '2')
    expect([...(await codes(ann, hub)), ...(await codes(ben, hub))]).toEqual([])
  })

  test('what is known already is not refused to whoever tells it again', async () => {
    const { hub, ann, ben } = await world()
    await importing(ann, '1')
    await importing(ben, '1')
    expect(await codes(ann, hub)).toEqual([])
    await acquire(hub, ann)
    expect(await codes(ben, hub)).toEqual([])
  })
})

test('LE-3: what a node wrote before it was lent the system again is of an older epoch', async () => {
  const { hub, ann, ben } = await world()
  await acquire(hub, ann)
  await importing(ann, '1')
  // It is cut off, another one takes over, and it is back later.
  hub.host.clock += 8_000
  await acquire(hub, ben)
  hub.host.clock += 8_000
  expect(await acquire(hub, ann)).toMatchObject({ kind: 'held', lease: { epoch: 3 } })
  await importing(ann, '2')
  expect(await codes(ann, hub)).toEqual(['lease-lost'])
  expect((await hub.replica.workOrders.all()).map(({ id }) => id)).toEqual(['2'])
})
