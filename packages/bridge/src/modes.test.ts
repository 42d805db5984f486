import { checkBridgeConfig, type MappingConfig, MemorySystem, type ModeConfig } from '@skerry/bridge'
import { startEngine } from '@skerry/node'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  bridgedCrm,
  type Crm,
  contactMapping,
  cutPower,
  jobMapping,
  openCrm,
  siteMapping,
} from '../test/crm.ts'
import { holdTimers, testHost } from '../test/nodes.ts'

beforeAll(startEngine)

const HOUR = 3_600_000
/** Tuesday, 14 November 2023, 22:13:20 UTC: where the tests' clock begins. */
const BEGIN = 1_700_000_000_000

/** The event loop goes round once. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function jobsIn(mode: ModeConfig): MappingConfig {
  return { ...jobMapping, mode }
}

/** A node whose longer timers the test fires, with jobs bridged in this mode, and sites at once. */
async function joined(
  mode: ModeConfig,
  { crm = undefined as Crm | undefined, system = new MemorySystem() } = {},
) {
  const node = crm ?? (await openCrm())
  const pass = holdTimers(node.host, 1_000)
  const { bridge } = await bridgedCrm(node, system, [jobsIn(mode), siteMapping, contactMapping])
  const { jobs } = node.replica
  const title = async (text: string) => {
    const { head } = bridge.stats()
    if (await jobs.get('a')) await jobs.update('a', (draft) => void Object.assign(draft, { title: text }))
    else await jobs.create({ title: text }, { id: 'a' })
    // Looked at by the bridge, whatever comes of it.
    while (bridge.stats().followed <= head) await turn()
  }
  const settled = async () => {
    while (bridge.stats().callsUnderWay > 0 || bridge.stats().begun > 0) await turn()
  }
  const time = async (ms: number) => {
    pass(ms)
    for (let i = 0; i < 50; i++) await turn()
    await settled()
  }
  const titles = () => system.rows('cases').map(({ value }) => value.Title)
  return { crm: node, system, bridge, jobs, title, time, titles }
}

describe('TIE-2 B-86 a quiet period', () => {
  test('what is typed live is one call, when nobody has typed for so long', async () => {
    const { bridge, title, time, titles, system } = await joined({ quietMs: 5_000 })
    for (const text of ['R', 'Re', 'Rep']) {
      await title(text)
      await time(4_000)
      expect(titles()).toEqual([])
    }
    // Five seconds after the last edit, and on to the end of a slot.
    await time(1_749)
    expect(titles()).toEqual([])
    await time(1)
    expect(titles()).toEqual(['Rep'])
    expect(system.effects('cases')).toHaveLength(1)
    await bridge.close()
  })

  test('what many edit, each at a time of their own, shares calls: it ends on slots of the clock', async () => {
    const system = new MemorySystem({ batch: { writesMax: 10, readsMax: 10 } })
    const { bridge, jobs, time } = await joined({ quietMs: 4_000 }, { system })
    for (const id of ['a', 'b', 'c', 'd']) {
      await jobs.create({ title: id }, { id })
      await time(300)
    }
    // Quiet after four seconds each, three hundred milliseconds apart; slots are of one second.
    for (let i = 0; i < 20; i++) await time(300)
    const writes = system.requests.filter(({ method }) => method === 'writeMany' || method === 'upsert')
    expect(writes.map(({ method }) => method)).toEqual(['writeMany', 'upsert'])
    expect(system.rows('cases')).toHaveLength(4)
    await bridge.close()
  })

  test('and at most until its ceiling, counted from the first edit', async () => {
    const { bridge, title, time, titles } = await joined({ quietMs: 5_000, ceilingMs: 10_000 })
    for (const text of ['R', 'Re', 'Rep']) {
      await title(text)
      await time(4_000)
    }
    expect(titles()).toEqual(['Rep'])
    await bridge.close()
  })

  test('what is no edit does not begin it again', async () => {
    const { bridge, title, time, titles, system } = await joined({ quietMs: 5_000 })
    await title('a')
    await time(5_000)
    await title('b')
    await time(4_000)
    system.edit('cases', { id: 'CASES-1' }, { Status: 'office' })
    await bridge.pollNow()
    await time(1_000)
    expect(titles()).toEqual(['b'])
    await bridge.close()
  })

  test('ten times as long without a ceiling, and five minutes at most', () => {
    const config = (mode: ModeConfig) => ({
      name: 'crm',
      adapter: new MemorySystem().adapter(),
      mappings: [jobsIn(mode)],
    })
    expect(checkBridgeConfig(config({ quietMs: 300_000 }))).toMatchObject({ name: 'crm' })
    for (const wrong of [{ quietMs: 300_001 }, { quietMs: 0 }, { quietMs: 5, ceilingMs: 300_001 }])
      expect(() => checkBridgeConfig(config(wrong))).toThrow('mappings.0.mode')
  })
})

