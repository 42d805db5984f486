/** What may happen while a call or a listing is under way, one at a time and on purpose. */

import {
  type Failure,
  importedId,
  type MappingConfig,
  MemorySystem,
  type MemorySystemOptions,
} from '@skerry/bridge'
import type { JsonObject } from '@skerry/core'
import { startEngine } from '@skerry/node'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { HeldAdapter } from '../test/held.ts'
import { bridged, jobMapping, openNode, type TestNode } from '../test/nodes.ts'
import { Shared } from './bridge-life.ts'
import { Budget } from './budget/budget.ts'
import { Gate } from './gate.ts'
import { Hints } from './hints.ts'
import { makeMappings } from './mapping.ts'
import type { OutboxItem } from './outbox.ts'
import { OutboxIndex } from './outbox-index.ts'

beforeAll(startEngine)

const lost: Failure = { kind: 'unknown', reason: 'the connection broke' }

const batch = { writesMax: 10, readsMax: 10 }
/** The record that is edited whenever the other is, where the system takes batches: each call then carries two writes. */
const companion = 'companion'

/** A record and a row that agree on the notes "abc". */
async function agreed(options: MemorySystemOptions = {}, mapping: Partial<MappingConfig> = {}) {
  const node = await openNode()
  const system = new MemorySystem({ everyWriteCounts: true, ...options })
  const held = new HeldAdapter(system.adapter())
  const { bridge, events } = await bridged(node, system, {
    adapter: held.adapter,
    mappings: [{ ...jobMapping, ...mapping }],
  })
  const { jobs } = node.replica
  const { id } = await jobs.create({ title: 'a', notes: 'abc', status: 'open', hours: 3 })
  if (options.batch) await jobs.create({ title: companion }, { id: companion })
  await bridge.idle()
  await bridge.pollNow()
  const isOurs = ({ externalId }: { externalId?: string | undefined }) => externalId === `skerry:${id}`
  const row = () => system.rows('cases').find(isOurs)!
  const effects = () => system.effects('cases').filter(isOurs).length
  const editOne = (which: string, fields: object) =>
    jobs.update(which, (draft) => void Object.assign(draft, fields))
  let edits = 0
  const edit = async (fields: object) => {
    const both = [editOne(id, fields)]
    if (options.batch) both.push(editOne(companion, { site: `site ${++edits}` }))
    await Promise.all(both)
  }
  const record = () => jobs.get(id)
  return { node, system, held, bridge, events, id, row, effects, edit, record }
}

/** The hints of a bridge, and nothing else of it. */
function hintsAlone(node: TestNode, system: MemorySystem) {
  const { host, replica } = node
  const mappings = makeMappings([jobMapping], replica.collections, 'memory')
  const shared = new Shared({
    context: { system: 'memory', host, mappings, report: () => undefined },
    replica,
    adapter: system.adapter(),
    gate: new Gate({
      host,
      system: 'memory',
      report: () => undefined,
      concurrency: 1,
      budget: new Budget({}, host),
      hasCritical: false,
    }),
    index: new OutboxIndex(host, () => ({ type: 'cases', tier: 'operational' })),
    signal: new AbortController().signal,
    changed: () => undefined,
    reconcileIsDue: () => undefined,
  })
  return { index: shared.index, locks: shared.locks, hints: new Hints(shared) }
}

