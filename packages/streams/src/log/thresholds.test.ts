import {
  decodeUtf8,
  encodeUtf8,
  type LoggedEntry,
  MemoryDisk,
  StoreError,
  type Transaction,
} from '@skerry/core'
import { beforeEach, describe, expect, it } from 'vitest'
import { seattleReadings } from '../../test/seattle.ts'
import { deliver, ownEntries, push, type TestReplica, World } from '../../test/world.ts'
import { nodeCompressor } from '../compressor-node.ts'
import {
  openStreams,
  type RecordedCrossing,
  startThresholds,
  THRESHOLDS_FOLLOWER,
  type ThresholdOptions,
  type ThresholdRule,
  type Thresholds,
} from '../index.ts'
import { evaluateStream } from './evaluate-stream.ts'

const compressor = nodeCompressor
const storm: ThresholdRule = { name: 'storm', streams: '*/wind', above: 4.5, clear: 3.5, forReadings: 3 }
const frost: ThresholdRule = { name: 'frost', streams: '*/temperature', below: 4, clear: 6, forReadings: 2 }
const high: ThresholdRule = { name: 'high', streams: 'gw-1/x', above: 10, clear: 5, forReadings: 1 }

let world: World
/** What onError was told. */
let errors: unknown[]
beforeEach(async () => {
  world = await World.start(5)
  errors = []
})

/** Opens a work order, and counts every call under the crossing's id, durably. */
async function open(transaction: Transaction, { id, recordId, rule }: RecordedCrossing): Promise<void> {
  const { tables } = transaction
  const calls = Number(decodeUtf8((await tables.get('opened', id)) ?? new Uint8Array()) ?? '')
  tables.put('opened', id, encodeUtf8(String(calls + 1)))
  await transaction.assign(`work_orders/${recordId}`, { title: rule, status: 'open', site: 'SEA' })
}

async function close(transaction: Transaction, { recordId }: RecordedCrossing): Promise<void> {
  const key = `work_orders/${recordId}`
  await transaction.assign(key, { ...(await transaction.record(key)).value, status: 'done' })
}

function start(
  hub: TestReplica,
  rules: ThresholdRule[],
  options: Partial<ThresholdOptions> = {},
): Thresholds {
  const onError = (error: unknown) => errors.push(error)
  return startThresholds(hub, rules, { compressor, open, close, onError, ...options })
}

/** Ids of openings, and how often each was opened. */
async function openings(hub: TestReplica): Promise<Record<string, string>> {
  const rows = await hub.tableRows('opened', { limit: 10_000 })
  return Object.fromEntries(rows.map(({ key, value }) => [key, decodeUtf8(value) ?? '']))
}

/** The second implementation: one loop over all readings of a stream. */
function openingsByHand(
  rule: ThresholdRule,
  stream: string,
  times: Float64Array,
  values: Float64Array,
): string[] {
  const sign = rule.above === undefined ? -1 : 1
  const threshold = sign * (rule.above ?? rule.below)
  const ids: string[] = []
  let isOpen = false
  let run: number[] = []
  for (const [i, value] of values.entries()) {
    if (isOpen) {
      isOpen = sign * value > sign * rule.clear
      continue
    }
    run = sign * value > threshold ? [...run, times[i]!] : []
    if (run.length < rule.forReadings) continue
    ids.push(`${rule.name}/${encodeURIComponent(stream)}/${run[0]}`)
    isOpen = true
    run = []
  }
  return ids
}

const wind = seattleReadings('wind')
const temperature = seattleReadings('temperature')
const expected = [
  ...openingsByHand(storm, 'gw-1/wind', wind.times, wind.values),
  ...openingsByHand(frost, 'gw-1/temperature', temperature.times, temperature.values),
].sort()
const onceEach = Object.fromEntries(expected.map((id) => [id, '1']))

