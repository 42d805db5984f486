/**
 * A day at a node whose power goes at every await there is, one run for each: the bridge, the replica and the store are abandoned in the middle, a new process opens
 * the same disk, and the day goes on. A failure is its numbers: `cut 57` of a kind of system.
 */

import { type Adapter, type Bridge, importedId, MemorySystem, type MemorySystemOptions } from '@skerry/bridge'
import { type Json, MemoryDisk } from '@skerry/core'
import { startEngine } from '@skerry/node'
import { beforeAll, describe, expect, test } from 'vitest'
import { aroundCalls, type Method } from '../test/around-calls.ts'
import { expectAuditTold } from '../test/audit-oracle.ts'
import { HeldAdapter } from '../test/held.ts'
import { bridged, openNode, seeded, type TestNode, testHost } from '../test/nodes.ts'
import { Power } from '../test/power.ts'

beforeAll(startEngine)

interface Day {
  node: TestNode
  bridge: Bridge
  system: MemorySystem
}

const ours = 'job-1'
const doomed = 'job-2'
const fromOffice = (day: Day) => importedId(day.node.host, 'memory', 'cases', 'CASES-1', 0)

async function write({ node }: Day, id: string, fields: Record<string, Json>): Promise<void> {
  const { jobs } = node.replica
  if (await jobs.get(id)) await jobs.update(id, (draft) => void Object.assign(draft, fields))
  else await jobs.create({ title: '?', ...fields } as never, { id })
}

/** The row of one of our records, once it is there. */
async function rowOf(day: Day, id: string): Promise<string> {
  await day.bridge.idle()
  return day.system.rows('cases').find(({ externalId }) => externalId === `skerry:${id}`)!.id
}

/** Each step may be begun again: what it did already does nothing the second time. */
const steps: ((day: Day) => Promise<unknown>)[] = [
  // Two at once: where the system takes batches, they go together.
  (day) =>
    Promise.all([write(day, ours, { title: 'ours', notes: 'abc' }), write(day, doomed, { title: 'doomed' })]),
  async ({ system }) =>
    system.row('cases', 'CASES-1') ?? system.edit('cases', {}, { Title: 'theirs', Notes: 'xyz' }),
  ({ bridge }) => bridge.pollNow(),
  ({ bridge }) => bridge.idle(),
  (day) => write(day, fromOffice(day), { status: 'done', notes: 'xyz, checked' }),
  async (day) => day.system.edit('cases', { id: await rowOf(day, ours) }, { Site: 'SEA' }),
  (day) => write(day, ours, { status: 'open' }),
  async ({ system }) => system.edit('cases', { id: 'CASES-1' }, { Title: 'theirs, later' }),
  (day) => write(day, ours, { notes: 'abcd' }),
  ({ bridge }) => bridge.pollNow(),
  ({ bridge }) => bridge.idle(),
  async ({ node, bridge }) => {
    if (await node.replica.jobs.get(doomed)) await node.replica.jobs.delete(doomed)
    await bridge.idle()
  },
]

interface World {
  system: MemorySystem
  disk: MemoryDisk
  adapter?: (adapter: Adapter) => Adapter
}

/** Lives the day from `step` on until its end, or until the power goes. @returns the step reached */
async function live(
  { system, disk, adapter }: World,
  from: number,
  cutAt: number,
  seed: number,
): Promise<{ step: number; points: number; node?: TestNode }> {
  const host = testHost(seed)
  const power = new Power(cutAt, () => {
    disk.crash()
    host.dead = true
  })
  let step = from
  const day = async () => {
    const node = await openNode({ disk, host, store: (of) => power.store(of) })
    const wrapped = power.adapter(adapter?.(system.adapter()) ?? system.adapter())
    const { bridge } = await bridged(node, system, { adapter: wrapped })
    for (; step < steps.length; step++) await steps[step]!({ node, bridge, system })
    await bridge.pollNow()
    await bridge.idle()
    // The power stays on while it is looked at.
    if (!power.isOff) await expectAuditTold(bridge, node.replica, system)
    await bridge.close()
    return node
  }
  const lived = day().catch((error: unknown) => {
    // Without power nothing can be read either; what fails then is not heard of.
    if (!power.isOff) throw error
  })
  const node = await Promise.race([lived, power.gone])
  return { step, points: power.points, ...(node && { node }) }
}

async function liveThrough(world: World, cuts: readonly number[]): Promise<number> {
  let step = 0
  for (const [i, cutAt] of [...cuts, 0].entries()) {
    const lived = await live(world, step, cutAt, i + 1)
    step = lived.step
    if (!lived.node) continue
    await judge(world, lived.node)
    return lived.points
  }
  throw new Error('the day did not end although the power stayed on')
}

