import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { seattleReadings } from '../../test/seattle.ts'
import { type TestReplica, World } from '../../test/world.ts'
import type { Bucket } from '../buckets.ts'
import type { Compressor } from '../compressor.ts'
import { nodeCompressor } from '../compressor-node.ts'
import {
  BUCKETS_PER_ANSWER_MAX,
  listStreams,
  openStreams,
  READINGS_PER_PAGE_MAX,
  type ReadingPage,
  readStream,
  readStreamBuckets,
  streamTotals,
} from '../index.ts'
import type { TimeRange } from '../time-slice.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const compressor = nodeCompressor
const pressure = seattleReadings('pressure')
const FIRST_MS = pressure.times[0]!
const YEAR: TimeRange = { fromMs: FIRST_MS, toMs: FIRST_MS + 365 * DAY_MS }
const code = (expected: string) => expect.objectContaining({ code: expected })

let gateway: TestReplica
/** gw-1/messy: readings that come late across segments, many of one time. */
const messy: [number, number][] = []

beforeAll(async () => {
  gateway = await (await World.start(3)).gateway()
  const streams = await openStreams(gateway, { compressor, policy: { readingsMax: 100, lateMsMax: 500 } })
  streams.appendMany('gw-1/pressure', pressure.times, pressure.values)
  streams.append('gw-10/other', FIRST_MS, 1)
  let newest = 1_000
  for (let i = 0; i < 900; i += 1) {
    const time = newest + ((i * 7_919) % 500) - 400
    const value = i % 11 === 0 ? Number.NaN : i
    streams.append('gw-1/messy', time, value)
    messy.push([time, value])
    newest = Math.max(newest, time)
    if (i % 37 === 0) await streams.flush()
  }
  await streams.close()
})

/** The second implementation: every reading looked at. Array sort is stable, so equal times stay as they came. */
function readByHand({ fromMs, toMs }: TimeRange): [number, number][] {
  return messy.filter(([time]) => time >= fromMs && time < toMs).sort(([a], [b]) => a - b)
}

function bucketsByHand(
  rows: readonly (readonly [number, number])[],
  { fromMs, toMs }: TimeRange,
  bucketMs: number,
): Bucket[] {
  const buckets = new Map<number, number[]>()
  for (const [time, value] of rows) {
    if (time < fromMs || time >= toMs || Number.isNaN(value)) continue
    const startMs = fromMs + Math.floor((time - fromMs) / bucketMs) * bucketMs
    buckets.set(startMs, [...(buckets.get(startMs) ?? []), value])
  }
  return [...buckets]
    .sort(([a], [b]) => a - b)
    .map(([startMs, values]) => ({
      startMs,
      count: values.length,
      min: Math.min(...values),
      max: Math.max(...values),
      mean: values.reduce((sum, value) => sum + value, 0) / values.length,
    }))
}

function expectBuckets(found: readonly Bucket[], expected: readonly Bucket[]): void {
  expect(found.map(({ mean, ...rest }) => rest)).toEqual(expected.map(({ mean, ...rest }) => rest))
  for (const [i, { mean }] of found.entries()) expect(mean).toBeCloseTo(expected[i]!.mean, 9)
}

function countingInflates(): Compressor & { inflated: number } {
  const counting = {
    ...nodeCompressor,
    inflated: 0,
    inflateRaw: (bytes: Uint8Array, max: number) => {
      counting.inflated += 1
      return nodeCompressor.inflateRaw(bytes, max)
    },
  }
  return counting
}