async function appendWeather(gateway: TestReplica, from = 0, to?: number): Promise<void> {
  const streams = await openStreams(gateway, { compressor, policy: { readingsMax: 250 } })
  streams.appendMany('gw-1/wind', wind.times.subarray(from, to), wind.values.subarray(from, to))
  const { times, values } = temperature
  streams.appendMany('gw-1/temperature', times.subarray(from, to), values.subarray(from, to))
  await streams.close()
}

/** A gateway with one segment of gw-1/x for each value. */
async function segmentsOf(
  values: readonly number[],
): Promise<{ gateway: TestReplica; entries: LoggedEntry[] }> {
  const gateway = await world.gateway()
  const streams = await openStreams(gateway, { compressor })
  for (const [i, value] of values.entries()) {
    streams.append('gw-1/x', i + 1, value)
    await streams.flush()
  }
  return { gateway, entries: await ownEntries(gateway) }
}

const highAt = (times: readonly number[]) =>
  Object.fromEntries(times.map((time) => [`high/gw-1%2Fx/${time}`, '1']))

/** Memory stores and virtual hosts do everything in microtasks: afterwards nothing is under way. */
const microtasks = () => new Promise((resolve) => setImmediate(resolve))

describe('EVT-7 FOLLOW-1: exactly once', () => {
  it('opens one record for each crossing of a year, and closes those that cleared', async () => {
    expect(expected.length).toBeGreaterThan(30)
    const gateway = await world.gateway()
    const hub = await world.hub()
    const thresholds = start(hub, [storm, frost])
    for (const [from, to] of [
      [0, 2_000],
      [2_000, 2_001],
      [2_001, 8_759],
    ]) {
      await appendWeather(gateway, from, to)
      await push(gateway, hub)
    }
    await thresholds.idle()
    expect(await openings(hub)).toEqual(onceEach)
    const orders = await hub.workOrders.all()
    expect(orders.length).toBe(expected.length)
    expect(orders.filter(({ status }) => status === 'open').length).toBeLessThanOrEqual(2)
    await thresholds.close()
  })

  it('opens nothing again when the follower is moved back to the beginning', async () => {
    const gateway = await world.gateway()
    const hub = await world.hub()
    await appendWeather(gateway)
    await push(gateway, hub)
    const first = start(hub, [storm, frost])
    await first.idle()
    await first.close()
    const { entries } = await hub.stats()
    await hub.transact(async (transaction) => hub.follower(THRESHOLDS_FOLLOWER).advance(transaction, 0))
    expect(await hub.follower(THRESHOLDS_FOLLOWER).position()).toBe(0)
    const again = start(hub, [storm, frost])
    await again.idle()
    await again.close()
    expect(await openings(hub)).toEqual(onceEach)
    expect((await hub.stats()).entries).toBe(entries)
    expect(await hub.follower(THRESHOLDS_FOLLOWER).position()).toBeGreaterThan(0)
  })

  it('finds the same records again when the states are lost too', async () => {
    const gateway = await world.gateway()
    const hub = await world.hub()
    await appendWeather(gateway)
    await push(gateway, hub)
    const first = start(hub, [storm, frost])
    await first.idle()
    await first.close()
    const ids = (await hub.workOrders.all()).map(({ id }) => id)
    await hub.transact(async (transaction) => {
      for (const { key } of await transaction.tables.scan('thresholds', { limit: 10 }))
        transaction.tables.put('thresholds', key, undefined)
      hub.follower(THRESHOLDS_FOLLOWER).advance(transaction, 0)
    })
    const again = start(hub, [storm, frost])
    await again.idle()
    await again.close()
    expect((await hub.workOrders.all()).map(({ id }) => id)).toEqual(ids)
    expect(Object.values(await openings(hub))).toEqual(expected.map(() => '2'))
  })

  it('over a crash at every commit', async () => {
    const gateway = await world.gateway()
    await appendWeather(gateway, 0, 3_000)
    const entries = await ownEntries(gateway)
    const steady = await world.hub()
    await deliver(gateway, steady, entries)
    const thresholds = start(steady, [storm, frost])
    await thresholds.idle()
    await thresholds.close()
    const wanted = await openings(steady)
    expect(Object.keys(wanted).length).toBeGreaterThan(10)

    const disk = new MemoryDisk()
    let commitsLeft = Number.POSITIVE_INFINITY
    const beforeCommit = () => {
      commitsLeft -= 1
      if (commitsLeft < 0) throw new StoreError('io', 'the power went')
    }
    for (let commits = 0; commits < 40; commits += 1) {
      commitsLeft = Number.POSITIVE_INFINITY
      const hub = await world.hub({ disk, beforeCommit })
      commitsLeft = commits % 4
      const crashing = start(hub, [storm, frost])
      const outcomes = await Promise.allSettled([
        deliver(gateway, hub, entries.slice(0, commits)),
        crashing.idle(),
        deliver(gateway, hub, entries.slice(0, commits + 1)),
        crashing.idle(),
      ])
      for (const outcome of outcomes)
        if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(StoreError)
      await crashing.close()
      disk.crash()
    }
    const hub = await world.hub({ disk })
    await deliver(gateway, hub, entries)
    const last = start(hub, [storm, frost])
    await last.idle()
    await last.close()
    expect(await openings(hub)).toEqual(wanted)
  })
})

