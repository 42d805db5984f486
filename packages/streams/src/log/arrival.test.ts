import { MemoryDisk } from '@skerry/core'
import { beforeEach, describe, expect, it } from 'vitest'
import { SEATTLE_SERIES, seattleReadings } from '../../test/seattle.ts'
import { seededRandom } from '../../test/seeded-random.ts'
import { deliver, ownEntries, pullAll, push, type TestReplica, World } from '../../test/world.ts'
import { nodeCompressor } from '../compressor-node.ts'
import { listStreams, openStreams, readStream, streamTotals } from '../index.ts'
import { segmentAt } from './segment-index.ts'
import { tablesOf } from './table-reader.ts'

const compressor = nodeCompressor
const ALL_TIME = { fromMs: -(2 ** 50), toMs: 2 ** 50 }
/** Small segments, so that there are many to bring out of order. */
const policy = { readingsMax: 200 }
const READINGS = 26_277

let world: World
beforeEach(async () => {
  world = await World.start(1)
})

async function appendSeattle(gateway: TestReplica, from = 0, to?: number): Promise<void> {
  const streams = await openStreams(gateway, { compressor, policy })
  for (const series of SEATTLE_SERIES) {
    const { times, values } = seattleReadings(series)
    streams.appendMany(`gw-1/${series}`, times.subarray(from, to), values.subarray(from, to))
  }
  await streams.close()
}

async function expectSeattle(replica: TestReplica): Promise<void> {
  const totals = await listStreams(replica)
  expect(totals.map(({ stream }) => stream)).toEqual(SEATTLE_SERIES.map((series) => `gw-1/${series}`))
  expect(totals.reduce((sum, { readings }) => sum + readings, 0)).toBe(READINGS)
  expect(totals.every(({ segments, newestNumber }) => segments === newestNumber)).toBe(true)
  for (const series of SEATTLE_SERIES) {
    const page = await readStream(replica, `gw-1/${series}`, ALL_TIME, { compressor })
    expect(page).toEqual({ ...seattleReadings(series), nextMs: null })
  }
}

/** The same items, in an order that the seed gives. */
function shuffled<T>(items: readonly T[], seed: number): T[] {
  const random = seededRandom(seed)
  return items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)
}

describe('TIE-6 LOG-2: readings of a year arrive exactly once', () => {
  it('in one push', async () => {
    const gateway = await world.gateway()
    const hub = await world.hub()
    await appendSeattle(gateway)
    expect(await push(gateway, hub)).toEqual([])
    await expectSeattle(hub)
    await expectSeattle(gateway)
  })

  it('fault N8: delivered twice, in two frames that overlap', async () => {
    const gateway = await world.gateway()
    const hub = await world.hub()
    await appendSeattle(gateway)
    const entries = await ownEntries(gateway)
    for (const part of [entries.slice(0, 90), entries.slice(40), entries, [...entries, ...entries]])
      expect(await deliver(gateway, hub, part)).toEqual([])
    await expectSeattle(hub)
    expect((await hub.stats()).entries).toBe(entries.length)
  })

  it('fault N8: in frames out of order', async () => {
    const gateway = await world.gateway()
    const hub = await world.hub()
    await appendSeattle(gateway)
    const entries = shuffled(await ownEntries(gateway), 7)
    for (let at = 0; at < entries.length; at += 9)
      expect(await deliver(gateway, hub, entries.slice(at, at + 9))).toEqual([])
    await expectSeattle(hub)
  })

  it('over restarts of either side, with the same push repeated', async () => {
    const disks = { gateway: new MemoryDisk(), hub: new MemoryDisk() }
    let gateway = await world.gateway({ disk: disks.gateway })
    let hub = await world.hub({ disk: disks.hub })
    for (const [from, to] of [
      [0, 3_000],
      [3_000, 3_001],
      [3_001, 8_759],
    ]) {
      await appendSeattle(gateway, from, to)
      expect(await push(gateway, hub)).toEqual([])
      disks.gateway.crash()
      disks.hub.crash()
      gateway = await world.gateway({ disk: disks.gateway })
      hub = await world.hub({ disk: disks.hub })
      expect(await deliver(gateway, hub, await ownEntries(gateway))).toEqual([])
    }
    await expectSeattle(hub)
  })

  it('at another edge that reads the channel, and again at the gateway itself', async () => {
    const gateway = await world.gateway()
    const hub = await world.hub()
    const office = await world.gateway()
    await appendSeattle(gateway)
    await push(gateway, hub)
    const before = await gateway.stats()
    for (const edge of [office, gateway]) {
      expect(await pullAll(hub, edge)).toEqual([])
      await expectSeattle(edge)
    }
    expect((await gateway.stats()).entries).toBe(before.entries)
  })

  it('and a restored gateway numbers behind what the hub gives back to it, also while it writes', async () => {
    const disk = new MemoryDisk()
    const gateway = await world.gateway({ disk })
    const backup = disk.clone()
    const hub = await world.hub()
    await appendSeattle(gateway, 0, 1_000)
    await push(gateway, hub)
    const restored = await world.gateway({ disk: backup })
    const streams = await openStreams(restored, { compressor, policy })
    await pullAll(hub, restored)
    for (const series of SEATTLE_SERIES) {
      const { times, values } = seattleReadings(series)
      streams.appendMany(`gw-1/${series}`, times.subarray(1_000), values.subarray(1_000))
    }
    await streams.close()
    expect(await deliver(restored, hub, await ownEntries(restored))).toEqual([])
    await expectSeattle(hub)
  })
})

