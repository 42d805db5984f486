/** What does not answer, will not answer now, or cannot be understood: everything else goes on, and this too once it can. */

import type { Adapter, ChangesAnswer, Failure } from '@skerry/bridge'
import { MemorySystem } from '@skerry/bridge'
import { startEngine } from '@skerry/node'
import { beforeAll, describe, expect, test } from 'vitest'
import { aroundCalls } from '../test/around-calls.ts'
import { bridged, jobMapping, openNode, testHost } from '../test/nodes.ts'
import { waitMs } from './back-off.ts'
import { Budget } from './budget/budget.ts'
import { Grant } from './budget/grant.ts'
import { Lane } from './lane.ts'
import { CLOCK_SKEW_MS, RETRY_AFTER_MS_MAX, RETRY_DELAY_MS_FIRST, RETRY_DELAY_MS_MAX } from './limits.ts'
import { OutboxIndex } from './outbox-index.ts'

beforeAll(startEngine)

/** The first `times` calls that write are answered so, without being carried out. */
function answering(adapter: Adapter, answer: Failure, times: number): Adapter {
  let left = times
  return aroundCalls(adapter, async (call, method) => {
    const isWrite = method === 'upsert' || method === 'writeMany'
    return isWrite && left-- > 0 ? answer : call()
  })
}

const failures = [
  { kind: 'later', reason: 'busy' },
  { kind: 'later', reason: 'quota', retryAfterMs: 3_600_000 },
  { kind: 'later', reason: 'at once, it says', retryAfterMs: 0 },
  { kind: 'unauthorized', reason: 'who are you' },
  { kind: 'unknown', reason: 'silence' },
  { kind: 'unknown', reason: 'silence, and at once', retryAfterMs: 0 },
] as const

describe.each([1, 2])('B-10 B-11 B-40 B-41 B-44 RES-1 with %d records', (records) => {
  test.each(failures)('$kind ($reason) is tried again until it is done', async (failure) => {
    const node = await openNode()
    const system = new MemorySystem({ batch: { writesMax: 10, readsMax: 10 } })
    const times = 12 * records
    const { bridge, events } = await bridged(node, system, {
      adapter: answering(system.adapter(), failure, times),
    })
    const before = node.host.clock
    const made = await Promise.all(
      Array.from({ length: records }, () => node.replica.jobs.create({ title: 'a' })),
    )
    await bridge.idle()
    for (const { id } of made) await node.replica.jobs.saved(id, 'memory')
    expect(system.effects('cases')).toHaveLength(records)
    const told = events.map(({ code }) => code).filter((code) => !code.startsWith('breaker-'))
    expect(new Set(told)).toEqual(new Set([`call-${failure.kind}`]))
    const askedMs = 'retryAfterMs' in failure ? times * failure.retryAfterMs : 0
    expect(node.host.clock - before).toBeGreaterThan(Math.max(askedMs - 1, RETRY_DELAY_MS_MAX))
    await bridge.close()
  })
})