describe('FOLLOW-2: in the order of numbers', () => {
  it('waits for a missing segment, and then goes on', async () => {
    const { gateway, entries } = await segmentsOf([1, 11, 4, 12, 3])
    const hub = await world.hub()
    const thresholds = start(hub, [high])
    await deliver(gateway, hub, [entries[0]!, entries[4]!, entries[3]!])
    await thresholds.idle()
    expect(await openings(hub)).toEqual({})
    await deliver(gateway, hub, [entries[2]!])
    await thresholds.idle()
    expect(await openings(hub)).toEqual({})
    await deliver(gateway, hub, [entries[1]!])
    await thresholds.idle()
    expect(await openings(hub)).toEqual(highAt([2, 4]))
    expect(world.virtual.clock.timers).toBe(0)
    await thresholds.close()
  })

  it('goes on after holeMsMax, not before, and takes what comes later for seen', async () => {
    const { gateway, entries } = await segmentsOf([1, 11, 4, 12])
    const hub = await world.hub()
    const thresholds = start(hub, [high], { holeMsMax: 5_000 })
    await deliver(gateway, hub, [entries[0]!, entries[2]!, entries[3]!])
    await thresholds.idle()
    world.virtual.clock.advance(4_999)
    await thresholds.idle()
    expect(await openings(hub)).toEqual({})
    world.virtual.clock.advance(1)
    await thresholds.idle()
    expect(await openings(hub)).toEqual(highAt([4]))
    await deliver(gateway, hub, [entries[1]!])
    await thresholds.idle()
    expect(await openings(hub)).toEqual(highAt([4]))
    await thresholds.close()
  })

  it('waits on after a restart', async () => {
    const { gateway, entries } = await segmentsOf([1, 2, 12])
    const disk = new MemoryDisk()
    const hub = await world.hub({ disk })
    const first = start(hub, [high])
    await deliver(gateway, hub, [entries[0]!, entries[2]!])
    await first.idle()
    await first.close()
    disk.crash()
    const reopened = await world.hub({ disk })
    const thresholds = start(reopened, [high])
    await thresholds.idle()
    expect(await openings(reopened)).toEqual({})
    const { head } = reopened
    expect(await reopened.follower(THRESHOLDS_FOLLOWER).position()).toBe(head - 1)
    world.virtual.clock.advance(60_000)
    await thresholds.idle()
    expect(await openings(reopened)).toEqual(highAt([3]))
    expect(await reopened.follower(THRESHOLDS_FOLLOWER).position()).toBe(head)
    await thresholds.close()
  })

  it('leaves for later what stands above the page, and may not be in the store yet', async () => {
    const { gateway, entries } = await segmentsOf([11, 1, 12])
    const hub = await world.hub()
    await deliver(gateway, hub, entries)
    const upTo = hub.head - 1
    const asked = { stream: 'gw-1/x', rules: [high], newestFrom: 1, passesHoles: false }
    const evaluate = (to: number) =>
      hub.transact((transaction) => evaluateStream(hub, transaction, compressor, { ...asked, upTo: to }))
    expect((await evaluate(upTo)).crossings.map(({ segmentNumber }) => segmentNumber)).toEqual([1, 2])
    expect(await evaluate(upTo + 1)).toMatchObject({ crossings: [{ segmentNumber: 3 }], heldSeq: undefined })
  })

  it('makes nothing else wait', async () => {
    const { gateway, entries } = await segmentsOf([1, 2, 12])
    const hub = await world.hub()
    const thresholds = start(hub, [high, { ...high, name: 'other', streams: 'gw-1/y' }])
    await deliver(gateway, hub, [entries[0]!, entries[2]!])
    await thresholds.idle()
    const streams = await openStreams(gateway, { compressor })
    streams.append('gw-1/y', 7, 99)
    await streams.close()
    await deliver(gateway, hub, (await ownEntries(gateway)).slice(-1))
    await thresholds.idle()
    expect(await openings(hub)).toEqual({ 'other/gw-1%2Fy/7': '1' })
    await thresholds.close()
  })
})

