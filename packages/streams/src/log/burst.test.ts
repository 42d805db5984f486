/** What a gateway that sends far more than usual, or sends what was long ago, does to a hub that watches it. */
import { beforeEach, describe, expect, it } from 'vitest'
import { deliver, ownEntries, push, type TestReplica, World } from '../../test/world.ts'
import { nodeCompressor as compressor } from '../compressor-node.ts'
import {
  openStreams,
  type RecordedCrossing,
  readStream,
  startThresholds,
  streamTotals,
  type ThresholdRule,
} from '../index.ts'

const storm: ThresholdRule = { name: 'storm', streams: '*/*', above: 20, clear: 15, forReadings: 1 }

let world: World
beforeEach(async () => {
  world = await World.start(7)
})

/** Every crossing on the hub, each time that it is told. */
function watch(hub: TestReplica) {
  const crossings: string[] = []
  const tell = async (_: unknown, { kind, stream, timeMs, late }: RecordedCrossing) =>
    void crossings.push([kind, stream, timeMs, ...(late ? ['late'] : [])].join(' '))
  const errors: unknown[] = []
  const onError = (error: unknown) => errors.push(error)
  const thresholds = startThresholds(hub, [storm], { compressor, open: tell, close: tell, onError })
  return { crossings, errors, thresholds }
}

const SECOND = 1_000
const CALM_PER_SECOND = 2
const FACTOR = 100

describe('fault I8: TIE-6 a burst of a hundred times as many readings', () => {
  const names = Array.from({ length: 10 }, (_, i) => `gw-1/${i}`)

  /** Ten seconds, of which the fifth has the burst, and in it one reading that is an alarm. */
  function* readings(): Generator<[timeMs: number, value: number]> {
    for (let second = 0; second < 10; second++) {
      const perSecond = CALM_PER_SECOND * (second === 4 ? FACTOR : 1)
      for (let i = 0; i < perSecond; i++) {
        const timeMs = second * SECOND + Math.floor((i * SECOND) / perSecond)
        yield [timeMs, second === 4 && i === 77 ? 21 : 10]
      }
    }
  }

  it('loses none, opens each alarm once, and closes it with the reading behind it', async () => {
    const gateway = await world.gateway()
    const hub = await world.hub()
    const { crossings, errors, thresholds } = watch(hub)
    const streams = await openStreams(gateway, { compressor, policy: { readingsMax: 64 } })
    let told = 0
    for (const [timeMs, value] of readings()) {
      for (const name of names) streams.append(name, timeMs, value)
      told += 1
      // The line is up all the while: the hub gets what is durable, some of it twice.
      if (told % 50 === 0) await push(gateway, hub)
    }
    await streams.close()
    await push(gateway, hub)
    await deliver(gateway, hub, await ownEntries(gateway))
    await thresholds.idle()
    expect(told).toBe(9 * CALM_PER_SECOND + FACTOR * CALM_PER_SECOND)
    for (const name of names) {
      expect(await streamTotals(hub, name)).toMatchObject({ readings: told, measured: told })
      const { values } = await readStream(hub, name, { fromMs: 0, toMs: 10 * SECOND }, { compressor })
      expect(values.filter((value) => value === 21)).toHaveLength(1)
    }
    const expected = names.flatMap((name) => [`opened ${name} 4385`, `closed ${name} 4390`])
    expect([...crossings].sort()).toEqual(expected.sort())
    expect(errors).toEqual([])
    await thresholds.close()
  })
})

describe('fault I9: readings of long ago that come after those of now', () => {
  const NOW = Date.UTC(2026, 5, 1)
  const YEAR = 366 * 86_400_000
  const lastYear = [0, 1, 2].map((i) => NOW - YEAR + i * SECOND)

  /** A hub with an alarm of now, from a gateway that then reads its logger out. */
  async function alarmed(lateMsMax: number) {
    const gateway = await world.gateway()
    const hub = await world.hub()
    const watched = watch(hub)
    const streams = await openStreams(gateway, { compressor, policy: { lateMsMax } })
    streams.appendMany('gw-1/wind', [NOW, NOW + SECOND], [12, 25])
    await streams.flush()
    await push(gateway, hub)
    await watched.thresholds.idle()
    expect(watched.crossings).toEqual([`opened gw-1/wind ${NOW + SECOND}`])
    const round = async () => {
      await streams.flush()
      await push(gateway, hub)
      await watched.thresholds.idle()
    }
    return { hub, streams, round, ...watched }
  }

  it('are refused by name where nothing else is allowed, and the reading of now stays the newest', async () => {
    const { hub, streams, round, crossings, thresholds } = await alarmed(0)
    expect(() => streams.appendMany('gw-1/wind', lastYear, [1, 30, 1])).toThrow(
      /before its newest reading.*at most 0 ms are allowed/,
    )
    await round()
    expect(await streamTotals(hub, 'gw-1/wind')).toMatchObject({ readings: 2, newestMs: NOW + SECOND })
    expect(crossings).toHaveLength(1)
    await thresholds.close()
  })

  it('where they are allowed they stand at their own time; the newest, and what is open, stay as they are', async () => {
    const { hub, streams, round, crossings, thresholds } = await alarmed(2 * YEAR)
    streams.appendMany('gw-1/wind', lastYear, [1, 30, 1])
    await round()
    expect(await streamTotals(hub, 'gw-1/wind')).toMatchObject({
      readings: 5,
      firstMs: NOW - YEAR,
      newestMs: NOW + SECOND,
    })
    const all = await readStream(hub, 'gw-1/wind', { fromMs: 0, toMs: 2 ** 50 }, { compressor })
    expect([...all.values]).toEqual([1, 30, 1, 12, 25])
    expect(crossings).toHaveLength(1)
    streams.append('gw-1/wind', NOW + 2 * SECOND, 14)
    await round()
    expect(crossings.slice(1)).toEqual([`closed gw-1/wind ${NOW + 2 * SECOND}`])
    await thresholds.close()
  })
})
