/**
 * A range of time in buckets: what a chart or a rollup asks for.
 *
 *     segments   ├──1──┤├────2────┤   ├─3─┤        each bucket takes a segment's header where the segment lies
 *     buckets  [────────)[────────)[────────)      wholly inside (1, 3), and opens it where it does not (2)
 *
 * Buckets are half-open like the range. Readings without a value (NaN) are in none of them.
 */

import { checkRange, sourcesIn } from './range.ts'
import { RangeQueryError } from './range-error.ts'
import type { Readings } from './segment.ts'
import type { SegmentSource } from './segment-source.ts'
import { type Statistics, statisticsOf } from './statistics.ts'
import { indexAtOrAfter, readingsBetween, type TimeRange } from './time-slice.ts'

/** Buckets of one answer: two for each pixel of the widest screens, with room. */
export const BUCKETS_PER_ANSWER_MAX = 10_000

/** The measured readings from `startMs` on, for one bucket width. Only buckets with `count` ≥ 1 are given. */
export interface Bucket {
  startMs: number
  count: number
  min: number
  max: number
  mean: number
}

/**
 * The readings in `range` as buckets of `bucketMs`, the first of which starts at `fromMs`; the last may be cut short.
 *
 * @throws RangeQueryError `bad-range`, `too-many-buckets`, `mixed-streams`
 */
export function bucketsInRange(
  sources: Iterable<SegmentSource>,
  range: TimeRange,
  bucketMs: number,
): Bucket[] {
  checkBuckets(range, bucketMs)
  const buckets = new Map<number, Statistics>()
  for (const source of sourcesIn(sources, range)) {
    const bucket = bucketHolding(source, range, bucketMs)
    if (bucket !== null) add(buckets, bucket, source.header)
    else addReadings(buckets, readingsBetween(source.readings(), range), range.fromMs, bucketMs)
  }
  return [...buckets]
    .sort(([a], [b]) => a - b)
    .map(([bucket, { measuredCount, min, max, sum }]) => ({
      startMs: range.fromMs + bucket * bucketMs,
      count: measuredCount,
      min,
      max,
      mean: sum / measuredCount,
    }))
}

/** The bucket in which the whole segment lies, or null. */
function bucketHolding({ header }: SegmentSource, range: TimeRange, bucketMs: number): number | null {
  if (header.lastMs >= range.toMs) return null // the last bucket may be cut short
  const first = Math.floor((header.firstMs - range.fromMs) / bucketMs)
  const last = Math.floor((header.lastMs - range.fromMs) / bucketMs)
  return first === last ? first : null
}

function addReadings(
  buckets: Map<number, Statistics>,
  { times, values }: Readings,
  fromMs: number,
  bucketMs: number,
): void {
  for (let start = 0; start < times.length; ) {
    const bucket = Math.floor((times[start]! - fromMs) / bucketMs)
    const end = indexAtOrAfter(times, fromMs + (bucket + 1) * bucketMs)
    add(buckets, bucket, statisticsOf(values.subarray(start, end)))
    start = end
  }
}

function add(buckets: Map<number, Statistics>, bucket: number, more: Statistics): void {
  if (more.measuredCount === 0) return
  const { measuredCount, min, max, sum } = more
  const held = buckets.get(bucket)
  if (held === undefined) {
    buckets.set(bucket, { measuredCount, min, max, sum })
    return
  }
  held.measuredCount += measuredCount
  held.sum += sum
  held.min = Math.min(held.min, min)
  held.max = Math.max(held.max, max)
}

function checkBuckets(range: TimeRange, bucketMs: number): void {
  checkRange(range)
  if (!Number.isSafeInteger(bucketMs) || bucketMs < 1) {
    throw new RangeQueryError(
      'bad-range',
      `A range query got buckets of ${bucketMs} ms: give whole milliseconds, 1 or more.`,
    )
  }
  const buckets = Math.ceil((range.toMs - range.fromMs) / bucketMs)
  if (buckets > BUCKETS_PER_ANSWER_MAX) {
    throw new RangeQueryError(
      'too-many-buckets',
      `A range query would have ${buckets} buckets, at most ${BUCKETS_PER_ANSWER_MAX} are allowed: widen them.`,
    )
  }
}
