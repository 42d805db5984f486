import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkProperty } from '../test/check-property.ts'
import { counted, cutIntoSources, segmentOf } from '../test/segments.ts'
import type { Readings } from './segment.ts'
import { decodedSource, type SegmentSource } from './segment-source.ts'
import {
  type Crossing,
  evaluateThreshold,
  openingId,
  THRESHOLD_STATE_AT_FIRST,
  type ThresholdState,
} from './threshold.ts'
import type { ThresholdRule } from './threshold-rule.ts'

const hot: ThresholdRule = { name: 'hot', streams: 'gw-*/x', above: 20, clear: 18, forReadings: 2 }
const cold: ThresholdRule = { name: 'cold', streams: 'gw-*/x', below: 5, clear: 7, forReadings: 1 }

/** One reading a second from 1,000 ms on. */
function everySecond(values: readonly number[]): Readings {
  return {
    times: Float64Array.from(values, (_, i) => (i + 1) * 1_000),
    values: Float64Array.from(values),
  }
}

function evaluateAll(
  rule: ThresholdRule,
  sources: readonly SegmentSource[],
  state: Readonly<ThresholdState> = THRESHOLD_STATE_AT_FIRST,
): { state: Readonly<ThresholdState>; crossings: Crossing[] } {
  let reached = state
  const crossings: Crossing[] = []
  for (const source of sources) {
    const outcome = evaluateThreshold(rule, reached, source)
    reached = outcome.state
    crossings.push(...outcome.crossings)
  }
  return { state: reached, crossings }
}

const told = (rule: ThresholdRule, values: readonly number[], sizes: readonly number[] = [100]) =>
  evaluateAll(rule, cutIntoSources(everySecond(values), sizes)).crossings.map(
    ({ kind, timeMs, id }) => `${kind} at ${timeMs / 1_000} since ${Number(id.split('/')[2]) / 1_000}`,
  )

describe('THR-3: opening and closing', () => {
  it('opens after forReadings in a row beyond the threshold, under the time of the first of them', () => {
    expect(told(hot, [21, 19, 21, 22, 23])).toEqual(['opened at 4 since 3'])
  })

  it('is not beyond when equal', () => {
    expect(told(hot, [20, 20, 20])).toEqual([])
    expect(told(cold, [5, 5])).toEqual([])
  })

  it('stays open until clear is reached, however it swings before', () => {
    expect(told(hot, [21, 21, 19, 21, 18.1, 18, 21, 21])).toEqual([
      'opened at 2 since 1',
      'closed at 6 since 1',
      'opened at 8 since 7',
    ])
  })

  it('works downwards too', () => {
    expect(told(cold, [6, 4.9, 6.9, 7, 4])).toEqual([
      'opened at 2 since 2',
      'closed at 4 since 2',
      'opened at 5 since 5',
    ])
  })

  it('treats readings without a value as not there', () => {
    expect(told(hot, [21, Number.NaN, 21, Number.NaN])).toEqual(['opened at 3 since 1'])
    expect(told(hot, [21, Number.NaN, Number.NaN, 21], [1])).toEqual(['opened at 4 since 1'])
  })

  it('says who, where and by which reading', () => {
    const [crossing] = evaluateAll(cold, cutIntoSources(everySecond([9, 4]), [1], 'gw-7/x')).crossings
    expect(crossing).toEqual({
      kind: 'opened',
      id: 'cold/gw-7%2Fx/2000',
      rule: 'cold',
      stream: 'gw-7/x',
      segmentNumber: 2,
      timeMs: 2_000,
      value: 4,
    })
  })

  it('leaves streams alone that the rule is not about', () => {
    const sources = cutIntoSources(everySecond([99, 99]), [1], 'lab/x')
    expect(evaluateAll(hot, sources)).toEqual({ state: THRESHOLD_STATE_AT_FIRST, crossings: [] })
  })
})

