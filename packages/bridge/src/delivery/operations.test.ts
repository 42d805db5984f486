/** What an operator sets, sees and does: tiers, approval, budgets, dead letters, figures. */
import {
  type Adapter,
  Budget,
  checkBridgeConfig,
  type MappingConfig,
  MemorySystem,
  type MemorySystemOptions,
  startBridge,
} from '@skerry/bridge'
import { collection, memoryStore, openReplica } from '@skerry/core'
import { startEngine } from '@skerry/node'
import { beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { HeldAdapter } from '../../test/held.ts'
import { bridged, jobMapping, openNode, type TestNode, testHost } from '../../test/nodes.ts'

beforeAll(startEngine)

const quiet = (adapter: Adapter): Adapter => {
  const { listen: _, ...rest } = adapter
  return rest
}
const mapped = (more: Partial<MappingConfig>): MappingConfig[] => [{ ...jobMapping, ...more }]
const update = (node: TestNode, id: string, fields: object) =>
  node.replica.jobs.update(id, (draft) => void Object.assign(draft, fields))

/** Long enough for whatever can happen to happen. */
async function rounds(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve))
}

describe('tiers', () => {
  const urgent: MappingConfig['fields'] = { ...jobMapping.fields, status: { field: 'Status', urgent: true } }

  test('DIF-4: B-50 B-51 an edit of an urgent field is written before all that wait', async () => {
    const node = await openNode()
    const system = new MemorySystem()
    const held = new HeldAdapter(quiet(system.adapter()))
    const options = { adapter: held.adapter, mappings: mapped({ fields: urgent }), concurrency: 1 }
    const { bridge } = await bridged(node, system, options)
    for (let i = 0; i < 6; i++) await node.replica.jobs.create({ title: `job ${i}` }, { id: `job-${i}` })
    await bridge.idle()
    const before = system.effects('cases').length
    const call = held.hold('upsert', 'request')
    for (let i = 0; i < 5; i++) await update(node, `job-${i}`, { site: 'SEA' })
    await call.arrived
    await update(node, 'job-5', { status: 'done' })
    await update(node, 'job-4', { status: 'done' })
    const idle = bridge.idle()
    await rounds()
    expect(bridge.stats().tiers).toMatchObject({ critical: { open: 2 }, operational: { open: 4 } })
    call.release()
    await idle
    const order = system
      .effects('cases')
      .slice(before)
      .map(({ externalId, fields }) => [externalId, fields.join()])
    expect(order.slice(0, 3)).toEqual([
      ['skerry:job-0', 'Site'],
      ['skerry:job-5', 'Status'],
      ['skerry:job-4', 'Status,Site'],
    ])
    await bridge.close()
  })

  test('B-50 an urgent edit does not wait for others to be collected with it, and takes along what waited', async () => {
    const node = await openNode()
    // Nothing that is collected becomes due.
    const { timer } = node.host
    node.host.timer = (delayMs, run) => (delayMs > 30_000 ? () => undefined : timer(delayMs, run))
    const system = new MemorySystem()
    const { bridge } = await bridged(node, system, {
      adapter: quiet(system.adapter()),
      mappings: mapped({ fields: urgent, collectMs: 60_000 }),
    })
    const { id } = await node.replica.jobs.create({ title: 'a' })
    await update(node, id, { site: 'SEA' })
    await expect(node.replica.jobs.saved(id, 'memory', { timeoutMs: 1 })).rejects.toThrow()
    expect(system.effects('cases')).toEqual([])
    await update(node, id, { status: 'done' })
    await node.replica.jobs.saved(id, 'memory')
    expect(system.effects('cases')).toMatchObject([{ fields: ['Title', 'Status', 'Site'] }])
    await bridge.close()
  })

  test('B-54 a critical edit is called for before the log has come to it', async () => {
    const node = await openNode()
    const system = new MemorySystem()
    const inner = quiet(system.adapter())
    const released = Promise.withResolvers<void>()
    const upsert: Adapter['upsert'] = async (type, request, call) => {
      if (!('Status' in request.fields)) await released.promise
      return inner.upsert(type, request, call)
    }
    const options = { adapter: { ...inner, upsert }, mappings: mapped({ fields: urgent }) }
    const { bridge } = await bridged(node, system, options)
    const behind = new Promise<number>((resolve) => {
      node.replica.onCommit(() => {
        if (system.effects('cases').length === 1) resolve(node.replica.head - bridge.stats().followed)
      })
    })
    const made = Array.from({ length: 300 }, (_, i) => node.replica.jobs.create({ title: `job ${i}` }))
    made.push(node.replica.jobs.create({ title: 'now', status: 'en_route' }, { id: 'now' }))
    await Promise.all(made)
    await node.replica.jobs.saved('now', 'memory')
    expect(system.effects('cases')).toMatchObject([{ externalId: 'skerry:now' }])
    expect(await behind).toBeGreaterThan(100)
    released.resolve()
    await bridge.idle()
    expect(system.effects('cases')).toHaveLength(301)
    await bridge.close()
  })

  test('B-52 TIE-4: one of the calls at once is kept for what is critical', async () => {
    const node = await openNode()
    const system = new MemorySystem()
    const held = new HeldAdapter(quiet(system.adapter()))
    const options = { adapter: held.adapter, mappings: mapped({ fields: urgent }), concurrency: 3 }
    const { bridge } = await bridged(node, system, options)
    const calls = [1, 2, 3].map(() => held.hold('upsert', 'request'))
    for (let i = 0; i < 4; i++) await node.replica.jobs.create({ title: `job ${i}` })
    await Promise.all([calls[0]!.arrived, calls[1]!.arrived])
    await rounds()
    expect(bridge.stats().callsUnderWay).toBe(2)
    const urgentJob = await node.replica.jobs.create({ title: 'now', status: 'en_route' })
    await calls[2]!.arrived
    calls[2]!.release()
    await node.replica.jobs.saved(urgentJob.id, 'memory')
    expect(system.effects('cases')).toMatchObject([{ externalId: `skerry:${urgentJob.id}` }])
    for (const call of calls) call.release()
    await bridge.idle()
    await bridge.close()
  })

  test('TIE-3: B-53 what is for reference waits for approval, and is written as it was approved', async () => {
    const node = await openNode()
    const system = new MemorySystem()
    const { bridge } = await bridged(node, system, {
      adapter: quiet(system.adapter()),
      mappings: mapped({ tier: 'reference' }),
    })
    for (const id of ['one', 'two']) await node.replica.jobs.create({ title: id }, { id })
    await bridge.idle()
    expect(system.effects('cases')).toEqual([])
    expect(bridge.stats()).toMatchObject({ open: 0, held: 2 })
    const waits = await bridge.approve({ dryRun: true })
    expect(waits).toEqual([
      { record: 'jobs/one', type: 'cases', kind: 'create', fields: { Title: 'one' } },
      { record: 'jobs/two', type: 'cases', kind: 'create', fields: { Title: 'two' } },
    ])
    expect([
      await bridge.approve({ type: 'other' }),
      await bridge.approve({ records: ['jobs/none'] }),
    ]).toEqual([[], []])
    expect(bridge.stats().held).toBe(2)
    expect(await bridge.approve({ records: ['jobs/one'] })).toHaveLength(1)
    await bridge.idle()
    expect(system.rows('cases').map(({ value }) => value.Title)).toEqual(['one'])
    await bridge.close()
  })

  test('B-53 an edit after the approval, before the call, needs another one; also one that the bridge has not seen yet', async () => {
    const node = await openNode()
    const system = new MemorySystem()
    const held = new HeldAdapter(quiet(system.adapter()))
    const { bridge } = await bridged(node, system, {
      adapter: held.adapter,
      mappings: mapped({ tier: 'reference' }),
    })
    const { id } = await node.replica.jobs.create({ title: 'a' })
    await bridge.idle()
    const approved = bridge.approve()
    await update(node, id, { title: 'b' })
    expect(await approved).toMatchObject([{ fields: { Title: 'a' } }])
    await bridge.idle()
    expect(system.effects('cases')).toEqual([])
    expect(await bridge.approve({ dryRun: true })).toMatchObject([{ fields: { Title: 'b' } }])
    const call = held.hold('upsert', 'request')
    await bridge.approve()
    await call.arrived
    await update(node, id, { title: 'c' })
    call.release({ kind: 'later', reason: 'busy' })
    await bridge.idle()
    expect(system.effects('cases')).toEqual([])
    expect(bridge.stats().held).toBe(1)
    await bridge.approve()
    await bridge.idle()
    expect(system.rows('cases')).toMatchObject([{ value: { Title: 'c' } }])
    await bridge.close()
  })

  test('B-53 an approval outlives a restart and an answer that says later', async () => {
    const node = await openNode()
    const system = new MemorySystem()
    const held = new HeldAdapter(quiet(system.adapter()))
    const mappings = mapped({ tier: 'reference' })
    const { bridge } = await bridged(node, system, { adapter: held.adapter, mappings })
    await node.replica.jobs.create({ title: 'a' })
    await bridge.idle()
    const call = held.hold('upsert', 'request')
    await bridge.approve()
    await call.arrived
    call.release({ kind: 'later', reason: 'busy' })
    await bridge.close()
    const again = await bridged(node, system, { adapter: quiet(system.adapter()), mappings })
    await again.bridge.idle()
    expect(system.rows('cases')).toMatchObject([{ value: { Title: 'a' } }])
    await again.bridge.close()
  })

  test('an urgent field and a tier that waits for approval do not go together', async () => {
    const { replica, host } = await openNode()
    const adapter = new MemorySystem().adapter()
    await expect(
      startBridge({ replica, host, adapter, mappings: mapped({ tier: 'reference', fields: urgent }) }),
    ).rejects.toThrow("'status' is urgent, but writes of the tier 'reference' wait for approval")
    expect(() =>
      checkBridgeConfig({ name: 'crm', adapter, mappings: mapped({ tier: 'vital' as never }) }),
    ).toThrow('mappings.0.tier')
  })
})