describe('LOG-3: channels', () => {
  it('refuses a gateway without the channel, and keeps nothing of it', async () => {
    const gateway = await world.gateway({ channels: ['stream:gw-2'] })
    const hub = await world.hub()
    await appendSeattle(gateway, 0, 300)
    const refusals = await push(gateway, hub)
    expect(refusals.map(({ code }) => code)).toEqual(Array(6).fill('channel-not-granted'))
    expect(await listStreams(hub)).toEqual([])
    expect(await segmentAt(tablesOf(hub), 'gw-1/wind', 1)).toBeUndefined()
    expect((await hub.stats()).entries).toBe(0)
  })

  it('keeps refused segments on the gateway, and says so', async () => {
    const gateway = await world.gateway({ channels: ['stream:gw-2'] })
    const hub = await world.hub()
    await appendSeattle(gateway, 0, 100)
    await push(gateway, hub)
    expect(await streamTotals(gateway, 'gw-1/wind')).toMatchObject({ readings: 100 })
    const told = world.events.filter(({ code }) => code === 'refused')
    expect(told.map(({ level }) => level)).toEqual(['error', 'error', 'error'])
    expect(told[0]?.message).toMatch(/segment of @streams\/gw-1/)
  })

  it('takes them from the same gateway once it has the channel', async () => {
    const disk = new MemoryDisk()
    const hub = await world.hub()
    const unready = await world.gateway({ disk, channels: ['stream:gw-2'] })
    await appendSeattle(unready)
    await push(unready, hub)
    await unready.close()
    const gateway = await world.gateway({ disk })
    expect(await deliver(gateway, hub, await ownEntries(gateway))).toEqual([])
    await expectSeattle(hub)
  })
})

describe('LOG-4: the index', () => {
  it('names the sequence at which the entry stands, also behind its first enter mark', async () => {
    const gateway = await world.gateway()
    const hub = await world.hub()
    await appendSeattle(gateway, 0, 500)
    await push(gateway, hub)
    for (const replica of [gateway, hub]) {
      for (const number of [1, 2, 3]) {
        const row = await segmentAt(tablesOf(replica), 'gw-1/pressure', number)
        const [entry] = await replica.readEntries([row!.seq])
        expect(entry).toMatchObject({ kind: 'segment', record: '@streams/gw-1/pressure' })
        expect(row?.header.number).toBe(number)
      }
    }
  })
})