describe('FOLLOW-3: a rule that is new', () => {
  it('to a stream that is not starts with what comes in from then on', async () => {
    const { gateway, entries } = await segmentsOf([11, 1, 12, 1, 13])
    const hub = await world.hub()
    const one = start(hub, [high])
    await deliver(gateway, hub, entries.slice(0, 4))
    await one.idle()
    await one.close()
    const two = start(hub, [high, { ...high, name: 'new' }])
    await deliver(gateway, hub, entries.slice(4))
    await two.idle()
    await two.close()
    expect(await openings(hub)).toEqual({ ...highAt([1, 3, 5]), 'new/gw-1%2Fx/5': '1' })
  })

  it('is refused when it cannot be evaluated', async () => {
    const hub = await world.hub()
    expect(() => start(hub, [{ ...high, forReadings: 0 }])).toThrow(
      expect.objectContaining({ code: 'bad-rule' }),
    )
  })
})

describe('FOLLOW-4: a page that fails', () => {
  it('is undone whole, told, and tried again after five seconds', async () => {
    const { gateway, entries } = await segmentsOf([11, 1, 12])
    const hub = await world.hub()
    let isBroken = true
    const thresholds = start(hub, [high], {
      open: async (transaction, crossing) => {
        await open(transaction, crossing)
        if (isBroken && crossing.timeMs === 3) throw new Error('no such site')
      },
    })
    await deliver(gateway, hub, entries)
    await expect(thresholds.idle()).rejects.toThrow('no such site')
    expect(errors).toEqual([new Error('no such site')])
    expect(await openings(hub)).toEqual({})
    expect(await hub.workOrders.all()).toEqual([])
    expect(await hub.follower(THRESHOLDS_FOLLOWER).position()).toBe(0)
    await hub.workOrders.create({ title: 'a commit', status: 'open', site: 'SEA' })
    await microtasks()
    expect(errors.length).toBe(1)
    isBroken = false
    world.virtual.clock.advance(5_000)
    await thresholds.idle()
    expect(await openings(hub)).toEqual(highAt([1, 3]))
    await thresholds.close()
    expect(world.virtual.clock.timers).toBe(0)
  })

  it('ends with the replica', async () => {
    const hub = await world.hub()
    const thresholds = start(hub, [high])
    await thresholds.idle()
    const { gateway, entries } = await segmentsOf([11])
    await deliver(gateway, hub, entries)
    await hub.close()
    await thresholds.close()
    expect(world.virtual.clock.timers).toBe(0)
  })
})