describe('budgets', () => {
  async function world(
    system: MemorySystemOptions,
    options: Partial<Parameters<typeof startBridge>[0]> = {},
  ) {
    const node = await openNode()
    const crm = new MemorySystem({ now: () => node.host.clock, everyWriteCounts: true, ...system })
    const { bridge, events } = await bridged(node, crm, { adapter: quiet(crm.adapter()), ...options })
    return { node, system: crm, bridge, events }
  }

  test('CDC-12 API-8 B-61 reads, listings and writes together never pass what the account allows, so that it refuses none', async () => {
    const { node, system, bridge } = await world(
      { quotas: [{ limit: 'burst', units: 5, ms: 10_000 }], compareAndSet: false },
      { budget: { windows: [{ units: 5, ms: 10_000 }] } },
    )
    for (let i = 0; i < 12; i++) await node.replica.jobs.create({ title: `job ${i}` })
    system.edit('cases', {}, { Title: 'theirs' })
    await Promise.all([bridge.pollNow(), bridge.idle()])
    expect(system.effects('cases')).toHaveLength(12)
    expect(system.requests.filter(({ refused }) => refused)).toEqual([])
    expect(new Set(system.requests.map(({ method }) => method))).toEqual(
      new Set(['changes', 'read', 'upsert']),
    )
    await bridge.close()
  })

  test('B-65 without any configuration it learns from what the system tells, and is refused but seldom', async () => {
    const { node, system, bridge } = await world({ quotas: [{ limit: 'burst', units: 4, ms: 10_000 }] })
    for (let i = 0; i < 20; i++) await node.replica.jobs.create({ title: `job ${i}` })
    await bridge.idle()
    expect(system.effects('cases')).toHaveLength(20)
    expect(system.requests.filter(({ refused }) => refused).length).toBeLessThanOrEqual(2)
    await bridge.close()
  })

  test('RES-3: B-64 when the quota is used up the others wait, and the critical tier goes on within its reserve', async () => {
    const fields: MappingConfig['fields'] = {
      ...jobMapping.fields,
      status: { field: 'Status', urgent: true },
    }
    const { node, system, bridge } = await world(
      {},
      { mappings: mapped({ fields }), budget: { windows: [{ units: 10, ms: 3_600_000 }], reserve: 0.3 } },
    )
    // Nobody waits for the next hour here.
    const { timer } = node.host
    node.host.timer = (delayMs, run) => (delayMs > 600_000 ? () => undefined : timer(delayMs, run))
    await bridge.pollNow()
    for (let i = 0; i < 20; i++) await node.replica.jobs.create({ title: `job ${i}` }, { id: `job-${i}` })
    const written = () => system.effects('cases').length
    // Of seven units that are not reserved, one opened the session and two were for listings.
    await until(() => bridge.stats().open === 16)
    expect(written()).toBe(4)
    const { id } = await node.replica.jobs.create({ title: 'now', status: 'en_route' })
    await node.replica.jobs.saved(id, 'memory')
    await rounds()
    expect(written()).toBe(5)
    const { tiers, budget } = bridge.stats()
    expect(tiers.operational.open).toBe(16)
    expect(budget.limits).toMatchObject([{ limit: '10/3600000ms', left: 2, max: 10 }])
    await bridge.close()
  })

  test('API-4: B-66 several credentials are used evenly, each within its own limit', async () => {
    const credentials = ['ann', 'ben']
    const quotas = [{ limit: 'burst', units: 3, ms: 10_000, per: 'credential' as const }]
    const { node, system, bridge } = await world(
      { credentials, quotas },
      { budget: { each: { windows: [{ units: 3, ms: 10_000 }] } } },
    )
    for (let i = 0; i < 18; i++) await node.replica.jobs.create({ title: `job ${i}` })
    await bridge.idle()
    const used = (name: string) => system.requests.filter(({ credential }) => credential === name).length
    expect(system.effects('cases')).toHaveLength(18)
    expect(system.requests.some(({ refused }) => refused)).toBe(false)
    expect(Math.abs(used('ann') - used('ben'))).toBeLessThanOrEqual(1)
    await bridge.close()
  })

  test('SCA-1: two bridges that share the types of one account share its budget', async () => {
    const node = await openNode()
    const system = new MemorySystem({
      now: () => node.host.clock,
      quotas: [{ limit: 'burst', units: 6, ms: 10_000 }],
    })
    const budget = new Budget({ windows: [{ units: 6, ms: 10_000 }] }, node.host)
    const options = { adapter: quiet(system.adapter()), budget }
    const first = await bridged(node, system, { ...options, name: 'crm-jobs' })
    const second = await bridged(node, system, {
      ...options,
      name: 'crm-copies',
      mappings: mapped({ type: 'copies' }),
    })
    for (let i = 0; i < 10; i++) await node.replica.jobs.create({ title: `job ${i}` })
    await Promise.all([first.bridge.idle(), second.bridge.idle()])
    expect([system.effects('cases'), system.effects('copies')].map(({ length }) => length)).toEqual([10, 10])
    expect(system.requests.some(({ refused }) => refused)).toBe(false)
    await first.bridge.close()
    await second.bridge.close()
  })

  test('a poll that the budget lets list only one type goes on with the next one', async () => {
    const host = testHost()
    const { timer } = host
    host.timer = (delayMs, run) => (delayMs > 600_000 ? () => undefined : timer(delayMs, run))
    const named = z.object({ name: z.string() })
    const collections = { cases: collection('cases', named), parts: collection('parts', named) }
    const replica = await openReplica({ host, store: memoryStore(), collections })
    const system = new MemorySystem({ now: () => host.clock })
    const bridge = await startBridge({
      replica,
      host,
      adapter: quiet(system.adapter()),
      mappings: ['cases', 'parts'].map((name) => ({
        collection: name,
        type: name,
        fields: { name: 'Name' },
      })),
      budget: { pools: { list: { windows: [{ units: 1, ms: 3_600_000 }] } } },
      pollIntervalMs: 0,
    })
    await bridge.pollNow()
    host.clock += 3_600_000
    await bridge.pollNow()
    expect(system.ledger.map(({ method, type }) => [method, type])).toEqual([
      ['changes', 'cases'],
      ['changes', 'parts'],
    ])
    await bridge.close()
  })

  test('a budget in the config is checked where it stands', () => {
    const config = (budget: unknown) => ({
      name: 'crm',
      adapter: new MemorySystem().adapter(),
      mappings: mapped({}),
      budget,
    })
    expect(() => checkBridgeConfig(config({ daly: {} }))).toThrow("unknown key 'budget.daly'")
    expect(() => checkBridgeConfig(config({ daily: { units: 1, reset: '1' } }))).toThrow(
      "unknown key 'budget.daily.reset'",
    )
    expect(() => checkBridgeConfig(config({ windows: [{ units: 0, ms: 1 }] }))).toThrow(
      'budget.windows.0.units',
    )
    expect(checkBridgeConfig(config({ concurrency: 2 })).budget).toEqual({ concurrency: 2 })
  })
})