describe.each([
  { compareAndSet: true },
  { compareAndSet: false },
  { compareAndSet: true, batch },
  { compareAndSet: false, batch },
])('with compareAndSet=$compareAndSet, batches of $batch.writesMax', (kind) => {
  test('B-06 B-11 B-12 an edit made while an answer is lost is written on top of what was carried out', async () => {
    const { system, held, bridge, edit, record, row, effects } = await agreed(kind)
    const call = held.hold('upsert', 'answer')
    await edit({ notes: 'abcd' })
    await call.arrived
    expect(system.requests.at(-1)?.method).toBe(kind.batch ? 'writeMany' : 'upsert')
    await edit({ notes: 'abcde' })
    call.release(lost)
    await bridge.idle()
    expect((await record())?.notes).toBe('abcde')
    expect(row().value.Notes).toBe('abcde')
    expect(effects()).toBe(3)
    await bridge.close()
  })

  test('B-11 a call that was never carried out is repeated as it was, and the later edit follows', async () => {
    const { held, bridge, edit, record, row, effects } = await agreed(kind)
    const call = held.hold('upsert', 'request')
    await edit({ notes: 'abcd' })
    await call.arrived
    await edit({ status: 'done' })
    call.release(lost)
    await bridge.idle()
    expect(await record()).toMatchObject({ notes: 'abcd', status: 'done' })
    expect(row().value).toMatchObject({ Notes: 'abcd', Status: 'done' })
    expect(effects()).toBe(3)
    await bridge.close()
  })

  test('B-12 what was carried out in doubt and then overwritten there is told, and theirs stands', async () => {
    const { node, system, held, bridge, edit, record, row, effects, id } = await agreed(kind)
    const call = held.hold('upsert', 'answer')
    await edit({ notes: 'abcd', title: 'ours' })
    await call.arrived
    system.edit('cases', { id: row().id }, { Title: 'theirs' })
    call.release(lost)
    await bridge.idle()
    expect(await record()).toMatchObject({ title: 'theirs', notes: 'abcd' })
    expect(row().value).toMatchObject({ Title: 'theirs', Notes: 'abcd' })
    expect(effects()).toBe(2)
    const told = (await node.replica.jobs.receipts(id)).slice(1)
    // Of one edit the title was overruled, and the notes are there.
    expect(told).toMatchObject([
      { outcome: 'overruled', values: { '/title': { was: 'ours', became: 'theirs' } } },
      { outcome: 'saved' },
    ])
    expect(
      (await node.replica.jobs.standing(id, 'memory')).map(({ field, state }) => [field, state]),
    ).toEqual([
      ['hours', 'saved'],
      ['notes', 'saved'],
      ['status', 'saved'],
      ['title', 'overruled'],
    ])
    await bridge.close()
  })
})

