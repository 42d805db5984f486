/**
 * The readings of one stream in a range of time, out of its segments. These may come in any order, and may overlap in
 * time where the gateway accepted late readings. Only the segments that touch the range are opened.
 */

import { RangeQueryError } from './range-error.ts'
import type { Readings } from './segment.ts'
import type { SegmentSource } from './segment-source.ts'
import { readingsBetween, type TimeRange } from './time-slice.ts'

/** Readings of one answer: 16 MiB of columns. Ask for buckets, or for less time. */
export const READINGS_PER_ANSWER_MAX = 1_048_576

/**
 * All readings in `range`, in order of time; those of equal time in order of segment number.
 *
 * @throws RangeQueryError `bad-range`, `too-many-readings`, `mixed-streams`
 */
export function readingsInRange(sources: Iterable<SegmentSource>, range: TimeRange): Readings {
  const touched = sourcesIn(sources, range)
  const parts: Readings[] = []
  let count = 0
  for (const source of touched) {
    const part = readingsBetween(source.readings(), range)
    count += part.times.length
    if (count > READINGS_PER_ANSWER_MAX) throw tooManyReadings(range)
    parts.push(part)
  }
  return ordered(concatenated(parts, count))
}

/**
 * The sources that touch `range`, in order of their numbers.
 *
 * @throws RangeQueryError `bad-range`; `mixed-streams` unless all are of one stream and each is there once
 */
export function sourcesIn(sources: Iterable<SegmentSource>, range: TimeRange): SegmentSource[] {
  checkRange(range)
  const ordered = [...sources].sort((a, b) => a.header.number - b.header.number)
  for (const [i, { header }] of ordered.entries()) {
    const before = ordered[i - 1]?.header
    if (before !== undefined && (before.stream !== header.stream || before.number === header.number)) {
      throw new RangeQueryError(
        'mixed-streams',
        `A range query got segment ${before.number} of ${before.stream} and ${header.number} of ${header.stream}: ` +
          'give each segment of one stream once.',
      )
    }
  }
  return ordered.filter(({ header }) => header.firstMs < range.toMs && header.lastMs >= range.fromMs)
}

function concatenated(parts: Readings[], count: number): Readings {
  const whole: Readings = { times: new Float64Array(count), values: new Float64Array(count) }
  let at = 0
  for (const { times, values } of parts) {
    whole.times.set(times, at)
    whole.values.set(values, at)
    at += times.length
  }
  return whole
}

/** Sorts only where segments overlap, which is rare. The sort is stable, so equal times stay as they came. */
function ordered(readings: Readings): Readings {
  const { times, values } = readings
  if (!times.some((time, i) => i > 0 && time < times[i - 1]!)) return readings
  const order = Uint32Array.from(times, (_, i) => i).sort((a, b) => times[a]! - times[b]! || a - b)
  return {
    times: Float64Array.from(order, (i) => times[i]!),
    values: Float64Array.from(order, (i) => values[i]!),
  }
}

export function checkRange({ fromMs, toMs }: TimeRange): void {
  if (Number.isSafeInteger(fromMs) && Number.isSafeInteger(toMs) && fromMs <= toMs) return
  throw new RangeQueryError(
    'bad-range',
    `A range query got ${fromMs} to ${toMs}: give whole milliseconds, the earlier first.`,
  )
}

function tooManyReadings({ fromMs, toMs }: TimeRange): RangeQueryError {
  return new RangeQueryError(
    'too-many-readings',
    `The range ${fromMs} to ${toMs} has more than ${READINGS_PER_ANSWER_MAX} readings: ask for buckets or less time.`,
  )
}