describe('dead letters', () => {
  async function dead() {
    const node = await openNode()
    let isClosed = true
    const refuses = (_: string, { Title }: Record<string, unknown>) =>
      !isClosed
        ? undefined
        : String(Title).startsWith('long')
          ? 'STRING_TOO_LONG: Title'
          : 'closed for the holidays'
    const system = new MemorySystem({ refuses })
    const { bridge } = await bridged(node, system, { adapter: quiet(system.adapter()) })
    for (const [i, title] of ['long one', 'a', 'long two', 'b'].entries())
      await node.replica.jobs.create({ title }, { id: `job-${i}` })
    await bridge.idle()
    const open = () => {
      isClosed = false
    }
    return { node, system, bridge, open, calls: () => system.ledger.length }
  }

  test('B-13 EVT-4: a dry run says what would be sent, and nothing is called or changed', async () => {
    const { bridge, calls } = await dead()
    const before = calls()
    expect(await bridge.retryAll({ reason: 'STRING_TOO_LONG', dryRun: true })).toEqual([
      { record: 'jobs/job-0', type: 'cases', kind: 'create', fields: { Title: 'long one' } },
      { record: 'jobs/job-2', type: 'cases', kind: 'create', fields: { Title: 'long two' } },
    ])
    expect(await bridge.retry('jobs/job-1', { dryRun: true })).toMatchObject({ fields: { Title: 'a' } })
    await bridge.idle()
    expect([bridge.stats().dead, calls()]).toEqual([4, before])
    await bridge.close()
  })

  test('EVT-2 B-13 those of one reason, those named, then all that are left are tried again', async () => {
    const { bridge, system, open } = await dead()
    open()
    const titles = async () => {
      await bridge.idle()
      return system.rows('cases').map(({ value }) => value.Title)
    }
    expect(await bridge.retryAll({ type: 'other' })).toEqual([])
    await bridge.retryAll({ reason: /^STRING_.*_LONG/ })
    expect(await titles()).toEqual(['long one', 'long two'])
    await bridge.retryAll({ records: ['jobs/job-3', 'jobs/none', 'jobs/job-0'] })
    expect(await titles()).toEqual(['long one', 'long two', 'b'])
    expect(await bridge.retryAll()).toMatchObject([{ record: 'jobs/job-1' }])
    expect(await titles()).toEqual(['long one', 'long two', 'b', 'a'])
    expect(await bridge.deadLetters()).toEqual([])
    await bridge.close()
  })

  test('B-13 at a bridge that is closed nothing is tried again', async () => {
    const { bridge, calls } = await dead()
    const before = calls()
    await bridge.close()
    await expect(bridge.retryAll()).rejects.toMatchObject({ code: 'closed' })
    await expect(bridge.retry('jobs/job-1')).rejects.toMatchObject({ code: 'closed' })
    expect([(await bridge.deadLetters()).length, calls()]).toEqual([4, before])
  })

  test('B-13 B-16 a mapping that still fails says so instead of sending', async () => {
    const node = await openNode()
    const system = new MemorySystem()
    const to = () => {
      throw new RangeError('cannot map this')
    }
    const mappings: MappingConfig[] = [
      { collection: 'jobs', type: 'cases', fields: { title: { field: 'Title', to } } },
    ]
    const { bridge } = await bridged(node, system, { adapter: quiet(system.adapter()), mappings })
    const { id } = await node.replica.jobs.create({ title: 'a' })
    await bridge.idle()
    expect(await bridge.retry(`jobs/${id}`)).toMatchObject({
      kind: 'nothing',
      reason: expect.stringContaining('cannot map this'),
    })
    await bridge.idle()
    expect(bridge.stats().dead).toBe(1)
    await bridge.close()
  })
})