describe.each([{}, { batch }])(
  'B-12 a call that was not answered, with batches of $batch.writesMax',
  (kind) => {
    async function inDoubt(
      given: { carriedOut: boolean; replays?: boolean; mapping?: Partial<MappingConfig> },
      ours: object,
      theirs: JsonObject,
    ) {
      const { carriedOut, replays = false, mapping } = given
      const world = await agreed({ replays, ...kind }, mapping)
      const { system, held, bridge, edit, row } = world
      const call = held.hold('upsert', carriedOut ? 'answer' : 'request')
      await edit(ours)
      await call.arrived
      system.edit('cases', { id: row().id }, theirs)
      call.release(lost)
      await bridge.idle()
      await bridge.pollNow()
      await bridge.idle()
      const receipts = await world.node.replica.jobs.receipts(world.id)
      onTestFinished(() => bridge.close())
      return { ...world, receipts }
    }

    test('was not carried out if one of its fields is still what it was, though another is what we sent', async () => {
      const ours = { status: 'done', notes: 'abc, our long report' }
      const { record, row, effects, receipts } = await inDoubt({ carriedOut: false }, ours, {
        Status: 'done',
      })
      expect(await record()).toMatchObject(ours)
      expect(row().value).toMatchObject({ Status: 'done', Notes: 'abc, our long report' })
      expect(effects()).toBe(2)
      expect(receipts.map(({ outcome }) => outcome)).toEqual(['saved', 'saved'])
    })

    const hours: Partial<MappingConfig> = { fields: { ...jobMapping.fields, hours: 'Hours' } }

    test.each([
      // 3 hours; we add 2; somebody there adds 1 to what is there.
      { carriedOut: true, replays: true, there: 6, sum: 6 },
      { carriedOut: false, replays: true, there: 4, sum: 6 },
      { carriedOut: true, replays: false, there: 6, sum: 6, isTold: true },
      { carriedOut: false, replays: false, there: 4, sum: 4, isTold: true },
    ])(
      'B-38 B-39 a counter is not counted twice: carried out $carriedOut, replays $replays',
      async (given) => {
        const { sum, there, isTold = false } = given
        const world = await inDoubt({ ...given, mapping: hours }, { hours: 5 }, { Hours: there })
        expect((await world.record())?.hours).toBe(sum)
        expect(world.row().value.Hours).toBe(sum)
        const told = world.receipts.filter(({ outcome }) => outcome === 'overruled')
        expect(told).toMatchObject(
          isTold
            ? [
                {
                  values: { '/hours': { was: 5, became: there } },
                  reason: expect.stringContaining('cannot be told'),
                },
              ]
            : [],
        )
        expect(world.receipts.at(-1)?.outcome).toBe(isTold ? 'overruled' : 'saved')
        await world.edit({ hours: 10 })
        await world.bridge.idle()
        expect(world.row().value.Hours).toBe(10)
      },
    )

    test.each([
      { carriedOut: true, there: { Hours: 6, Status: 'done' }, sum: 6 },
      { carriedOut: false, there: { Hours: 4 }, sum: 6 },
    ])('B-38 another field of the call tells of the counter: carried out $carriedOut', async (given) => {
      const ours = { hours: 5, status: 'done' }
      const world = await inDoubt({ ...given, mapping: hours }, ours, given.there)
      expect(await world.record()).toMatchObject({ hours: given.sum, status: 'done' })
      expect(world.row().value).toMatchObject({ Hours: given.sum, Status: 'done' })
      expect(world.receipts.every(({ outcome }) => outcome === 'saved')).toBe(true)
    })

    test.each([
      { carriedOut: true, there: 'abc ours theirs', both: 'abc ours theirs' },
      { carriedOut: false, there: 'theirs abc', both: 'theirs abc ours' },
    ])(
      'B-38 a text tells by its words, and nothing is said twice: carried out $carriedOut',
      async (given) => {
        const world = await inDoubt(given, { notes: 'abc ours' }, { Notes: given.there })
        expect((await world.record())?.notes).toBe(given.both)
        expect(world.row().value.Notes).toBe(given.both)
        expect(world.receipts.every(({ outcome }) => outcome === 'saved')).toBe(true)
      },
    )

    test.each([
      { aheadMs: -1, sum: 6 },
      { aheadMs: 0, sum: 4 },
    ])('B-39 a key counts as long as the system keeps it ($aheadMs ms), and no longer', async (given) => {
      const node = await openNode()
      const system = new MemorySystem({ everyWriteCounts: true })
      const held = new HeldAdapter(system.adapter())
      const replayMs = 60_000
      const { bridge } = await bridged(node, system, {
        adapter: { ...held.adapter, capabilities: { ...held.adapter.capabilities, replayMs } },
        mappings: [{ ...jobMapping, ...hours }],
      })
      const { jobs } = node.replica
      const { id } = await jobs.create({ title: 'a', hours: 3 })
      await bridge.idle()
      const [first, second] = [held.hold('upsert', 'request'), held.hold('upsert', 'request')]
      await jobs.update(id, (draft) => void Object.assign(draft, { hours: 5 }))
      await first.arrived
      const at = node.host.clock
      system.edit('cases', { id: system.rows('cases')[0]!.id }, { Hours: 4 })
      first.release(lost)
      await second.arrived
      node.host.clock = at + replayMs + given.aheadMs
      second.release()
      await bridge.idle()
      expect(system.rows('cases')[0]!.value.Hours).toBe(given.sum)
      await bridge.close()
    })

    test.each([
      { carriedOut: true, rule: 'this-side', winner: 'ours' },
      { carriedOut: false, rule: 'this-side', winner: 'ours' },
      { carriedOut: true, rule: 'that-side', winner: 'theirs' },
      { carriedOut: false, rule: 'that-side', winner: 'theirs' },
    ] as const)(
      'its fields are decided by their own rule: $rule, carried out: $carriedOut',
      async (given) => {
        const { carriedOut, rule, winner } = given
        const mapping = { fields: { ...jobMapping.fields, title: { field: 'Title', rule } } }
        const ours = { title: 'ours', status: 'done' }
        const theirs = { Title: 'theirs', Status: 'done' }
        const { record, row, receipts, edit, bridge, node, id } = await inDoubt(
          { carriedOut, mapping },
          ours,
          theirs,
        )
        expect(await record()).toMatchObject({ title: winner, status: 'done' })
        expect(row().value).toMatchObject({ Title: winner, Status: 'done' })
        const loser = winner === 'ours' ? 'theirs' : 'ours'
        expect(receipts.find(({ outcome }) => outcome === 'overruled')).toMatchObject({
          rule,
          values: { '/title': { was: loser, became: winner } },
        })
        // The status is there, and has an answer of its own.
        expect(receipts.at(-1)?.outcome).toBe('saved')
        const standing = await node.replica.jobs.standing(id, 'memory')
        expect(standing.find(({ field }) => field === 'title')?.state).toBe(
          winner === 'ours' ? 'saved' : 'overruled',
        )
        await edit({ title: 'again' })
        await bridge.idle()
        await node.replica.jobs.saved(id, 'memory')
        expect(row().value.Title).toBe('again')
      },
    )
  },
)

