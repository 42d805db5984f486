/** How the bridge hears of what changed there: pushes and polls, each sufficient; silence that is noticed; versions that cannot be trusted (SPEC B-110 to B-114). */
import { type Adapter, importedId, MemorySystem } from '@skerry/bridge'
import { startEngine } from '@skerry/node'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { bridged, openNode, testHost } from '../test/nodes.ts'
import type { BridgeEvent } from './context.ts'
import { TAKEN_TOGETHER_MAX } from './limits.ts'
import { Watchdog } from './watchdog.ts'

beforeAll(startEngine)

describe('B-110', () => {
  test('CDC-6: every push is lost, and the poll finds each change all the same', async () => {
    const node = await openNode()
    let lost = 0
    const system = new MemorySystem({ losesPush: () => ++lost > 0 })
    const { bridge } = await bridged(node, system)
    await bridge.idle()
    const rows = Array.from({ length: 5 }, (_, i) => system.edit('cases', {}, { Title: `row ${i}` }))
    for (const { id } of rows) system.edit('cases', { id }, { Status: 'open' })
    system.edit('cases', { id: rows[0]!.id, deleted: true }, {})
    await bridge.idle()
    expect(await node.replica.jobs.all()).toEqual([])
    await bridge.pollNow()
    await bridge.idle()
    expect(lost).toBe(11)
    expect((await node.replica.jobs.all()).map(({ title, status }) => [title, status]).sort()).toEqual(
      [1, 2, 3, 4].map((i) => [`row ${i}`, 'open']),
    )
    await bridge.close()
  })

  test('CDC-4 CDC-5: every poll fails, and pushes bring each change', async () => {
    const node = await openNode()
    const system = new MemorySystem()
    const { bridge } = await bridged(node, system, {
      adapter: { ...system.adapter(), changes: async () => ({ kind: 'unknown', reason: 'never heard of' }) },
    })
    await bridge.idle()
    const { id } = system.edit('cases', {}, { Title: 'pushed' })
    system.edit('cases', { id }, { Status: 'done' })
    await bridge.idle()
    expect(await node.replica.jobs.all()).toMatchObject([{ title: 'pushed', status: 'done' }])
    await bridge.close()
  })
})

describe('B-111', () => {
  function watched(alarmAfterMs: number) {
    const events: BridgeEvent[] = []
    const timers: { at: number; run: () => void }[] = []
    const host = testHost()
    host.timer = (delayMs, run) => {
      const timer = { at: host.clock + delayMs, run }
      timers.push(timer)
      return () => void timers.splice(timers.indexOf(timer), 1)
    }
    const context = {
      system: 'memory',
      host,
      mappings: [],
      report: (event: BridgeEvent) => events.push(event),
    }
    const watchdog = new Watchdog(context, alarmAfterMs)
    watchdog.start()
    const pass = (ms: number) => {
      for (const end = host.clock + ms; host.clock < end; host.clock += 1)
        for (const timer of timers.filter(({ at }) => at <= host.clock)) {
          timers.splice(timers.indexOf(timer), 1)
          timer.run()
        }
    }
    return { watchdog, events, host, timers, pass }
  }

  test('silence is told once, when it has lasted, and its end once', () => {
    const { watchdog, events, pass } = watched(1_000)
    pass(900)
    watchdog.heard()
    pass(999)
    expect(events).toEqual([])
    expect([watchdog.silentMs, watchdog.isSilent]).toEqual([999, false])
    pass(5_000)
    expect(events).toMatchObject([{ level: 'error', code: 'silent', fields: { silentMs: 1_000 } }])
    expect(watchdog.isSilent).toBe(true)
    watchdog.heard()
    watchdog.heard()
    expect(events.map(({ code }) => code)).toEqual(['silent', 'heard-again'])
    expect([watchdog.silentMs, watchdog.isSilent]).toEqual([0, false])
    pass(1_001)
    expect(events.map(({ code }) => code)).toEqual(['silent', 'heard-again', 'silent'])
  })

  test('0 is nobody watching, and a stopped one is silent itself', () => {
    const nobody = watched(0)
    nobody.pass(10_000)
    expect([nobody.events, nobody.timers]).toEqual([[], []])
    const stopped = watched(1_000)
    stopped.watchdog.stop()
    stopped.pass(10_000)
    expect(stopped.events).toEqual([])
  })

  test('fault T3: a clock that is set back counts from then on', () => {
    const { watchdog, host, pass, events } = watched(1_000)
    pass(500)
    host.clock -= 3_600_000
    expect(watchdog.silentMs).toBe(0)
    pass(400)
    expect(watchdog.silentMs).toBe(400)
    expect(events).toEqual([])
  })

  test('RES-4: a bridge that hears nothing says so, and says when it does again; a push is enough', async () => {
    const node = await openNode()
    const system = new MemorySystem()
    const adapter = system.adapter()
    const changes: Adapter['changes'] = async () => ({ kind: 'unknown', reason: 'silence' })
    const { bridge, events } = await bridged(node, system, {
      adapter: { ...adapter, changes },
      alarmAfterMs: 3_600_000,
    })
    const codes = () => events.map(({ code }) => code).filter((code) => code !== 'poll-failed')
    while (codes().length === 0) await new Promise((resolve) => setImmediate(resolve))
    expect(codes()).toEqual(['silent'])
    expect(bridge.stats()).toMatchObject({ isSilent: true })
    expect(bridge.stats().silentMs).toBeGreaterThanOrEqual(3_600_000)
    system.edit('cases', {}, { Title: 'heard' })
    expect(codes()).toEqual(['silent', 'heard-again'])
    expect(bridge.stats()).toMatchObject({ isSilent: false })
    await bridge.close()
  })
})