test('B-69 what waits shows: lag and queue by tier, budget, breaker, calls at once, batch size', async () => {
  const node = await openNode()
  const system = new MemorySystem({ batch: { writesMax: 10, readsMax: 10 }, now: () => node.host.clock })
  const held = new HeldAdapter(quiet(system.adapter()))
  const { bridge } = await bridged(node, system, {
    adapter: held.adapter,
    mappings: mapped({ tier: 'analytical' }),
    concurrency: 1,
    budget: { daily: { units: 2_400 }, concurrency: 3 },
  })
  await bridge.idle()
  const call = held.hold('upsert', 'request')
  for (let i = 0; i < 3; i++) await node.replica.jobs.create({ title: `job ${i}` })
  await call.arrived
  node.host.clock += 90_000
  await until(() => bridge.stats().open === 3)
  const stats = bridge.stats()
  expect(stats).toMatchObject({
    open: 3,
    breaker: 'closed',
    width: 1,
    batchSizes: { cases: 10 },
    budget: { underWay: 1, pausedMs: 0, limits: [{ limit: 'daily', max: 2_400 }] },
  })
  expect(stats.tiers.analytical).toEqual({ open: 3, lagMs: 90_000 })
  call.release()
  await bridge.idle()
  expect(bridge.stats().tiers.analytical).toEqual({ open: 0, lagMs: 0 })
  await bridge.close()
})