test('B-25 a row seen while its call is under way is read once the fate is known', async () => {
  const { system, held, bridge, edit, record, row, effects } = await agreed()
  const call = held.hold('upsert', 'answer')
  await edit({ notes: 'abcd' })
  await call.arrived
  await edit({ notes: 'abcde' })
  await bridge.pollNow()
  system.edit('cases', { id: row().id }, { Site: 'SEA' })
  await bridge.pollNow()
  call.release()
  await bridge.idle()
  expect(await record()).toMatchObject({ notes: 'abcde', site: 'SEA' })
  expect(row().value).toMatchObject({ Notes: 'abcde', Site: 'SEA' })
  expect(effects()).toBe(3)
  await bridge.close()
})

test('B-25 a hint that waited for its turn behind a call without an answer is not read, but kept', async () => {
  const node = await openNode()
  const system = new MemorySystem()
  const { index, locks, hints } = hintsAlone(node, system)
  const row = system.edit('cases', {}, { Title: 'a' })
  const record = `jobs/${importedId(node.host, 'memory', 'cases', row.id, 0)}`
  const call = Promise.withResolvers<void>()
  const turn = Promise.withResolvers<void>()
  void locks.hold(record, () => call.promise)
  const { hold } = locks
  locks.hold = (key, work) => {
    turn.resolve()
    return hold.call(locks, key, work) as never
  }
  hints.add({ type: 'cases', id: row.id })
  const looked = hints.run()
  await turn.promise
  index.apply(record, {
    state: 'begun',
    dueAt: node.host.clock,
    attempts: 1,
    wish: { action: 'delete' },
  } as OutboxItem)
  call.resolve()
  await looked
  expect([system.ledger, hints.size]).toEqual([[], 1])
  index.apply(record, undefined)
  await hints.run()
  expect([system.ledger.map(({ method }) => method), hints.size]).toEqual([['read'], 0])
})

