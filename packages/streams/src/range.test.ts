import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkProperty } from '../test/check-property.ts'
import { seattleReadings } from '../test/seattle.ts'
import { counted, cutIntoSources, segmentOf } from '../test/segments.ts'
import { BUCKETS_PER_ANSWER_MAX, type Bucket, bucketsInRange } from './buckets.ts'
import { nodeCompressor } from './compressor-node.ts'
import { READINGS_PER_ANSWER_MAX, readingsInRange } from './range.ts'
import { encodeSegment, type Readings } from './segment.ts'
import { decodedSource, segmentSource } from './segment-source.ts'
import type { TimeRange } from './time-slice.ts'

const code = (expected: string) => expect.objectContaining({ code: expected })
const HOUR_MS = 3_600_000

/** Readings at whole seconds 0 to 60, any order of segments, values small enough that sums are exact. */
const world = fc
  .record({
    cells: fc.array(
      fc.tuple(
        fc.integer({ min: 0, max: 60 }),
        fc.oneof(fc.integer({ min: -9, max: 9 }), fc.constant(Number.NaN)),
      ),
      { minLength: 1, maxLength: 60 },
    ),
    sizes: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 5 }),
    bounds: fc.tuple(fc.integer({ min: -5, max: 65 }), fc.integer({ min: -5, max: 65 })),
    bucketMs: fc.integer({ min: 1, max: 30 }),
    isSorted: fc.boolean(),
  })
  .map(({ cells, sizes, bounds: [a, b], bucketMs, isSorted }) => {
    const ordered = isSorted ? [...cells].sort(([x], [y]) => x - y) : cells
    const sources = cutIntoSources(columns(ordered), sizes).map(({ header, readings }) => {
      const { times, values } = readings()
      const rows = Array.from(times, (time, i): [number, number] => [time, values[i]!]).sort(
        ([x], [y]) => x - y,
      )
      return decodedSource(segmentOf(header.number, columns(rows)))
    })
    return { sources, range: { fromMs: Math.min(a, b), toMs: Math.max(a, b) }, bucketMs }
  })

function columns(rows: readonly (readonly [number, number])[]): Readings {
  return {
    times: Float64Array.from(rows, ([time]) => time),
    values: Float64Array.from(rows, ([, value]) => value),
  }
}

/** The second implementation: every reading looked at, one object each. */
function bucketsByHand({ times, values }: Readings, { fromMs, toMs }: TimeRange, bucketMs: number): Bucket[] {
  const buckets: Bucket[] = []
  for (let startMs = fromMs; startMs < toMs; startMs += bucketMs) {
    const inside = [...values].filter((value, i) => {
      const time = times[i]!
      return time >= startMs && time < Math.min(startMs + bucketMs, toMs) && !Number.isNaN(value)
    })
    if (inside.length === 0) continue
    const sum = inside.reduce((total, value) => total + value, 0)
    const [min, max] = [Math.min(...inside), Math.max(...inside)]
    buckets.push({ startMs, count: inside.length, min, max, mean: sum / inside.length })
  }
  return buckets
}

describe('RANGE-1: readings', () => {
  it('are exactly those within [from, to), in order of time', () => {
    checkProperty(
      fc.property(world, ({ sources, range }) => {
        const rows = sources.flatMap((source) => {
          const { times, values } = source.readings()
          return Array.from(times, (time, i): [number, number] => [time, values[i]!])
        })
        const inside = rows
          .filter(([time]) => time >= range.fromMs && time < range.toMs)
          .sort(([a], [b]) => a - b)
        expect(readingsInRange(sources, range)).toEqual(columns(inside))
        expect(readingsInRange(sources.toReversed(), range)).toEqual(columns(inside))
      }),
      300,
    )
  })

  it('open no segment outside the range', () => {
    const sources = cutIntoSources(columns([0, 1, 2, 3, 4, 5].map((t) => [t, t])), [2]).map(counted)
    expect(readingsInRange(sources, { fromMs: 2, toMs: 4 }).times).toEqual(Float64Array.of(2, 3))
    expect(sources.map(({ opened }) => opened)).toEqual([0, 1, 0])
  })
})