describe('READ-1: readings of a range', () => {
  it('are those of the file, and of one stream only', async () => {
    const range = { fromMs: FIRST_MS + DAY_MS, toMs: FIRST_MS + 2 * DAY_MS }
    const { times, values, nextMs } = await readStream(gateway, 'gw-1/pressure', range, { compressor })
    expect(times).toEqual(pressure.times.slice(24, 48))
    expect(values).toEqual(pressure.values.slice(24, 48))
    expect(nextMs).toBeNull()
    expect((await readStream(gateway, 'gw-1', YEAR, { compressor })).times.length).toBe(0)
    expect((await readStream(gateway, 'gw-10/other', YEAR, { compressor })).values).toEqual(
      Float64Array.of(1),
    )
  })

  it('are what looking at each gives, in pages of any size, where segments overlap in time', async () => {
    const bound = fc.integer({ min: -100, max: messy.at(-1)![0] + 100 })
    const queries = fc.sample(fc.tuple(bound, bound, fc.integer({ min: 1, max: 400 })), {
      seed: 20_260_101,
      numRuns: 60,
    })
    for (const [a, b, limit] of queries) {
      const range = { fromMs: Math.min(a, b), toMs: Math.max(a, b) }
      const pages = await allPages(range, limit + 3)
      expect(pages.map(({ times }) => times.length).every((length) => length <= limit + 3)).toBe(true)
      expect(pages.flatMap(({ times }) => [...times])).toEqual(readByHand(range).map(([time]) => time))
      expect(pages.flatMap(({ values }) => [...values])).toEqual(readByHand(range).map(([, value]) => value))
    }
  })

  it('decode only the segments that touch the range', async () => {
    const counting = countingInflates()
    const range = { fromMs: FIRST_MS + 150 * HOUR_MS, toMs: FIRST_MS + 250 * HOUR_MS }
    await readStream(gateway, 'gw-1/pressure', range, { compressor: counting })
    expect(counting.inflated).toBe(2)
  })

  it('stop reading once a page is full', async () => {
    const counting = countingInflates()
    const page = await readStream(gateway, 'gw-1/pressure', YEAR, { compressor: counting, limit: 150 })
    expect(page.times.length).toBe(150)
    expect(page.nextMs).toBe(FIRST_MS + 150 * HOUR_MS)
    expect(counting.inflated).toBe(2)
  })
})

async function allPages(range: TimeRange, limit: number): Promise<ReadingPage[]> {
  const pages: ReadingPage[] = []
  for (let fromMs: number | null = range.fromMs; fromMs !== null; ) {
    const page: ReadingPage = await readStream(
      gateway,
      'gw-1/messy',
      { fromMs, toMs: range.toMs },
      { compressor, limit },
    )
    pages.push(page)
    fromMs = page.nextMs
  }
  return pages
}

describe('READ-2: buckets of a range', () => {
  it('are what looking at each reading gives', async () => {
    const rows = Array.from(pressure.times, (time, i) => [time, pressure.values[i]!] as const)
    for (const bucketMs of [HOUR_MS, DAY_MS, 7 * DAY_MS, 400 * DAY_MS]) {
      const { buckets, nextMs } = await readStreamBuckets(gateway, 'gw-1/pressure', YEAR, {
        compressor,
        bucketMs,
      })
      expectBuckets(buckets, bucketsByHand(rows, YEAR, bucketMs))
      expect(nextMs).toBeNull()
    }
  })

  it('are so too where segments overlap, in pages of any size', async () => {
    for (const [fromMs, bucketMs, limit] of [
      [0, 100, 7],
      [33, 1, 500],
      [-50, 997, 2],
    ] as const) {
      const range = { fromMs, toMs: messy.at(-1)![0] }
      const found: Bucket[] = []
      for (let at: number | null = fromMs; at !== null; ) {
        const asked = { fromMs: at, toMs: range.toMs }
        const options = { compressor, bucketMs, limit }
        const page = await readStreamBuckets(gateway, 'gw-1/messy', asked, options)
        found.push(...page.buckets)
        at = page.nextMs
      }
      expectBuckets(found, bucketsByHand(messy, range, bucketMs))
    }
  })

  it('take whole segments by their headers', async () => {
    const counting = countingInflates()
    const options = { compressor: counting, bucketMs: 100 * HOUR_MS }
    const { buckets } = await readStreamBuckets(gateway, 'gw-1/pressure', YEAR, options)
    expect(buckets.length).toBe(88)
    expect(counting.inflated).toBe(0)
    await readStreamBuckets(gateway, 'gw-1/pressure', YEAR, { ...options, bucketMs: 150 * HOUR_MS })
    expect(counting.inflated).toBe(29)
  })
})