describe('calls', () => {
  test('fault P9: an adapter that throws is an error for the operator, and no answer for the bridge', async () => {
    const node = await openNode()
    const system = new MemorySystem()
    const inner = system.adapter()
    let thrown = 0
    const upsert: Adapter['upsert'] = async (...given) => {
      if (thrown++ === 0) throw new TypeError('a bug of its own')
      return inner.upsert(...given)
    }
    const { bridge, events } = await bridged(node, system, { adapter: { ...inner, upsert } })
    await node.replica.jobs.create({ title: 'a' })
    await bridge.idle()
    expect(events[0]).toMatchObject({
      level: 'error',
      code: 'adapter-threw',
      message: expect.stringContaining('a bug of its own'),
    })
    expect(system.effects('cases')).toHaveLength(1)
    await bridge.close()
  })

  test('retry: a dead letter is tried again when an operator asks for it', async () => {
    const node = await openNode()
    let closed = true
    const system = new MemorySystem({ refuses: () => (closed ? 'closed for the holidays' : undefined) })
    const { bridge } = await bridged(node, system)
    const { id } = await node.replica.jobs.create({ title: 'a' })
    await bridge.idle()
    closed = false
    expect(await bridge.retry(`jobs/${id}`)).toMatchObject({ kind: 'create', fields: { Title: 'a' } })
    expect(await bridge.retry('jobs/none')).toBeUndefined()
    await bridge.idle()
    expect(await bridge.deadLetters()).toEqual([])
    await node.replica.jobs.saved(id, 'memory')
    await bridge.close()
  })

  test('B-44 a wait is as long as was asked for, but no shorter than the back-off and no longer than the ceiling', () => {
    const host = testHost()
    const waits = (retryAfterMs: number | undefined, attempts: number) => waitMs(host, attempts, retryAfterMs)
    for (const asked of [undefined, 0, -60_000, RETRY_DELAY_MS_FIRST / 2]) {
      expect(waits(asked, 1)).toBeGreaterThanOrEqual(RETRY_DELAY_MS_FIRST / 2)
      expect(waits(asked, 1)).toBeLessThanOrEqual(RETRY_DELAY_MS_FIRST)
      expect(waits(asked, 20)).toBeGreaterThanOrEqual(RETRY_DELAY_MS_MAX / 2)
    }
    expect(waits(RETRY_DELAY_MS_FIRST + 1, 1)).toBe(RETRY_DELAY_MS_FIRST + 1)
    expect(waits(RETRY_AFTER_MS_MAX - 1, 1)).toBe(RETRY_AFTER_MS_MAX - 1)
    expect(waits(RETRY_AFTER_MS_MAX + 1, 1)).toBe(RETRY_AFTER_MS_MAX)
  })

  test('fault T3: B-42 a time that only another clock can have set counts as due', () => {
    const host = testHost()
    const index = new OutboxIndex(host, () => ({ type: 'cases', tier: 'operational' }))
    const due = () => index.take(index.dueGroup('operational')!, 9)
    index.apply('jobs/1', { state: 'waiting', attempts: 1, dueAt: host.clock + RETRY_AFTER_MS_MAX })
    index.apply('jobs/2', { state: 'waiting', attempts: 1, dueAt: host.clock + RETRY_AFTER_MS_MAX + 1 })
    expect([index.dueTiers, due()]).toEqual([['operational'], ['jobs/2']])
    expect([index.dueTiers, index.nextDueMs]).toEqual([[], RETRY_AFTER_MS_MAX])
    host.clock += RETRY_AFTER_MS_MAX
    expect([index.dueTiers, due()]).toEqual([['operational'], ['jobs/1']])
  })

  test.each([3_600_000, 10 * 365 * RETRY_AFTER_MS_MAX])(
    'fault T3: B-42 a clock that is set back by %d ms makes no item wait longer, and none seem new',
    (backMs) => {
      const host = testHost()
      const index = new OutboxIndex(host, () => ({ type: 'cases', tier: 'operational' }))
      const at = host.clock
      index.apply('jobs/1', { state: 'waiting', attempts: 1, since: at - 9_000, dueAt: at + 1_000 })
      host.clock -= backMs
      index.apply('jobs/2', { state: 'waiting', attempts: 1, since: host.clock, dueAt: host.clock + 2_000 })
      expect([index.dueTiers, index.nextDueMs]).toEqual([[], 1_000])
      host.clock += 2_000
      expect(index.queues().operational).toEqual({ open: 2, lagMs: 11_000 })
      expect(index.dueTiers.flatMap((tier) => index.take(index.dueGroup(tier)!, 9))).toEqual([
        'jobs/1',
        'jobs/2',
      ])
    },
  )

  test('fault T3: B-87 a clock that is set back moves no time of a calendar; an item from the future is due', () => {
    const host = testHost()
    const calendar = host.clock + 60_000
    const index = new OutboxIndex(
      host,
      () => ({ type: 'cases', tier: 'operational' }),
      () => calendar,
    )
    const [since, dueAt] = [host.clock, host.clock]
    index.apply('jobs/1', { state: 'waiting', attempts: 0, since, dueAt, deferred: true })
    index.apply('jobs/2', { state: 'waiting', attempts: 1, since, dueAt: since + 61_000 })
    host.clock -= CLOCK_SKEW_MS
    expect([index.dueTiers, index.nextDueMs]).toEqual([[], 61_000])
    host.clock -= 1
    expect([index.dueTiers, index.take(index.dueGroup('operational')!, 9)]).toEqual([
      ['operational'],
      ['jobs/1'],
    ])
  })

  test('fault T3: B-42 a clock that is set back ends a pause, and the next one is as long as it should be', () => {
    const host = testHost()
    const budget = new Budget({}, host)
    const turnAway = (retryAfterMs: number) => {
      const grant = budget.ask({ tier: 'operational', pools: ['write'], what: 'single' })
      if (grant instanceof Grant) grant.end('later', retryAfterMs)
    }
    turnAway(60_000)
    expect(budget.pauseMs).toBe(60_000)
    host.clock -= 7_200_000
    expect(budget.pauseMs).toBe(0)
    turnAway(5_000)
    expect(budget.pauseMs).toBe(5_000)
    host.clock += 5_000
    expect(budget.pauseMs).toBe(0)
  })

  test('a lane runs again when woken during a run, comes back after a failure, and stops', async () => {
    const host = testHost()
    const failures: unknown[] = []
    let runs = 0
    const lane: Lane = new Lane({
      host,
      run: async () => {
        runs += 1
        if (runs === 1) void lane.wake()
        if (runs === 2) throw new Error('once')
        return undefined
      },
      failed: (error) => failures.push(error),
      rested: () => undefined,
    })
    await lane.wake()
    expect([runs, failures.length]).toEqual([2, 1])
    while (runs < 3) await new Promise((resolve) => setImmediate(resolve))
    await lane.stop()
    await lane.wake()
    expect(runs).toBe(3)
  })
})

