/** Reconciliation beside compaction and tombstones: Q9 of reconcile/SPEC.md with snapshots, and records that have gone. */
import { beforeAll, expect, test } from 'vitest'
import { meet } from '../session/pair.test-support.ts'
import { MemoryDisk } from '../store/memory-disk.ts'
import { compacting } from './compact.test-support.ts'
import { type Orders, openEdge, openHub, order } from './orders.test-support.ts'
import { startEngine } from './replica.test-support.ts'

beforeAll(startEngine)

const options = { collection: compacting({ entriesMax: 2 }) }
const RECORDS = 40

async function syncAndPart(hub: Orders, edge: Orders) {
  const met = await meet({ hub: hub.session, edge: edge.session })
  expect([met.acceptor.current, met.initiator.current]).toEqual([true, true])
  const { peer, counters } = met.initiator
  met.link.cut()
  return {
    peer: peer!,
    entriesIn: counters.entriesIn,
    compares: met.sent.filter(({ name }) => name === 'compare').length,
  }
}

/** The edge's cursor is lost: the next session compares. */
async function loseCursor(hub: Orders, edge: Orders) {
  const { peer } = await syncAndPart(hub, edge)
  await edge.session.met({ ...peer, runs: hub.session.runs }, ['site:SEA'])
}

const retitle = (replica: Orders, id: string, title: string) =>
  replica.workOrders.update(id, (o) => {
    o.title = title
  })

async function compact(replica: Orders): Promise<void> {
  while (!(await replica.upkeep({ recordsMax: 1_000 })).done);
}

async function world() {
  const { replica: hub, host } = await openHub({ disk: new MemoryDisk(), ...options })
  const edge = await openEdge(1, {}, options)
  for (let i = 0; i < RECORDS; i++) {
    await hub.workOrders.create(order, { id: `${i}` })
    for (const title of ['a', 'b']) await retitle(hub, `${i}`, title)
  }
  await syncAndPart(hub, edge)
  return { hub, edge, host }
}

test('records compacted on one side only are equal, and nothing of them crosses', async () => {
  const { hub, edge } = await world()
  await loseCursor(hub, edge)
  await compact(hub)
  const met = await syncAndPart(hub, edge)
  expect([met.compares, met.entriesIn]).toEqual([1, 0])
})

test('of a record that differs a snapshot crosses only when the asker lacks something in it', async () => {
  const { hub, edge } = await world()
  await loseCursor(hub, edge)
  await compact(hub)
  await retitle(hub, '3', 'later')
  await retitle(edge, '4', 'of the edge')
  const met = await syncAndPart(hub, edge)
  expect(met.compares).toBeGreaterThan(0)
  // The edge has all that is in the snapshot of 3: what came after it is enough. Of 4 it lacks nothing.
  expect(met.entriesIn).toBe(1)
  expect(await edge.workOrders.get('3')).toMatchObject({ title: 'later' })
  expect(await hub.workOrders.get('4')).toMatchObject({ title: 'of the edge' })

  await loseCursor(hub, edge)
  for (const title of ['x', 'y', 'z']) await retitle(hub, '5', title)
  await compact(hub)
  const next = await syncAndPart(hub, edge)
  expect(next.entriesIn).toBe(1)
  expect(await edge.workOrders.get('5')).toEqual(await hub.workOrders.get('5'))
})

test('a record that has gone at the hub meanwhile goes at the asker too, which hears of the tombstone', async () => {
  const { hub, edge, host } = await world()
  await loseCursor(hub, edge)
  await hub.workOrders.delete('7')
  await compact(hub)
  host.clock += 91 * 86_400_000
  await compact(hub)
  expect((await hub.entriesOf('work_orders/7')).map(({ kind }) => kind)).toEqual(['tombstone'])
  const met = await syncAndPart(hub, edge)
  expect(met.compares).toBeGreaterThan(0)
  expect(met.entriesIn).toBe(1)
  expect((await edge.entriesOf('work_orders/7')).map(({ kind }) => kind)).toEqual(['tombstone'])
  expect(await edge.workOrders.get('7')).toBeUndefined()
  // Both count the same now.
  await loseCursor(hub, edge)
  expect((await syncAndPart(hub, edge)).entriesIn).toBe(0)
})
