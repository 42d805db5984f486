/** When walks are made, what they may cost, and a walk as a dry run (SPEC B-115, B-122, B-123). */
import { BridgeError, type MappingConfig, MemorySystem } from '@skerry/bridge'
import { startEngine } from '@skerry/node'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { HeldAdapter } from '../../test/held.ts'
import { bridged, holdTimers, jobMapping, openNode } from '../../test/nodes.ts'
import { inPages, world } from '../../test/walked.ts'

beforeAll(startEngine)

describe('B-122', () => {
  test('each call is asked for first, and a walk that may not goes on later', async () => {
    const asked: [number, string][] = []
    let left = 0
    const { node, bridge, make, titles } = await world({}, (adapter) => ({
      adapter: inPages(adapter),
      concurrency: 3,
      walkBudget: {
        allow: (units, tier) => {
          asked.push([units, tier])
          if (left <= 0) {
            left = 4
            return 60_000
          }
          left -= units
          return 0
        },
      },
    }))
    make(9)
    const before = node.host.clock
    const [report] = await bridge.reconcile()
    expect(await titles()).toHaveLength(9)
    expect(asked.every(([, tier]) => tier === 'analytical')).toBe(true)
    expect(node.host.clock - before).toBeGreaterThanOrEqual(120_000)
    expect(report?.rows.made).toBe(9)
  })
})

describe('B-123: a dry run', () => {
  test('says what a walk would do, and leaves no trace', async () => {
    const { node, system, bridge, make, titles, events } = await world({ deletions: 'unseen' })
    const rows = make(5)
    await bridge.pollNow()
    await bridge.idle()
    system.edit('cases', { id: rows[0]!.id, deleted: true }, {})
    system.edit('cases', { id: rows[1]!.id }, { Title: 'theirs' })
    system.edit('cases', {}, { Title: 'new' })
    system.edit('cases', {}, { Title: 'odd', Status: 'unheard of' })
    const tables = async () =>
      (await node.replica.tableRows('bridge/memory/shadow', { limit: 100 })).map(({ key, value }) => [
        key,
        value,
      ])
    const [before, head] = [await tables(), node.replica.head]
    const [plan] = await bridge.reconcile({ dryRun: true })
    expect([await tables(), node.replica.head]).toEqual([before, head])
    expect(await titles()).toEqual(['row 0', 'row 1', 'row 2', 'row 3', 'row 4'])
    expect(events).toEqual([])
    expect(await bridge.reports()).toEqual([])
    const [report] = await bridge.reconcile()
    const { startedAt: _, endedAt: __, dryRun: ___, ...done } = report!
    expect(plan).toMatchObject(done)
    expect(plan?.dryRun).toBe(true)
    expect(report).toMatchObject({ rows: { made: 1, taken: 1, unread: 1 }, absent: { deleted: 1 } })
  })

  test('ends with the reason when the system would not list', async () => {
    const { bridge } = await world({}, (adapter) => ({
      adapter: { ...adapter, list: async () => ({ kind: 'unauthorized', reason: 'who are you' }) },
    }))
    await expect(bridge.reconcile({ dryRun: true })).rejects.toThrow('who are you')
  })
})