test('EVT-5 B-07 calls of one record never overlap, and of different ones as many as allowed do', async () => {
  const node = await openNode()
  const system = new MemorySystem()
  const inner = system.adapter()
  const underWay: string[] = []
  let most = 0
  const upsert: Adapter['upsert'] = async (type, request, call) => {
    expect(underWay).not.toContain(request.externalId)
    underWay.push(request.externalId)
    most = Math.max(most, underWay.length)
    for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve))
    const answer = await inner.upsert(type, request, call)
    underWay.splice(underWay.indexOf(request.externalId), 1)
    return answer
  }
  const { bridge } = await bridged(node, system, { adapter: { ...inner, upsert }, concurrency: 3 })
  const ids = Array.from({ length: 8 }, (_, i) => `job-${i}`)
  for (const id of ids) await node.replica.jobs.create({ title: 'a' }, { id })
  for (const title of ['b', 'c', 'd'])
    for (const id of ids)
      await node.replica.jobs.update(id, (draft) => {
        draft.title = title
      })
  await bridge.idle()
  expect(most).toBe(3)
  expect(system.rows('cases').every(({ value }) => value.Title === 'd')).toBe(true)
  await bridge.close()
})

describe('listing', () => {
  test('B-43 an expired position lists everything anew where the system cannot list otherwise, and nothing is written twice', async () => {
    const node = await openNode()
    const system = new MemorySystem()
    const { list: _, ...inner } = system.adapter()
    let expired = false
    const changes: Adapter['changes'] = async (type, position, limit, call): Promise<ChangesAnswer> => {
      if (expired && position !== undefined) {
        expired = false
        return { kind: 'expired' }
      }
      return inner.changes(type, position, limit, call)
    }
    for (let i = 0; i < 3; i++) system.edit('cases', {}, { Title: `row ${i}` })
    const { bridge, events } = await bridged(node, system, { adapter: { ...inner, changes } })
    await bridge.pollNow()
    const head = node.replica.head
    expired = true
    await bridge.pollNow()
    await bridge.idle()
    expect(events.map(({ code }) => code)).toEqual(['position-expired'])
    expect(node.replica.head).toBe(head)
    expect(await node.replica.jobs.all()).toHaveLength(3)
    await bridge.close()
  })

  test('a page that leads back to itself, or a position that never holds, is told and not followed for ever', async () => {
    const node = await openNode()
    const system = new MemorySystem()
    const stuck: Adapter['changes'] = async () => ({ kind: 'page', rows: [], next: 'here', complete: false })
    const stuckBridge = await bridged(node, system, {
      name: 'stuck',
      adapter: { ...system.adapter(), changes: stuck },
    })
    await stuckBridge.bridge.pollNow()
    expect(stuckBridge.events[0]).toMatchObject({
      code: 'poll-failed',
      message: expect.stringContaining('leads back to itself'),
    })
    await stuckBridge.bridge.close()
    const never: Adapter['changes'] = async () => ({ kind: 'expired' })
    const neverBridge = await bridged(node, system, {
      name: 'never',
      adapter: { ...system.adapter(), changes: never },
    })
    await neverBridge.bridge.pollNow()
    expect(neverBridge.events.some(({ code }) => code === 'poll-failed')).toBe(true)
    await neverBridge.bridge.close()
  })

  test('B-26 rows of a listing that lags are read before they are believed', async () => {
    const node = await openNode()
    const system = new MemorySystem()
    const row = system.edit('cases', {}, { Title: 'one' })
    const inner = system.adapter()
    const old = { ...row, version: 'v0', value: { Title: 'as the index saw it' } }
    const changes: Adapter['changes'] = async () => ({ kind: 'page', rows: [old], next: '1', complete: true })
    const capabilities = { ...inner.capabilities, freshListing: false }
    const adapter: Adapter = { ...inner, changes, capabilities }
    const { bridge } = await bridged(node, system, { adapter })
    await bridge.pollNow()
    await bridge.idle()
    expect(await node.replica.jobs.all()).toMatchObject([{ title: 'one' }])
    await bridge.close()
  })
})

