import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkProperty } from '../test/check-property.ts'
import { timesFor } from '../test/generated-readings.ts'
import { TIME_MS_ABS_MAX } from './segment-limits.ts'
import { decodeTimes, encodeTimes } from './time-column.ts'

const code = (expected: string) => expect.objectContaining({ code: expected })

describe('SEG-5: the time column', () => {
  it('is what its picture says', () => {
    const bytes = encodeTimes(Float64Array.of(0, 3_600, 7_200, 10_800, 10_807))
    expect(Array.from(bytes)).toEqual([0xa0, 0x38, 0, 2, 0x91, 0x38])
  })

  it('gives back the times it was given', () => {
    checkProperty(
      fc.property(
        fc.integer({ min: 1, max: 200 }).chain((count) => timesFor(count)),
        (times) => {
          expect(decodeTimes(encodeTimes(times), times.length, times[0]!)).toEqual(times)
        },
      ),
      300,
    )
  })

  it('holds a year of hourly readings in seven bytes', () => {
    const times = Float64Array.from({ length: 8_760 }, (_, hour) => hour * 3_600_000)
    expect(encodeTimes(times).length).toBe(7)
  })

  it('reaches from one end of time to the other, and not a millisecond further', () => {
    const ends = Float64Array.of(-TIME_MS_ABS_MAX, TIME_MS_ABS_MAX, TIME_MS_ABS_MAX)
    expect(decodeTimes(encodeTimes(ends), 3, ends[0]!)).toEqual(ends)
    for (const time of [TIME_MS_ABS_MAX + 1, -TIME_MS_ABS_MAX - 1, 0.5, Number.NaN, Infinity]) {
      expect(() => encodeTimes(Float64Array.of(time))).toThrow(code('bad-input'))
    }
    expect(() => decodeTimes(Uint8Array.of(2), 2, TIME_MS_ABS_MAX)).toThrow(code('malformed'))
  })

  it('takes equal times and refuses a step back, on both sides', () => {
    expect(decodeTimes(encodeTimes(Float64Array.of(5, 5, 5)), 3, 5)).toEqual(Float64Array.of(5, 5, 5))
    expect(() => encodeTimes(Float64Array.of(5, 4))).toThrow(code('unordered'))
    expect(() => decodeTimes(Uint8Array.of(1), 2, 5)).toThrow(code('unordered'))
  })

  it.each([
    ['a run of none', [0, 0, 0, 3]],
    ['a run longer than the readings', [0, 4]],
    ['a run without a length', [0]],
    ['too few readings', [2, 2]],
    ['too many bytes', [0, 3, 2]],
  ])('refuses %s', (_, bytes) => {
    expect(() => decodeTimes(Uint8Array.from(bytes), 4, 0)).toThrow(code('malformed'))
  })
})