describe('B-115', () => {
  test('a walk is made when it is time, and a failed one is gone on with', async () => {
    let failures = 3
    const { node, bridge, make, titles, events } = await world({}, (adapter) => ({
      reconcileIntervalMs: 86_400_000,
      adapter: {
        ...adapter,
        list: async (...given) =>
          failures-- > 0 ? { kind: 'later', reason: 'busy' } : adapter.list!(...given),
      },
    }))
    make(2)
    while ((await bridge.reports()).length === 0) await new Promise((resolve) => setImmediate(resolve))
    expect(events.filter(({ code }) => code === 'walk-halted')).toHaveLength(3)
    expect(await titles()).toHaveLength(2)
    const first = (await bridge.reports())[0]!
    expect(first.cause).toBe('schedule')
    while ((await bridge.reports())[0]!.startedAt === first.startedAt)
      await new Promise((resolve) => setImmediate(resolve))
    const second = (await bridge.reports())[0]!
    expect(second.startedAt - first.endedAt).toBeGreaterThanOrEqual(86_400_000)
    expect(node.host.clock).toBeGreaterThan(86_400_000)
  })

  test('what was never told comes in by changes, and is not walked at once beside that', async () => {
    const day = 86_400_000
    const node = await openNode()
    const pass = holdTimers(node.host, day)
    const system = new MemorySystem({ losesPush: () => true })
    system.edit('cases', {}, { Title: 'a' })
    const { bridge } = await bridged(node, system, { reconcileIntervalMs: day })
    onTestFinished(() => bridge.close())
    const listings = () => system.ledger.filter(({ method }) => method === 'list').length
    await bridge.idle()
    expect([(await node.replica.jobs.all()).length, listings()]).toEqual([1, 0])
    pass(day)
    await bridge.idle()
    expect([listings(), (await bridge.reports())[0]?.cause]).toEqual([1, 'schedule'])
  })

  test('what can never be told is walked once the interval has passed since the start', async () => {
    const day = 86_400_000
    const node = await openNode()
    const pass = holdTimers(node.host, day)
    const system = new MemorySystem({ losesPush: () => true })
    system.edit('cases', {}, { Title: 'a' })
    const changes = async () => ({ kind: 'rejected', reason: 'no such view' }) as const
    const { bridge } = await bridged(node, system, {
      adapter: { ...system.adapter(), changes },
      reconcileIntervalMs: day,
    })
    onTestFinished(() => bridge.close())
    await bridge.pushNow()
    expect(await node.replica.jobs.all()).toEqual([])
    pass(day)
    while ((await bridge.reports()).length === 0) await new Promise((resolve) => setImmediate(resolve))
    expect(await node.replica.jobs.all()).toHaveLength(1)
  })

  test.each([true, false])('B-125: the log is followed first, dry run: %s', async (dryRun) => {
    const node = await openNode()
    const system = new MemorySystem({ losesPush: () => true })
    system.edit('cases', {}, { Title: 'same' })
    const mapping: MappingConfig = { ...jobMapping, match: [{ how: 'exact', fields: ['title'] }] }
    // Nothing is told, so that first contact is not over before the walk.
    const changes = async () => ({ kind: 'rejected', reason: 'no such view' }) as const
    holdTimers(node.host, 1)
    const { bridge } = await bridged(node, system, {
      adapter: { ...system.adapter(), changes },
      mappings: [mapping],
      reconcileIntervalMs: 0,
    })
    onTestFinished(() => bridge.close())
    await bridge.pushNow()
    const titles = Array.from({ length: 300 }, (_, i) => `other ${i}`)
    await Promise.all([...titles, 'same'].map((title) => node.replica.jobs.create({ title })))
    const [report] = await bridge.reconcile({ dryRun })
    expect(report?.rows).toMatchObject({ made: 0, taken: 1 })
  })

  test('asked for while one is under way, another follows', async () => {
    const held: { adapter?: HeldAdapter } = {}
    const { system, bridge, make, titles } = await world({}, (adapter) => {
      held.adapter = new HeldAdapter(inPages(adapter))
      return { adapter: held.adapter.adapter }
    })
    const rows = make(4)
    await bridge.pollNow()
    const listing = held.adapter!.hold('list', 'answer')
    const first = bridge.reconcile()
    await listing.arrived
    // The page that has it was listed already.
    system.edit('cases', { id: rows[0]!.id }, { Title: 'too late for the first' })
    const second = bridge.reconcile()
    listing.release()
    const reports = [(await first)[0]!, (await second)[0]!]
    expect(reports.map(({ rows: { taken } }) => taken)).toEqual([0, 1])
    expect(await titles()).toContain('too late for the first')
  })

  test('what cannot be walked is said', async () => {
    const { bridge } = await world()
    await expect(bridge.reconcile({ type: 'invoices' })).rejects.toThrow(
      /no mapping .* 'invoices'; it has cases/,
    )
    const blind = await world({}, ({ list: _, ...adapter }) => ({ adapter }))
    await expect(blind.bridge.reconcile()).rejects.toThrow(BridgeError)
    await expect(blind.bridge.reconcile()).rejects.toThrow('cannot list')
  })

  test('closed before its end, whoever waits hears it, and the walk goes on at the next start', async () => {
    const held: { adapter?: HeldAdapter } = {}
    const { node, system, bridge, make } = await world({}, (adapter) => {
      held.adapter = new HeldAdapter(inPages(adapter))
      return { adapter: held.adapter.adapter }
    })
    make(5)
    const listing = held.adapter!.hold('list', 'answer')
    const walk = bridge.reconcile()
    const heard = expect(walk).rejects.toThrow('goes on when it starts again')
    await listing.arrived
    const closed = bridge.close()
    listing.release({ kind: 'unknown', reason: 'closed' })
    await closed
    await heard
    const { bridge: next } = await bridged(node, system)
    await next.idle()
    expect((await next.reports())[0]).toMatchObject({ listed: 5, cause: 'demand' })
    await next.close()
  })
})