describe('TIE-2 B-87 a schedule', () => {
  test('edits wait for it, by the calendar of its zone, and idle does not wait for them', async () => {
    const { bridge, title, time, titles } = await joined({ cron: '0 2 * * *', zone: 'Europe/Berlin' })
    await title('a')
    await bridge.idle()
    expect(bridge.stats()).toMatchObject({ deferred: 1, open: 0 })
    // Two o'clock in Berlin is one o'clock UTC in winter.
    await time(Date.UTC(2023, 10, 15, 1) - 1 - BEGIN)
    expect(titles()).toEqual([])
    await time(1)
    expect(titles()).toEqual(['a'])
    await title('b')
    await time(20 * HOUR)
    expect(titles()).toEqual(['a'])
    await time(4 * HOUR)
    expect(titles()).toEqual(['b'])
    await bridge.close()
  })

  test('a time that summer time leaves out is made up for right after it', async () => {
    const host = testHost()
    host.clock = Date.UTC(2026, 2, 28, 20)
    const { bridge, title, time, titles } = await joined(
      { cron: '30 2 * * *', zone: 'Europe/Berlin' },
      { crm: await openCrm({ host }) },
    )
    await title('a')
    await time(5 * HOUR - 1)
    expect(titles()).toEqual([])
    await time(1)
    expect(titles()).toEqual(['a'])
    await bridge.close()
  })

  test('a time that passed while the node was away is made up for when it starts', async () => {
    const { crm, bridge, title, system } = await joined({ cron: '0 2 * * *' })
    await title('a')
    expect(bridge.stats().deferred).toBe(1)
    cutPower(crm)
    const host = testHost(2)
    host.clock = Date.UTC(2023, 10, 15, 3)
    const after = await joined(
      { cron: '0 2 * * *' },
      { crm: await openCrm({ disk: crm.disk, host }), system },
    )
    await after.time(0)
    expect(after.titles()).toEqual(['a'])
    await after.bridge.close()
  })

  test('another schedule, or none, counts from the next start', async () => {
    const { crm, title, system } = await joined({ cron: '0 0 1 1 *' })
    await title('a')
    cutPower(crm)
    const hourly = await joined(
      { cron: '0 * * * *' },
      { crm: await openCrm({ disk: crm.disk, host: testHost(2) }), system },
    )
    await hourly.time(46 * 60_000)
    expect(hourly.titles()).toEqual([])
    await hourly.time(60_000)
    expect(hourly.titles()).toEqual(['a'])
    await hourly.title('b')
    cutPower(hourly.crm)
    const atOnce = await joined('at-once', {
      crm: await openCrm({ disk: crm.disk, host: testHost(3) }),
      system,
    })
    await atOnce.time(0)
    expect(atOnce.titles()).toEqual(['b'])
    await atOnce.bridge.close()
  })

  test('B-42 a clock that was ahead does not hold an edit for years', async () => {
    const { crm, bridge, title, time, titles } = await joined({ cron: '0 2 1 * *' })
    crm.host.clock += 10 * 365 * 24 * HOUR
    await title('a')
    // Timers that were set under the wrong clock would bring it back.
    await time(0)
    crm.host.clock = BEGIN
    await title('a, again')
    await time(24 * HOUR)
    expect(titles()).toEqual(['a, again'])
    await bridge.close()
  })

  test('a schedule further away than a timer reaches is looked for once a day', async () => {
    const crm = await openCrm()
    const delays: number[] = []
    const { timer } = crm.host
    crm.host.timer = (delayMs, run) => {
      delays.push(delayMs)
      return delayMs > 1_000 ? () => undefined : timer(delayMs, run)
    }
    const { bridge } = await bridgedCrm(
      crm,
      new MemorySystem(),
      [jobsIn({ cron: '0 0 1 1 *' })].map(({ fields, ...rest }) => ({
        ...rest,
        fields: { title: fields.title! },
      })),
    )
    await crm.replica.jobs.create({ title: 'a' })
    await bridge.idle()
    expect(delays.length).toBeGreaterThan(0)
    expect(Math.max(...delays)).toBe(24 * HOUR)
    await bridge.close()
  })
})

