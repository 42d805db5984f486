/**
 * Two adapter nodes of one system, each with its own shadow, hear of one row and of the same edits in any order: they decide alike, and in the same bytes (SPEC B-32, B-90). Nothing is
 * written to the system here: what it would be is each node's own call, and compare-and-set sees to it.
 */
import { type ConflictRule, type MappingConfig, MemorySystem } from '@skerry/bridge'
import type { JsonObject } from '@skerry/core'
import { startEngine } from '@skerry/node'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { aroundCalls } from '../test/around-calls.ts'
import { Space, type SpaceNode } from '../test/space.ts'

beforeAll(startEngine)

const CASES = 20
/** Milliseconds: each case opens four replicas, and other tests run beside. */
const CASES_MS_MAX = 120_000

const rules: Record<string, [field: string, rule: ConflictRule]> = {
  title: ['Title', 'last-writer'],
  site: ['Site', 'this-side'],
  status: ['Status', 'that-side'],
  price: ['Price', 'sum'],
  stock: ['Stock', 'larger'],
  tags: ['Tags', 'union'],
  notes: ['Notes', 'merge'],
  inside: ['Inside', ({ ours, theirs }) => [ours, theirs].map(String).sort().join('+')],
  urgent: ['Urgent', 'review'],
}
const mapping: MappingConfig = {
  collection: 'jobs',
  type: 'cases',
  fields: Object.fromEntries(Object.entries(rules).map(([name, [field, rule]]) => [name, { field, rule }])),
}

const values = fc.record(
  {
    title: fc.constantFrom('a', 'b', 'c'),
    site: fc.constantFrom('PDX', 'SEA'),
    status: fc.constantFrom('open', 'en_route', 'done'),
    price: fc.constantFrom('1.00', '2.5', '-3'),
    stock: fc.nat(5),
    tags: fc.uniqueArray(fc.constantFrom('x', 'y', 'z')),
    notes: fc.constantFrom('abc', 'abc d', 'e abc'),
    inside: fc.constantFrom('i', 'j'),
    urgent: fc.boolean(),
  },
  { requiredKeys: [] },
)
type Values = JsonObject

const byExternal = (fields: Values): JsonObject =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [rules[name]![0], value]))

interface Case {
  ours: Values
  theirs: Values
  later: Values
  secondsApart: number
}

const cases = fc
  .record({ ours: values, theirs: values, later: values, secondsApart: fc.integer({ min: -60, max: 60 }) })
  .map((one) => one as Case)

/** The system answers reads and listings, and turns every write away. */
async function node(space: Space, hub: SpaceNode, system: MemorySystem, name: string) {
  const one = await space.edge(name, hub, ['crm'])
  let isOpen = true
  const adapter = aroundCalls(system.adapter(), async (call, method) =>
    method === 'upsert' && !isOpen ? { kind: 'later', reason: 'closed', retryAfterMs: 3_600_000 } : call(),
  )
  const { listen: _, ...polled } = adapter
  const { bridge } = await space.bridge(one, 'crm', { ...system, adapter: () => polled } as never, mapping)
  return { ...one, bridge, close: () => (isOpen = false) }
}

/** Both nodes agree on a record; then it is edited on a device, and the row in the office. */
async function met({ ours, theirs, secondsApart }: Case) {
  const space = new Space(7)
  const hub = await space.hub()
  const clock = { now: 1_700_000_000_000 }
  const system = new MemorySystem({ name: 'crm', now: () => clock.now })
  const nodes = [await node(space, hub, system, 'one'), await node(space, hub, system, 'two')] as const
  const edge = await space.edge('tech:ana', hub)
  const { id } = await edge.replica.jobs.create({
    title: 'a',
    notes: 'abc',
    price: '10.00',
    stock: 2,
    tags: ['x'],
  })
  for (const { bridge } of nodes) {
    await space.settle()
    await bridge.pollNow()
    await bridge.idle()
  }
  await space.settle()
  const [row, ...others] = system.rows('cases')
  expect(others).toEqual([])
  for (const one of nodes) one.close()
  edge.host.clock += secondsApart * 1000
  for (const { host } of nodes) host.clock = edge.host.clock + 60_000
  await edge.replica.jobs.update(id, (draft) => void Object.assign(draft, ours))
  await space.settle()
  clock.now += 5_000
  const office = (fields: Values) => system.edit('cases', { id: row!.id }, byExternal(fields))
  office(theirs)
  const replicas = [...nodes, hub, edge].map(({ replica }) => replica)
  const close = async () => {
    for (const { bridge } of nodes) await bridge.close()
    space.bridges.length = 0
    await space.close()
  }
  return { space, nodes, office, replicas, id, close }
}

/** A node hears of the row, or everything goes everywhere. */
type Turn = 0 | 1 | 'sync'

async function play(one: Case, turns: readonly Turn[]) {
  const { space, nodes, office, replicas, id, close } = await met(one)
  const take = async () => {
    for (const turn of turns)
      if (turn === 'sync') await space.settle()
      else await nodes[turn].bridge.pollNow()
  }
  await take()
  await space.settle()
  office(one.later)
  await take()
  await space.settle()
  const seen = await Promise.all(replicas.map((replica) => replica.jobs.get(id)))
  const reviews = await Promise.all(nodes.map(({ bridge }) => bridge.reviews()))
  await close()
  const said = reviews.map((list) =>
    list.map(({ field, ours, theirs, agreed }) => ({ field, ours, theirs, agreed })),
  )
  return { seen, said }
}

test('CON-10: two adapter nodes come to the same, whoever hears first, and whether it has heard of the other’s decision', {
  timeout: CASES_MS_MAX,
}, async () => {
  const turns = fc.constantFrom<readonly Turn[]>(
    [0, 1],
    [1, 0],
    [0, 'sync', 1],
    [1, 'sync', 0],
    [0, 0, 'sync', 1, 0],
  )
  await fc.assert(
    fc.asyncProperty(cases, turns, turns, async (one, first, second) => {
      const [a, b] = [await play(one, first), await play(one, second)]
      // All four replicas of one run, and those of the other.
      for (const value of [...a.seen, ...b.seen]) expect(value).toEqual(a.seen[0])
      for (const said of [...a.said, ...b.said]) expect(said).toEqual(a.said[0])
    }),
    { seed: 90, numRuns: CASES },
  )
})

test('B-32 B-90 the same row and the same record are decided in the same bytes', {
  timeout: CASES_MS_MAX,
}, async () => {
  await fc.assert(
    fc.asyncProperty(cases, async (one) => {
      const { nodes, id, close } = await met(one)
      const made = []
      for (const { bridge, replica } of nodes) {
        await bridge.pollNow()
        const history = await replica.jobs.history(id)
        made.push(history.filter(({ actor }) => actor.startsWith('02')).map(({ hash }) => hash))
      }
      expect(made[1]).toEqual(made[0])
      await close()
    }),
    { seed: 91, numRuns: CASES },
  )
})
