/**
 * The power goes at every await of a walk, one run for each, with edits on both sides meanwhile; the next process goes on where it stopped. A failure is its number: `cut 57` (SPEC B-116, B-119).
 */
import { type Adapter, MemorySystem } from '@skerry/bridge'
import { MemoryDisk } from '@skerry/core'
import { startEngine } from '@skerry/node'
import { beforeAll, describe, expect, test } from 'vitest'
import { expectAuditTold } from '../../test/audit-oracle.ts'
import { bridged, openNode, type TestHost, type TestNode, testHost } from '../../test/nodes.ts'
import { Power } from '../../test/power.ts'

beforeAll(startEngine)

const PAGE_ROWS = 3
const ROWS = 12
const NOWHERE = new Power(0, () => undefined)

interface World {
  system: MemorySystem
  disk: MemoryDisk
}

/** Pages of three rows, and no news but by walks. */
function walked(adapter: Adapter): Adapter {
  return {
    ...adapter,
    list: (type, position, _, call) => adapter.list!(type, position, PAGE_ROWS, call),
    changes: async () => ({ kind: 'page', rows: [], next: '0/0', complete: true }),
  }
}

type Day = Awaited<ReturnType<typeof bridged>> & { node: TestNode }

async function live(
  { system, disk }: World,
  host: TestHost,
  power: Power,
  work: (day: Day) => Promise<void>,
  around: (adapter: Adapter) => Adapter = (adapter) => adapter,
): Promise<void> {
  const day = async () => {
    const node = await openNode({ disk, host, store: (of) => power.store(of) })
    const adapter = power.adapter(around(walked(system.adapter())))
    const opened = await bridged(node, system, { adapter, reconcileIntervalMs: 0 })
    await work({ node, ...opened })
    await opened.bridge.idle()
    await opened.bridge.close()
    await node.replica.close()
  }
  const lived = day().catch((error: unknown) => {
    if (!power.isOff) throw error
  })
  await Promise.race([lived, power.gone])
}

/** Twelve rows that are known, of which two change and one goes unseen, and one that is new; one record that must be written. */
async function changedWorld(seed: number): Promise<World> {
  const world = {
    system: new MemorySystem({ deletions: 'unseen', losesPush: () => true, everyWriteCounts: true }),
    disk: new MemoryDisk(),
  }
  const { system } = world
  for (let i = 0; i < ROWS; i++) system.edit('cases', {}, { Title: `row ${i}` })
  await live(world, testHost(seed), NOWHERE, async ({ bridge, node }) => {
    await node.replica.jobs.create({ title: 'ours' }, { id: 'ours' })
    await bridge.reconcile()
  })
  system.edit('cases', { id: 'CASES-2' }, { Title: 'changed 2' })
  system.edit('cases', { id: 'CASES-11' }, { Title: 'changed 11' })
  system.edit('cases', { id: 'CASES-5', deleted: true }, {})
  system.edit('cases', {}, { Title: 'new' })
  return world
}

const expected = [
  'changed 11',
  'changed 2',
  'new',
  'ours, later',
  ...[0, 2, 3, 5, 6, 7, 8, 9, 11].map((i) => `row ${i}`),
].sort()

async function judge({ system, disk }: World): Promise<void> {
  const replica = (await openNode({ disk, host: testHost(9_999) })).replica
  const titles = (await replica.jobs.all()).map(({ title }) => title).sort()
  await replica.close()
  expect(titles).toEqual(expected)
  const alive = system.rows('cases').filter(({ deleted }) => !deleted)
  expect(alive.map(({ value }) => value.Title).sort()).toEqual(expected)
  // One write for the record that was edited, and none that was not needed.
  expect(system.effects('cases')).toHaveLength(2)
}