describe('TIE-2 B-88 on demand', () => {
  test('nothing is written before pushNow; then what was edited until then is', async () => {
    const { bridge, title, time, titles, jobs } = await joined('on-demand')
    await title('a')
    await time(1_000 * HOUR)
    expect(titles()).toEqual([])
    expect(bridge.stats()).toMatchObject({ deferred: 1, open: 0 })
    await jobs.update('a', (draft) => void Object.assign(draft, { title: 'b' }))
    expect(await bridge.pushNow()).toBe(1)
    await bridge.idle()
    expect(titles()).toEqual(['b'])
    expect(await bridge.pushNow()).toBe(0)
    await title('c')
    await bridge.idle()
    expect(titles()).toEqual(['b'])
    await bridge.close()
  })

  test('it may be of one collection, and lets quiet periods and schedules go too', async () => {
    const crm = await openCrm()
    holdTimers(crm.host, 1_000)
    const system = new MemorySystem()
    const { bridge } = await bridgedCrm(crm, system, [
      { ...jobMapping, mode: 'on-demand' },
      { ...siteMapping, mode: { cron: '0 2 * * *' } },
      { ...contactMapping, mode: { quietMs: 60_000 } },
    ])
    const { jobs, sites, contacts } = crm.replica
    await jobs.create({ title: 'a' })
    await sites.create({ name: 'b' })
    await contacts.create({ name: 'c' })
    const rows = () => ['cases', 'accounts', 'people'].map((type) => system.rows(type).length)
    const pushed = async (collection?: string) => {
      const count = await bridge.pushNow(collection)
      while (bridge.stats().callsUnderWay > 0 || bridge.stats().begun > 0) await turn()
      return [count, ...rows()]
    }
    expect(await pushed('sites')).toEqual([1, 0, 1, 0])
    expect(await pushed()).toEqual([2, 1, 1, 1])
    await expect(bridge.pushNow('site')).rejects.toThrow(
      "no mapping is of that collection; did you mean 'sites'?",
    )
    await bridge.close()
  })

  test('what waits is still there after a crash, and what was asked for goes on', async () => {
    const { crm, title, system } = await joined('on-demand')
    await title('a')
    cutPower(crm)
    const again = await joined('on-demand', {
      crm: await openCrm({ disk: crm.disk, host: testHost(2) }),
      system,
    })
    await again.time(0)
    expect(again.bridge.stats()).toMatchObject({ deferred: 1 })
    await again.bridge.pushNow()
    cutPower(again.crm)
    const third = await joined('on-demand', {
      crm: await openCrm({ disk: crm.disk, host: testHost(3) }),
      system,
    })
    await third.bridge.idle()
    expect(third.titles()).toEqual(['a'])
    await third.bridge.close()
  })

  test('a failure does not make it wait for another push', async () => {
    const crm = await openCrm()
    const system = new MemorySystem()
    const adapter = system.adapter()
    let calls = 0
    const { bridge } = await bridgedCrm(crm, system, [jobsIn('on-demand'), siteMapping, contactMapping], {
      adapter: {
        ...adapter,
        upsert: async (...given) =>
          ++calls === 1 ? { kind: 'later', reason: 'busy' } : adapter.upsert(...given),
      },
    })
    await crm.replica.jobs.create({ title: 'a' })
    await bridge.pushNow()
    await bridge.idle()
    expect([calls, system.rows('cases').length]).toEqual([2, 1])
    await bridge.close()
  })

  test('what a failure keeps waiting is not asked again', async () => {
    const crm = await openCrm()
    holdTimers(crm.host, 100)
    const system = new MemorySystem()
    let calls = 0
    const { bridge } = await bridgedCrm(crm, system, [jobsIn('on-demand'), siteMapping, contactMapping], {
      adapter: {
        ...system.adapter(),
        upsert: async () => {
          calls += 1
          return { kind: 'later', reason: 'busy' }
        },
      },
    })
    await crm.replica.jobs.create({ title: 'a' })
    expect(await bridge.pushNow()).toBe(1)
    while (calls === 0 || bridge.stats().callsUnderWay > 0) await turn()
    expect(await bridge.pushNow()).toBe(0)
    await bridge.close()
  })
})