/** Values around both thresholds, cut into segments somehow. */
const scenario = fc.record({
  rule: fc
    .record({
      forReadings: fc.integer({ min: 1, max: 4 }),
      gap: fc.integer({ min: 0, max: 3 }),
      isAbove: fc.boolean(),
    })
    .map(({ forReadings, gap, isAbove }): ThresholdRule => {
      const parts = { name: 'rule', streams: '*/x', forReadings }
      return isAbove ? { ...parts, above: 5, clear: 5 - gap } : { ...parts, below: 5, clear: 5 + gap }
    }),
  readings: fc
    .array(
      fc.tuple(
        fc.integer({ min: 0, max: 2 }),
        fc.oneof(fc.integer({ min: 0, max: 10 }), fc.constant(Number.NaN)),
      ),
      {
        minLength: 1,
        maxLength: 80,
      },
    )
    .map((rows): Readings => {
      let time = 0
      return {
        times: Float64Array.from(rows, ([spacing]) => {
          time += spacing
          return time
        }),
        values: Float64Array.from(rows, ([, value]) => value),
      }
    }),
  sizes: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }),
})

describe('THR-4: the same openings, however the readings are cut', () => {
  it('segments of any size give what one segment gives', () => {
    checkProperty(
      fc.property(scenario, ({ rule, readings, sizes }) => {
        const { segmentNumber: _whole, ...whole } = evaluateAll(rule, cutIntoSources(readings, [1_000])).state
        const cut = evaluateAll(rule, cutIntoSources(readings, sizes))
        const { segmentNumber: _cut, ...state } = cut.state
        expect(state).toEqual(whole)
        const places = (crossings: Crossing[]) =>
          crossings.map(({ segmentNumber: _, ...crossing }) => crossing)
        expect(places(cut.crossings)).toEqual(
          places(evaluateAll(rule, cutIntoSources(readings, [1_000])).crossings),
        )
      }),
      500,
    )
  })

  it('a header that leaves no doubt is not opened, and one that does is', () => {
    const sources = cutIntoSources(everySecond([10, 11, 21, 21, 25, 30, 19, 18, 17, 16]), [2]).map(counted)
    const { crossings } = evaluateAll(hot, sources)
    expect(crossings.map(({ kind }) => kind)).toEqual(['opened', 'closed'])
    expect(sources.map(({ opened }) => opened)).toEqual([0, 1, 0, 1, 0])
  })
})