async function walkWithCut(cutAt: number): Promise<{ points: number; world: World }> {
  const world = await changedWorld(cutAt + 1)
  const { disk } = world
  const host = testHost(cutAt + 1_000)
  const power = new Power(cutAt, () => {
    disk.crash()
    host.dead = true
  })
  const day = async ({ node, bridge }: Day) => {
    const one = await node.replica.jobs.get('ours')
    if (one?.title === 'ours')
      await node.replica.jobs.update('ours', (draft) => {
        draft.title = 'ours, later'
      })
    await bridge.reconcile()
  }
  await live(world, host, power, day)
  const last = async (one: Day) => {
    await day(one)
    await one.bridge.idle()
    await expectAuditTold(one.bridge, one.node.replica, world.system)
  }
  if (power.isOff || cutAt === 0) await live(world, testHost(cutAt + 2_000), NOWHERE, last)
  return { points: power.points, world }
}

describe('B-116 CDC-11: a walk that is cut off', () => {
  test('B-150 the power goes once, anywhere', async () => {
    const { points, world } = await walkWithCut(0)
    await judge(world)
    expect(points).toBeGreaterThan(30)
    for (let cutAt = 1; cutAt <= points; cutAt++)
      await walkWithCut(cutAt)
        .then(({ world: after }) => judge(after))
        .catch((cause: unknown) => {
          throw new Error(`cut ${cutAt}: ${String(cause)}`, { cause })
        })
  })

  test('a walk goes on behind its last whole page, and what was read is not read again', async () => {
    const world = await changedWorld(1)
    const { system, disk } = world
    const host = testHost(2)
    let pages = 0
    // The third page is asked for, and never comes.
    const power = new Power(0, () => undefined)
    const node = await openNode({ disk, host })
    const adapter = walked(system.adapter())
    const { bridge } = await bridged(node, system, {
      reconcileIntervalMs: 0,
      adapter: {
        ...adapter,
        list: async (...given) =>
          ++pages > 3 ? new Promise<never>(() => undefined) : adapter.list!(...given),
      },
    })
    void bridge.reconcile().catch(() => undefined)
    const listed = () => node.replica.tableRows('bridge/memory/listed', { limit: 10 })
    while ((await listed()).length < 3) await new Promise((resolve) => setImmediate(resolve))
    disk.crash()
    host.dead = true
    const before = system.ledger.length
    await live(world, testHost(3), power, async ({ bridge: next }) => {
      await next.idle()
      expect((await next.reports())[0]).toMatchObject({
        listed: ROWS + 1,
        rows: { taken: 2, made: 1 },
        absent: { deleted: 1 },
      })
      expect(await next.reports()).toHaveLength(1)
    })
    const later = system.ledger.slice(before).map(({ method }) => method)
    expect(later.filter((method) => method === 'list')).toHaveLength(Math.ceil((ROWS + 2) / PAGE_ROWS) - 3)
    // One that differs on the pages that were left, the new one, and the missing one.
    expect(later.filter((method) => method === 'read')).toHaveLength(3)
  })

  test('a listing whose position expires in the middle begins anew, and proves nothing with what it had', async () => {
    const world = await changedWorld(1)
    const { system } = world
    let pages = 0
    const expiring = (adapter: Adapter): Adapter => ({
      ...adapter,
      list: async (...given) => {
        if (++pages === 3) system.expirePositions()
        return adapter.list!(...given)
      },
    })
    await live(
      world,
      testHost(5),
      NOWHERE,
      async ({ bridge }) => {
        const [report] = await bridge.reconcile()
        expect(report).toMatchObject({ rows: { taken: 2, made: 1 }, absent: { found: 1, deleted: 1 } })
        expect(pages).toBe(3 + Math.ceil((ROWS + 2) / PAGE_ROWS))
      },
      expiring,
    )
    const replica = (await openNode({ disk: world.disk, host: testHost(6) })).replica
    expect((await replica.jobs.all()).map(({ title }) => title).sort()).toEqual(
      expected.map((title) => (title === 'ours, later' ? 'ours' : title)).sort(),
    )
  })
})
