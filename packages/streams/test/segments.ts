/** Segments for tests that do not care about their bytes. */

import type { Readings, Segment } from '../src/segment.ts'
import { decodedSource, type SegmentSource } from '../src/segment-source.ts'
import { statisticsOf } from '../src/statistics.ts'

/** A decoded segment of `readings`, without going through bytes. */
export function segmentOf(number: number, readings: Readings, stream = 'gw-1/x'): Segment {
  const { times, values } = readings
  const header = { stream, number, count: times.length, firstMs: times[0]!, lastMs: times[times.length - 1]! }
  return { ...header, ...statisticsOf(values), times, values }
}

/** Cuts `readings` into sources of the lengths in `sizes`, over and over, numbered from 1. */
export function cutIntoSources(
  readings: Readings,
  sizes: readonly number[],
  stream = 'gw-1/x',
): SegmentSource[] {
  const sources: SegmentSource[] = []
  for (let start = 0; start < readings.times.length; ) {
    const end = start + sizes[sources.length % sizes.length]!
    const part = { times: readings.times.slice(start, end), values: readings.values.slice(start, end) }
    sources.push(decodedSource(segmentOf(sources.length + 1, part, stream)))
    start = end
  }
  return sources
}

/** The same source, with a count of how often it was opened. */
export function counted(source: SegmentSource): SegmentSource & { opened: number } {
  const counting = {
    header: source.header,
    opened: 0,
    readings: () => {
      counting.opened += 1
      return source.readings()
    },
  }
  return counting
}