describe('RANGE-2: buckets', () => {
  it('are what looking at each reading gives', () => {
    checkProperty(
      fc.property(world, ({ sources, range, bucketMs }) => {
        const all = readingsInRange(sources, { fromMs: -1_000, toMs: 1_000 })
        expect(bucketsInRange(sources, range, bucketMs).map(plainZero)).toEqual(
          bucketsByHand(all, range, bucketMs).map(plainZero),
        )
      }),
      500,
    )
  })

  it('come from headers where a segment lies wholly inside one, and open it where it does not', () => {
    const sources = cutIntoSources(columns([0, 9, 10, 19, 25, 35].map((t) => [t, 1])), [2]).map(counted)
    const buckets = bucketsInRange(sources, { fromMs: 0, toMs: 40 }, 10)
    expect(buckets.map(({ startMs, count }) => [startMs, count])).toEqual([
      [0, 2],
      [10, 2],
      [20, 1],
      [30, 1],
    ])
    expect(sources.map(({ opened }) => opened)).toEqual([0, 0, 1])
  })

  it('of a real year: 365 days, of which only the segments across midnight are opened', () => {
    const { times, values } = seattleReadings('temperature')
    const sources = []
    for (let start = 0; start < times.length; start += 6) {
      const part = { times: times.subarray(start, start + 6), values: values.subarray(start, start + 6) }
      const bytes = encodeSegment(
        { stream: 'seattle/temperature', number: start / 6 + 1, ...part },
        nodeCompressor,
      )
      sources.push(counted(segmentSource(bytes, nodeCompressor)))
    }
    const range = { fromMs: Date.UTC(2010, 0, 1), toMs: Date.UTC(2011, 0, 1) }
    const days = bucketsInRange(sources, range, 24 * HOUR_MS)
    expect(days.map(({ count }) => count)).toEqual([23, ...Array<number>(364).fill(24)])
    const coldest = Math.min(...days.map(({ min }) => min))
    const warmest = Math.max(...days.map(({ max }) => max))
    expect([coldest, warmest]).toEqual([Math.min(...values), Math.max(...values)])
    expect(sources.filter(({ opened }) => opened > 0).length).toBe(364)
  })

  it('have no place for a time in which nothing was measured', () => {
    const source = decodedSource(segmentOf(1, columns([[5, Number.NaN]])))
    expect(bucketsInRange([source], { fromMs: 0, toMs: 10 }, 10)).toEqual([])
    expect(readingsInRange([source], { fromMs: 0, toMs: 10 }).values).toEqual(Float64Array.of(Number.NaN))
  })
})

describe('RANGE-3: what is refused', () => {
  const source = decodedSource(segmentOf(1, columns([[0, 0]])))

  it('a range that is backwards or not of whole milliseconds; an empty one is empty', () => {
    expect(readingsInRange([source], { fromMs: 0, toMs: 0 }).times.length).toBe(0)
    for (const [fromMs, toMs] of [
      [1, 0],
      [0.5, 1],
      [0, Number.NaN],
      [0, Infinity],
    ] as const) {
      expect(() => readingsInRange([source], { fromMs, toMs })).toThrow(code('bad-range'))
      expect(() => bucketsInRange([source], { fromMs, toMs }, 1)).toThrow(code('bad-range'))
    }
  })

  it('buckets of no width', () => {
    for (const bucketMs of [0, -1, 0.5, Number.NaN]) {
      expect(() => bucketsInRange([source], { fromMs: 0, toMs: 10 }, bucketMs)).toThrow(code('bad-range'))
    }
  })

  it('one bucket more than BUCKETS_PER_ANSWER_MAX', () => {
    const range = { fromMs: 0, toMs: BUCKETS_PER_ANSWER_MAX * 10 }
    expect(bucketsInRange([source], range, 10).length).toBe(1)
    const oneMore = { fromMs: 0, toMs: range.toMs + 1 }
    expect(() => bucketsInRange([source], oneMore, 10)).toThrow(code('too-many-buckets'))
  })

  it('one reading more than READINGS_PER_ANSWER_MAX', () => {
    const half = READINGS_PER_ANSWER_MAX / 2
    const zeros = { times: new Float64Array(half), values: new Float64Array(half) }
    const most = [1, 2].map((number) => decodedSource(segmentOf(number, zeros)))
    const range = { fromMs: 0, toMs: 1 }
    expect(readingsInRange(most, range).times.length).toBe(READINGS_PER_ANSWER_MAX)
    const oneMore = decodedSource(segmentOf(3, columns([[0, 0]])))
    expect(() => readingsInRange([...most, oneMore], range)).toThrow(code('too-many-readings'))
  })

  it('segments of two streams, or one segment twice', () => {
    const other = decodedSource(segmentOf(2, columns([[0, 0]]), 'gw-2/x'))
    expect(() => readingsInRange([source, other], { fromMs: 0, toMs: 1 })).toThrow(code('mixed-streams'))
    expect(() => bucketsInRange([source, source], { fromMs: 0, toMs: 1 }, 1)).toThrow(code('mixed-streams'))
  })
})

/** Sums in another order may give 0 the other sign. */
function plainZero({ startMs, count, min, max, mean }: Bucket): Bucket {
  return { startMs, count, min: min + 0, max: max + 0, mean: mean + 0 }
}
