/** Positions in other replicas' logs, and whose word they are. */
import { beforeAll, expect, test } from 'vitest'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { memoryStore } from '../store/memory.ts'
import { emptyBatch } from '../store/port.ts'
import { readCursor } from './cursors.ts'
import { deliveryOf, openEdge, openHub, order, peerOf, push } from './orders.test-support.ts'
import { startEngine } from './replica.test-support.ts'

beforeAll(startEngine)

test('fault A8: a device that names the log and run of another one moves no position of that one', async () => {
  const { replica: hub } = await openHub()
  const ana = await openEdge(1)
  const thief = await openEdge(2, { subject: 'tech:eve' })
  await ana.workOrders.create(order, { id: '1' })
  await push(ana, hub)
  await ana.workOrders.create(order, { id: '2' })
  const stolen = { ...peerOf(thief), log: ana.session.log, runs: ana.session.runs }
  const want = await hub.session.want(stolen)
  expect(want).toEqual({ kind: 'log', cursor: undefined })
  await hub.session.deliver({ ...deliveryOf(ana, [], want), peer: stolen })
  // What is asked of the true one is at worst told again, never passed over.
  expect(await push(ana, hub)).toEqual([])
  expect((await hub.workOrders.all()).map(({ id }) => id).sort()).toEqual(['1', '2'])
  expect(await hub.session.want(peerOf(ana))).toMatchObject({ kind: 'log', cursor: { seq: ana.head } })
  expect(await hub.session.want(stolen)).toEqual({ kind: 'log', cursor: undefined })
})

test('a position of an earlier version, which does not say whose word it is, counts', async () => {
  const store = memoryStore()
  await store.open('ab'.repeat(16))
  const value = encodeUtf8(JSON.stringify({ run: 'r', seq: 7 }))
  await store.commit({ ...emptyBatch, tables: [{ table: 'cursors', key: 'l/*', value }] })
  expect(await readCursor(store, { log: 'l', node: 'n' })).toEqual({ log: 'l', run: 'r', seq: 7 })
})
