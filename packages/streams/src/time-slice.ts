/** Readings between two times, found by halving: a segment's times never go back. */

import type { Readings } from './segment.ts'

/** From `fromMs` (included) to `toMs` (excluded), whole milliseconds since 1970. */
export interface TimeRange {
  fromMs: number
  toMs: number
}

/** The part of `readings` within `range`, as views of the same memory. */
export function readingsBetween({ times, values }: Readings, { fromMs, toMs }: TimeRange): Readings {
  const start = indexAtOrAfter(times, fromMs)
  const end = indexAtOrAfter(times, toMs)
  return { times: times.subarray(start, end), values: values.subarray(start, end) }
}

/** The index of the first time that is not before `timeMs`. */
export function indexAtOrAfter(times: Float64Array, timeMs: number): number {
  let low = 0
  let high = times.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (times[middle]! < timeMs) low = middle + 1
    else high = middle
  }
  return low
}