describe('READ-3: limits', () => {
  it.each([0, 1.5, READINGS_PER_PAGE_MAX + 1])('refuses pages of %d readings', async (limit) => {
    await expect(readStream(gateway, 'gw-1/x', YEAR, { compressor, limit })).rejects.toThrow(
      code('bad-range'),
    )
  })

  it('takes the largest pages', async () => {
    const options = { compressor, limit: READINGS_PER_PAGE_MAX }
    expect((await readStream(gateway, 'gw-1/pressure', YEAR, options)).times.length).toBe(8_759)
    const buckets = { compressor, bucketMs: 1, limit: BUCKETS_PER_ANSWER_MAX }
    const page = await readStreamBuckets(gateway, 'gw-1/pressure', YEAR, buckets)
    expect(page).toMatchObject({ nextMs: FIRST_MS + BUCKETS_PER_ANSWER_MAX })
  })

  it('refuses more buckets, a backward range, and buckets of no width', async () => {
    const ask = (range: TimeRange, bucketMs: number, limit?: number) =>
      readStreamBuckets(gateway, 'gw-1/x', range, { compressor, bucketMs, ...(limit && { limit }) })
    await expect(ask(YEAR, 1, BUCKETS_PER_ANSWER_MAX + 1)).rejects.toThrow(code('bad-range'))
    await expect(ask({ fromMs: 2, toMs: 1 }, 1)).rejects.toThrow(code('bad-range'))
    await expect(ask(YEAR, 0)).rejects.toThrow(code('bad-range'))
    await expect(readStream(gateway, 'x', { fromMs: 2, toMs: 1 }, { compressor })).rejects.toThrow(
      code('bad-range'),
    )
  })

  it('says so when one millisecond has more readings than a page', async () => {
    const other = await (await World.start(4)).gateway()
    const streams = await openStreams(other, { compressor })
    streams.appendMany('gw-1/burst', [1, 5, 5, 5, 6], [1, 2, 3, 4, 5])
    await streams.close()
    const ask = (fromMs: number, limit: number) =>
      readStream(other, 'gw-1/burst', { fromMs, toMs: 10 }, { compressor, limit })
    expect(await ask(0, 2)).toMatchObject({ times: Float64Array.of(1), nextMs: 5 })
    await expect(ask(5, 2)).rejects.toThrow(code('too-many-readings'))
    expect(await ask(5, 3)).toMatchObject({ values: Float64Array.of(2, 3, 4), nextMs: 6 })
  })

  it('says which segment is missing from a log that lost one', async () => {
    const forgetful = Object.create(gateway, {
      readEntries: { value: async () => [] },
      table: { value: gateway.table.bind(gateway) },
      tableRows: { value: gateway.tableRows.bind(gateway) },
    }) as TestReplica
    await expect(readStream(forgetful, 'gw-1/pressure', YEAR, { compressor })).rejects.toThrow(
      /Segment 1 of gw-1\/pressure/,
    )
  })
})

describe('READ-4: totals', () => {
  it('count exactly', async () => {
    expect(await streamTotals(gateway, 'gw-1/pressure')).toEqual({
      stream: 'gw-1/pressure',
      segments: 88,
      newestNumber: 88,
      readings: 8_759,
      measured: 8_759,
      firstMs: FIRST_MS,
      newestMs: pressure.times.at(-1),
      spanMsMax: 99 * HOUR_MS,
    })
    expect(await streamTotals(gateway, 'gw-1/messy')).toMatchObject({
      readings: 900,
      measured: messy.filter(([, value]) => !Number.isNaN(value)).length,
      firstMs: Math.min(...messy.map(([time]) => time)),
    })
    expect(await streamTotals(gateway, 'gw-1')).toBeUndefined()
  })

  it('are listed by name, in pages', async () => {
    const names = async (range?: Parameters<typeof listStreams>[1]) =>
      (await listStreams(gateway, range)).map(({ stream }) => stream)
    expect(await names()).toEqual(['gw-1/messy', 'gw-1/pressure', 'gw-10/other'])
    expect(await names({ prefix: 'gw-1/' })).toEqual(['gw-1/messy', 'gw-1/pressure'])
    expect(await names({ after: 'gw-1/messy', limit: 1 })).toEqual(['gw-1/pressure'])
  })
})