describe('THR-5: exactly once', () => {
  it('segments that come again, at once or later, change nothing', () => {
    checkProperty(
      fc.property(scenario, ({ rule, readings, sizes }) => {
        const sources = cutIntoSources(readings, sizes)
        const once = evaluateAll(rule, sources)
        const twice = sources.flatMap((source) => [source, source])
        expect(evaluateAll(rule, twice)).toEqual(once)
        expect(evaluateAll(rule, sources, once.state)).toEqual({ state: once.state, crossings: [] })
      }),
      300,
    )
  })

  it('the state survives JSON, and the one passed in is not changed', () => {
    checkProperty(
      fc.property(scenario, ({ rule, readings, sizes }) => {
        let state: ThresholdState = { ...THRESHOLD_STATE_AT_FIRST }
        for (const source of cutIntoSources(readings, sizes)) {
          const before = JSON.stringify(state)
          const outcome = evaluateThreshold(rule, state, source)
          expect(JSON.stringify(state)).toBe(before)
          state = JSON.parse(JSON.stringify(outcome.state)) as ThresholdState
          expect(state).toEqual(outcome.state)
        }
      }),
      200,
    )
  })

  it('crashes between storing crossings and storing state repeat ids, and add none', () => {
    const faults = fc.record({
      crashSteps: fc.uniqueArray(fc.nat({ max: 60 }), { maxLength: 10 }),
      storeEvery: fc.integer({ min: 1, max: 5 }),
    })
    checkProperty(
      fc.property(scenario, faults, ({ rule, readings, sizes }, { crashSteps, storeEvery }) => {
        const sources = cutIntoSources(readings, sizes)
        const seen = new Map<string, Crossing>()
        let stored: Readonly<ThresholdState> = THRESHOLD_STATE_AT_FIRST
        let reached = stored
        for (let step = 0; reached.segmentNumber < sources.length; step += 1) {
          const outcome = evaluateThreshold(rule, reached, sources[reached.segmentNumber]!)
          for (const crossing of outcome.crossings) seen.set(`${crossing.kind} ${crossing.id}`, crossing)
          reached = crashSteps.includes(step) ? stored : outcome.state
          if (reached.segmentNumber % storeEvery === 0) stored = reached
        }
        expect([...seen.values()]).toEqual(evaluateAll(rule, sources).crossings)
      }),
      500,
    )
  })

  it('no id opens twice, even when readings share a millisecond', () => {
    checkProperty(
      fc.property(scenario, ({ rule, readings, sizes }) => {
        const { crossings } = evaluateAll(rule, cutIntoSources(readings, sizes))
        const opened = crossings.filter(({ kind }) => kind === 'opened').map(({ id }) => id)
        expect(new Set(opened).size).toBe(opened.length)
        crossings.forEach(({ kind, id }, i) => {
          expect(kind).toBe(i % 2 === 0 ? 'opened' : 'closed')
          if (kind === 'closed') expect(id).toBe(crossings[i - 1]?.id)
        })
      }),
      500,
    )
  })

  it('ids differ where any part of them does', () => {
    const ids = [
      openingId('a', 'b/c', 1),
      openingId('a/b', 'c', 1),
      openingId('a', 'b%2Fc', 1),
      openingId('a', 'b/c', 11),
    ]
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('a segment that never came does not end a run', () => {
    const sources = cutIntoSources(everySecond([21, 10, 21]), [1])
    expect(evaluateAll(hot, [sources[0]!, sources[2]!]).crossings).toMatchObject([
      { kind: 'opened', timeMs: 3_000 },
    ])
    expect(evaluateAll(hot, sources).crossings).toEqual([])
  })
})

describe('fault I9: THR-6: readings of earlier, told later, are history', () => {
  /** Each list of [seconds, value] is a segment, in the order in which they are told. */
  const toldInOrder = (rule: ThresholdRule, ...segments: (readonly (readonly [number, number])[])[]) => {
    const sources = segments.map((readings, i) => {
      const times = Float64Array.from(readings, ([seconds]) => seconds * 1_000)
      const values = Float64Array.from(readings, ([, value]) => value)
      return decodedSource(segmentOf(i + 1, { times, values }))
    })
    return evaluateAll(rule, sources).crossings.map(({ kind, timeMs, late }) =>
      [kind, timeMs / 1_000, ...(late ? ['late'] : [])].join(' '),
    )
  }
  const now = [
    [100, 21],
    [101, 22],
  ] as const

  it('a quiet past does not close what is open now', () => {
    const quiet = [[1, 10] as const, [2, 11] as const]
    expect(toldInOrder(hot, now, quiet)).toEqual(['opened 101'])
    expect(toldInOrder(hot, now, quiet, [[102, 10]])).toEqual(['opened 101', 'closed 102'])
    expect(
      toldInOrder(
        hot,
        now,
        [
          [1, 10],
          [103, 19],
        ],
        [[104, 18]],
      ),
    ).toEqual(['opened 101', 'closed 104'])
  })

  it('nor does it end a run that has begun', () => {
    for (const past of [
      [[1, 10]],
      [
        [1, 21],
        [2, 10],
      ],
    ] as const)
      expect(toldInOrder(hot, [now[0]], past.slice(-1), [now[1]])).toEqual(['opened 101'])
  })

  it('what it was beyond is told, as late; what comes after it now closes it', () => {
    expect(
      toldInOrder(
        cold,
        [[100, 10]],
        [
          [1, 4],
          [2, 4],
        ],
        [[101, 10]],
      ),
    ).toEqual(['opened 1 late', 'closed 101'])
  })

  it('readings of one time are not late', () => {
    expect(toldInOrder(cold, [[100, 4]], [[100, 8]])).toEqual(['opened 100', 'closed 100'])
  })

  it('THR-4 a header spares decoding here too: segment by segment is reading by reading', () => {
    const segment = fc
      .array(fc.tuple(fc.nat({ max: 30 }), fc.oneof(fc.nat({ max: 30 }), fc.constant(Number.NaN))), {
        minLength: 1,
        maxLength: 5,
      })
      .map((readings) => readings.sort(([a], [b]) => a - b))
    checkProperty(
      fc.property(fc.array(segment, { maxLength: 8 }), fc.constantFrom(hot, cold), (segments, rule) => {
        const singly = segments.flat().map((reading) => [reading])
        expect(toldInOrder(rule, ...segments)).toEqual(toldInOrder(rule, ...singly))
      }),
      500,
    )
  })
})
