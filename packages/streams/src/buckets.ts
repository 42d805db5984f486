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
import type { SegmentHeader } from './segment-header.ts'
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
  const sums = new BucketSums(range, bucketMs)
  for (const source of sourcesIn(sources, range))
    if (!sums.addWhole(source.header)) sums.addReadings(source.readings())
  return sums.buckets()
}

/** Buckets as they fill, one segment after the other, in any order. */
export class BucketSums {
  private readonly range: TimeRange
  private readonly bucketMs: number
  private readonly sums = new Map<number, Statistics>()

  /** @throws RangeQueryError `bad-range`, `too-many-buckets` */
  constructor(range: TimeRange, bucketMs: number) {
    checkBuckets(range, bucketMs)
    this.range = range
    this.bucketMs = bucketMs
  }

  /** Adds a segment by its header, if it lies wholly in one bucket; otherwise adds nothing and returns false. */
  addWhole(header: SegmentHeader): boolean {
    const { fromMs, toMs } = this.range
    if (header.lastMs >= toMs) return false // the last bucket may be cut short
    const first = Math.floor((header.firstMs - fromMs) / this.bucketMs)
    const last = Math.floor((header.lastMs - fromMs) / this.bucketMs)
    if (first !== last) return false
    this.add(first, header)
    return true
  }

  /** Adds the readings of one segment that lie in the range. */
  addReadings(readings: Readings): void {
    const { times, values } = readingsBetween(readings, this.range)
    const { fromMs } = this.range
    for (let start = 0; start < times.length; ) {
      const bucket = Math.floor((times[start]! - fromMs) / this.bucketMs)
      const end = indexAtOrAfter(times, fromMs + (bucket + 1) * this.bucketMs)
      this.add(bucket, statisticsOf(values.subarray(start, end)))
      start = end
    }
  }

  buckets(): Bucket[] {
    return [...this.sums]
      .sort(([a], [b]) => a - b)
      .map(([bucket, { measuredCount, min, max, sum }]) => ({
        startMs: this.range.fromMs + bucket * this.bucketMs,
        count: measuredCount,
        min,
        max,
        mean: sum / measuredCount,
      }))
  }

  private add(bucket: number, more: Statistics): void {
    if (more.measuredCount === 0) return
    const { measuredCount, min, max, sum } = more
    const held = this.sums.get(bucket)
    if (held === undefined) {
      this.sums.set(bucket, { measuredCount, min, max, sum })
      return
    }
    held.measuredCount += measuredCount
    held.sum += sum
    held.min = Math.min(held.min, min)
    held.max = Math.max(held.max, max)
  }
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
