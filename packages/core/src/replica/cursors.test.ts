/** Positions in other replicas' logs, and whose word they are. */
import { beforeAll, expect, test } from 'vitest'
import { encodeUtf8 } from '../bytes/utf8.ts'
import type { Peer } from '../session/port.ts'
import { memoryStore } from '../store/memory.ts'
import { emptyBatch } from '../store/port.ts'
import { readCursor } from './cursors.ts'
import { Mesh } from './mesh.test-support.ts'
import {
  deliveryOf,
  draft,
  openEdge,
  openHub,
  order,
  Pen,
  peerOf,
  push,
  putting,
} from './orders.test-support.ts'
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

test('fault A8: a device that lists the runs of another one keeps nothing that it writes from that one', async () => {
  const mesh = new Mesh()
  const hub = await mesh.hub()
  const ana = await mesh.edge('ana')
  const thief = await Pen.make(7, { subject: 'tech:eve' }, mesh.world.host())
  await ana.workOrders.create(order, { id: '1' })
  await mesh.meet(hub, ana)
  await hub.session.remember(thief.peer.credential)
  const written = draft(5)
  const tell = async (peer: Peer, seq: number, change: Uint8Array) =>
    hub.session.deliver({
      peer,
      items: [{ kind: 'entry', seq, bytes: await thief.changes('work_orders/2', [change]) }],
      position: undefined,
      current: true,
      want: { kind: 'nothing' },
    })
  expect(await tell(thief.peer, 1, putting(written, order))).toEqual([])
  await mesh.settle()
  // It says that its log has the runs of Ana's, and tells what it wrote as of them. An edit: what enters a channel is told whole, whoever had it.
  const stolen = { ...thief.peer, runs: ana.session.runs }
  expect(await tell(stolen, 2, putting(written, { title: 'of Eve' }))).toEqual([])
  await mesh.settle()
  expect((await ana.workOrders.all()).map(({ id, title }) => [id, title]).sort()).toEqual([
    ['1', order.title],
    ['2', 'of Eve'],
  ])
})

test('a position of an earlier version, which does not say whose word it is, counts', async () => {
  const store = memoryStore()
  await store.open('ab'.repeat(16))
  const value = encodeUtf8(JSON.stringify({ run: 'r', seq: 7 }))
  await store.commit({ ...emptyBatch, tables: [{ table: 'cursors', key: 'l/*', value }] })
  expect(await readCursor(store, { log: 'l', node: 'n' })).toEqual({ log: 'l', run: 'r', seq: 7 })
})