test('filters: rows and records outside them stay where they are', async () => {
  const node = await openNode()
  const system = new MemorySystem()
  system.edit('cases', {}, { Title: 'theirs only', Status: 'done' })
  system.edit('cases', {}, { Title: 'for both' })
  const filter = {
    in: (row: { value: Record<string, unknown> }) => row.value.Status !== 'done',
    out: (record: Record<string, unknown>) => record.inside === undefined,
  }
  const { bridge } = await bridged(node, system, { mappings: [{ ...jobMapping, filter }] })
  const { id } = await node.replica.jobs.create({ title: 'ours only', inside: 'yes' })
  await bridge.pollNow()
  await bridge.idle()
  expect((await node.replica.jobs.all()).map(({ title }) => title).sort()).toEqual(['for both', 'ours only'])
  expect(system.effects('cases')).toEqual([])
  await node.replica.jobs.update(id, (draft) => {
    delete draft.inside
  })
  await bridge.idle()
  expect(system.effects('cases')).toHaveLength(1)
  await bridge.close()
})

test('B-16 a mapping that throws is a dead letter with the reason; the other records go on', async () => {
  const node = await openNode()
  const system = new MemorySystem()
  const to = (value: unknown) => {
    if (value === 'bad') throw new RangeError('cannot map this')
    return String(value)
  }
  const { bridge } = await bridged(node, system, {
    mappings: [{ collection: 'jobs', type: 'cases', fields: { title: { field: 'Title', to } } }],
  })
  const bad = await node.replica.jobs.create({ title: 'bad' })
  await node.replica.jobs.create({ title: 'good' })
  await bridge.idle()
  expect(system.rows('cases')).toMatchObject([{ value: { Title: 'good' } }])
  expect(await bridge.deadLetters()).toMatchObject([
    { record: `jobs/${bad.id}`, reason: expect.stringContaining('title.to failed: cannot map this') },
  ])
  await node.replica.jobs.update(bad.id, (draft) => {
    draft.title = 'mended'
  })
  await bridge.idle()
  expect(bridge.stats()).toMatchObject({ dead: 0, open: 0 })
  await bridge.close()
})