describe('B-113 CDC-9: versions that cannot be trusted', () => {
  test('a change under the same version is seen by poll and by reconciliation, an unchanged row is not read in', async () => {
    const node = await openNode()
    const system = new MemorySystem({ versions: 'unsure', losesPush: () => true })
    const { bridge } = await bridged(node, system)
    const row = system.edit('cases', {}, { Title: 'one' })
    await bridge.pollNow()
    system.edit('cases', { id: row.id }, { Title: 'two' })
    expect(system.row('cases', row.id)?.version).toBe(row.version)
    await bridge.pollNow()
    await bridge.idle()
    expect(await node.replica.jobs.all()).toMatchObject([{ title: 'two' }])
    const { head } = node.replica
    system.edit('cases', { id: row.id }, { Unmapped: 'says nothing' })
    await bridge.pollNow()
    await bridge.idle()
    expect(node.replica.head).toBe(head)
    system.edit('cases', { id: row.id }, { Title: 'three' })
    const [report] = await bridge.reconcile()
    expect(report).toMatchObject({ read: 1, rows: { taken: 1 } })
    expect(await node.replica.jobs.all()).toMatchObject([{ title: 'three' }])
    await bridge.close()
  })

  test('what is sent there is the system’s own version', async () => {
    const node = await openNode()
    const system = new MemorySystem({ versions: 'unsure' })
    const inner = system.adapter()
    const expected: (string | null | undefined)[] = []
    const { bridge } = await bridged(node, system, {
      adapter: {
        ...inner,
        upsert: (type, request, call) => {
          expected.push(request.expectedVersion)
          return inner.upsert(type, request, call)
        },
        delete: (type, request, call) => {
          expected.push(request.expectedVersion)
          return inner.delete(type, request, call)
        },
      },
    })
    const { id } = await node.replica.jobs.create({ title: 'a' })
    await bridge.idle()
    await node.replica.jobs.update(id, (draft) => {
      draft.title = 'b'
    })
    await bridge.idle()
    await node.replica.jobs.delete(id)
    await bridge.idle()
    expect(expected).toEqual([null, 'v1', 'v1'])
    expect(system.rows('cases')).toMatchObject([{ deleted: true }])
    await bridge.close()
  })
})

test('B-114 rows of a page are one append, and one that does not fit takes no other with it', async () => {
  const node = await openNode()
  const system = new MemorySystem({ losesPush: () => true })
  const { bridge } = await bridged(node, system)
  const commits: number[] = []
  node.replica.onCommit(({ changes }) => commits.push(changes.length))
  const rows = Array.from({ length: TAKEN_TOGETHER_MAX }, (_, i) =>
    system.edit('cases', {}, { Title: `row ${i}` }),
  )
  await bridge.pollNow()
  expect(commits.filter((count) => count > 0)).toEqual([TAKEN_TOGETHER_MAX])
  for (const { id } of rows) system.edit('cases', { id }, { Status: 'open' })
  system.edit('cases', { id: rows[7]!.id }, { Status: 'unheard of' })
  await bridge.pollNow()
  await bridge.idle()
  const open = await node.replica.jobs.where({ status: 'open' }).all()
  expect(open).toHaveLength(TAKEN_TOGETHER_MAX - 1)
  const odd = importedId(node.host, 'memory', 'cases', rows[7]!.id, 0)
  expect((await node.replica.jobs.get(odd))?.status).toBeUndefined()
  await bridge.close()
})

test('B-23 CDC-2 CDC-3: pages overlap, rows come again and late, and nothing is lost, doubled or read', async () => {
  const node = await openNode()
  const system = new MemorySystem({ losesPush: () => true })
  const inner = system.adapter()
  // Everything since the position before is told again, the oldest last.
  let before: string | undefined
  const changes: Adapter['changes'] = async (type, position, limit, call) => {
    const answer = await inner.changes(type, before, limit, call)
    before = position
    return answer.kind === 'page' ? { ...answer, rows: answer.rows.toReversed() } : answer
  }
  const { bridge } = await bridged(node, system, { adapter: { ...inner, changes } })
  onTestFinished(() => bridge.close())
  for (let i = 0; i < 7; i++) system.edit('cases', {}, { Title: `row ${i}` })
  await bridge.pollNow()
  const { head } = node.replica
  await bridge.pollNow()
  await bridge.idle()
  expect(node.replica.head).toBe(head)
  system.edit('cases', { id: 'CASES-3' }, { Title: 'changed' })
  await bridge.pollNow()
  await bridge.idle()
  const titles = (await node.replica.jobs.all()).map(({ title }) => title).sort()
  expect(titles).toEqual(['changed', ...[0, 1, 3, 4, 5, 6].map((i) => `row ${i}`)])
  expect(system.ledger.filter(({ method }) => method === 'read')).toEqual([])
})

test('B-01: what is written here between two pages is followed, though the bridge passes over its own entries', async () => {
  const node = await openNode()
  const system = new MemorySystem({ losesPush: () => true })
  const { bridge } = await bridged(node, system)
  onTestFinished(() => bridge.close())
  for (let i = 0; i < 20; i++) {
    system.edit('cases', {}, { Title: `there ${i}` })
    const [, made] = await Promise.all([bridge.pollNow(), node.replica.jobs.create({ title: `here ${i}` })])
    await node.replica.jobs.update(made.id, (draft) => {
      draft.site = 'at once'
    })
  }
  await bridge.idle()
  const rows = system.rows('cases').map(({ value }) => [value.Title, value.Site])
  expect(rows.filter(([, site]) => site === 'at once')).toHaveLength(20)
  expect(rows).toHaveLength(40)
})