test('B-26 a page that a call has overtaken does not take the edit back', async () => {
  const { node, held, bridge, edit, record, row, effects, id, system } = await agreed()
  system.edit('cases', { id: row().id }, { Site: 'SEA' })
  await bridge.idle()
  system.edit('cases', {}, { Title: 'another, so that there is something to list' })
  const listing = held.hold('changes', 'answer')
  system.edit('cases', { id: row().id }, { Site: 'PDX' })
  const polled = bridge.pollNow()
  await listing.arrived
  await edit({ notes: 'abcd' })
  await node.replica.jobs.saved(id, 'memory')
  listing.release()
  await polled
  await bridge.idle()
  expect(await record()).toMatchObject({ notes: 'abcd', site: 'PDX' })
  expect(row().value).toMatchObject({ Notes: 'abcd', Site: 'PDX' })
  expect(effects()).toBe(2)
  await bridge.close()
})

test('CDC-3 B-24 hints may come twice, late or with an old version: what counts is what is read', async () => {
  const { system, held, bridge, record, row } = await agreed()
  const id = row().id
  const late = held.hold('read', 'request')
  system.edit('cases', { id }, { Site: 'one' })
  await late.arrived
  system.edit('cases', { id }, { Site: 'two' })
  system.edit('cases', { id }, { Site: 'three' })
  late.release()
  await bridge.idle()
  expect(await record()).toMatchObject({ site: 'three' })
  expect(system.effects('cases')).toHaveLength(1)
  await bridge.close()
})

test('B-07 a row that is being read is not written meanwhile, or what was read would take the edit back', async () => {
  const { system, held, bridge, edit, record, row, effects } = await agreed()
  const read = held.hold('read', 'answer')
  system.edit('cases', { id: row().id }, { Site: 'SEA' })
  await read.arrived
  await edit({ title: 'b' })
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
  expect(effects()).toBe(1)
  read.release()
  await bridge.idle()
  expect(await record()).toMatchObject({ title: 'b', site: 'SEA' })
  expect(row().value).toMatchObject({ Title: 'b', Site: 'SEA' })
  expect(effects()).toBe(2)
  await bridge.close()
})

test('B-36 an edit that waits stays ours while the row goes on changing', async () => {
  const refuses = (_: string, fields: object) =>
    'Status' in fields && 'Title' in fields === false ? 'Status is closed for now' : undefined
  const { system, bridge, edit, record, row } = await agreed({ refuses })
  await edit({ status: 'done', notes: 'abcd' })
  await bridge.idle()
  expect(bridge.stats().dead).toBe(1)
  for (const Site of ['SEA', 'PDX', 'SFO']) {
    system.edit('cases', { id: row().id }, { Site, Notes: `abc, ${Site}` })
    await bridge.idle()
  }
  expect(await record()).toMatchObject({ status: 'done', site: 'SFO' })
  expect((await record())?.notes?.replace('d', '')).toBe('abc, SFO')
  await edit({ title: 'b' })
  await bridge.idle()
  expect(row().value).toMatchObject({
    Title: 'b',
    Status: 'done',
    Site: 'SFO',
    Notes: (await record())?.notes,
  })
  await bridge.close()
})

test('B-02 a value that the mapping makes equal is not written', async () => {
  const node = await openNode()
  const system = new MemorySystem({ everyWriteCounts: true })
  const mappings = [
    {
      collection: 'jobs',
      type: 'cases',
      fields: {
        title: 'Title',
        status: {
          field: 'Closed',
          to: (value: unknown) => value === 'done',
          from: (value: unknown) => (value ? 'done' : 'open'),
        },
      },
    },
  ]
  const { bridge } = await bridged(node, system, { mappings })
  const { id } = await node.replica.jobs.create({ title: 'a', status: 'open' })
  await bridge.idle()
  await node.replica.jobs.update(id, (draft) => {
    draft.status = 'en_route'
  })
  await bridge.pollNow()
  await bridge.idle()
  expect(system.effects('cases')).toHaveLength(1)
  expect(await node.replica.jobs.get(id)).toMatchObject({ status: 'en_route' })
  await node.replica.jobs.saved(id, 'memory')
  await bridge.close()
})