/** What must be so however the day went. */
async function judge({ system }: World, { replica }: TestNode): Promise<void> {
  const records = await replica.jobs.all()
  const rows = system.rows('cases')
  const alive = rows.filter(({ deleted }) => !deleted)
  // Nothing lost, nothing twice.
  expect(records.map(({ id: _, ...value }) => value).sort((a, b) => (a.title < b.title ? -1 : 1))).toEqual([
    { title: 'ours', status: 'open', site: 'SEA', notes: 'abcd' },
    { title: 'theirs, later', status: 'done', notes: 'xyz, checked' },
  ])
  // Both sides equal.
  expect(
    alive.map(({ value }) => value).sort((a, b) => (String(a.Title) < String(b.Title) ? -1 : 1)),
  ).toEqual([
    { Title: 'ours', Status: 'open', Site: 'SEA', Notes: 'abcd' },
    { Title: 'theirs, later', Status: 'done', Notes: 'xyz, checked' },
  ])
  expect(rows.length - alive.length).toBeLessThanOrEqual(1)
  // One business effect for each edit.
  const written = system
    .effects('cases')
    .flatMap(({ externalId, fields, method }) =>
      method === 'delete' ? ['delete'] : fields.map((field) => `${externalId ?? 'office'} ${field}`),
    )
  const edits = [
    'skerry:job-1 Title',
    'skerry:job-1 Notes',
    'skerry:job-1 Notes',
    'skerry:job-1 Status',
    'skerry:job-2 Title',
    'delete',
  ]
  for (const effect of new Set(written)) {
    const times = written.filter((other) => other === effect).length
    const allowed = edits.filter((other) => other === effect).length || 1
    expect([effect, times <= allowed]).toEqual([effect, true])
  }
}

type Kind = Pick<MemorySystemOptions, 'compareAndSet' | 'batch'>

function worldOf(kind: Kind): World {
  return { system: new MemorySystem({ ...kind, everyWriteCounts: true }), disk: new MemoryDisk() }
}

const batch = { writesMax: 10, readsMax: 10 }
const kinds: Kind[] = [
  { compareAndSet: true },
  { compareAndSet: false },
  { compareAndSet: true, batch },
  { compareAndSet: false, batch },
]

describe.each(kinds)('a system with compareAndSet=$compareAndSet, batches of $batch.writesMax', (kind) => {
  test('EVT-1 RES-6 B-06 to B-12, B-21 to B-26, B-55, B-150: the power goes once, anywhere', async () => {
    const world = worldOf(kind)
    const points = await liveThrough(world, [])
    expect(points).toBeGreaterThan(40)
    expect(world.system.requests.some(({ method }) => method === 'writeMany')).toBe(kind.batch !== undefined)
    for (let cut = 1; cut <= points; cut++) await liveThrough(worldOf(kind), [cut]).catch(named(`cut ${cut}`))
  })

  test('the power goes three times', async () => {
    const random = seeded(7)
    for (let round = 0; round < 30; round++) {
      const cuts = [60, 40, 40].map((most) => 1 + Math.floor(random() * most))
      await liveThrough(worldOf(kind), cuts).catch(named(`cuts ${cuts.join(', ')}`))
    }
  })

  test('B-11 B-12 each answer is lost once, before or after the call was carried out', async () => {
    for (let lost = 1; lost <= 8; lost++)
      for (const carriedOut of [true, false]) {
        const world = worldOf(kind)
        let calls = 0
        await liveThrough(
          { ...world, adapter: (adapter) => losing(adapter, () => ++calls === lost, carriedOut) },
          [],
        ).catch(named(`answer ${lost}, carried out: ${carriedOut}`))
      }
  })
})

test('B-25 a row seen while a call was under way is read, also when the power goes just before', async () => {
  const disk = new MemoryDisk()
  const system = new MemorySystem()
  const held = new HeldAdapter(system.adapter())
  const node = await openNode({ disk })
  const { bridge } = await bridged(node, system, { adapter: held.adapter })
  const { jobs } = node.replica
  const { id } = await jobs.create({ title: 'a' })
  await bridge.idle()
  const call = held.hold('upsert', 'answer')
  const read = held.hold('read', 'request')
  await jobs.update(id, (draft) => void Object.assign(draft, { status: 'done' }))
  await call.arrived
  system.edit('cases', { id: system.rows('cases')[0]!.id }, { Site: 'SEA' })
  await bridge.pollNow()
  call.release()
  await read.arrived
  node.host.dead = true
  disk.crash()
  const after = await openNode({ disk, seed: 2 })
  const again = await bridged(after, system)
  await again.bridge.idle()
  expect(await after.replica.jobs.get(id)).toMatchObject({ status: 'done', site: 'SEA' })
  await again.bridge.close()
})

function losing(adapter: Adapter, strikes: () => boolean, carriedOut: boolean): Adapter {
  const writes: readonly Method[] = ['upsert', 'delete', 'writeMany']
  return aroundCalls(adapter, async (call, method) => {
    const lost = writes.includes(method) && strikes()
    const answer = lost && !carriedOut ? undefined : await call()
    return lost || !answer ? { kind: 'unknown', reason: 'the connection broke' } : answer
  })
}

function named(what: string): (error: unknown) => never {
  return (error) => {
    throw new Error(`${what}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}
