/**
 * Questions about a stream's time, answered by any replica that holds its segments. The index tells which segments touch
 * the range; of these, only those are read and decoded whose header is not the answer already.
 *
 * Answers come in pages: `nextMs` is where to ask from to go on, null at the end. Readings that came in late, into the
 * range of a page that was read before, are seen by asking again.
 */

import type { ReplicaBase } from '@skerry/core'
import { BUCKETS_PER_ANSWER_MAX, type Bucket, BucketSums } from '../buckets.ts'
import type { Compressor } from '../compressor.ts'
import { checkRange, READINGS_PER_ANSWER_MAX, readingsInRange } from '../range.ts'
import { RangeQueryError } from '../range-error.ts'
import type { Readings } from '../segment.ts'
import type { SegmentSource } from '../segment-source.ts'
import { indexAtOrAfter, type TimeRange } from '../time-slice.ts'
import { segmentsTouching } from './segment-index.ts'
import { storedSegment } from './stored-segment.ts'
import { tablesOf } from './table-reader.ts'

/** Readings of one page unless told otherwise: 1.6 MB of columns, some 3 MB as JSON. */
export const READINGS_PER_PAGE_DEFAULT = 100_000

/** Readings of the largest page: half of `READINGS_PER_ANSWER_MAX`, since whole segments are held to fill a page. */
export const READINGS_PER_PAGE_MAX = READINGS_PER_ANSWER_MAX / 2

/** In order of time, then of segment number. */
export interface ReadingPage extends Readings {
  nextMs: number | null
}

export interface BucketPage {
  /** Only those with a measured reading. */
  buckets: Bucket[]
  nextMs: number | null
}

export interface ReadOptions {
  compressor: Compressor
  /** Readings of a page, 1 to `READINGS_PER_PAGE_MAX`. Default `READINGS_PER_PAGE_DEFAULT`. */
  limit?: number
}

export interface BucketOptions {
  compressor: Compressor
  /** Width in milliseconds; the first bucket starts at `fromMs`. */
  bucketMs: number
  /** Buckets that a page spans, empty ones included, 1 to `BUCKETS_PER_ANSWER_MAX`. Default that. */
  limit?: number
}

/**
 * The readings of `stream` in `range`. A page holds all readings of its last millisecond.
 *
 * @throws RangeQueryError `bad-range`; `too-many-readings` when one millisecond has more than `limit`; what
 *   `storedSegment` throws
 */
export async function readStream(
  replica: ReplicaBase,
  stream: string,
  range: TimeRange,
  { compressor, limit = READINGS_PER_PAGE_DEFAULT }: ReadOptions,
): Promise<ReadingPage> {
  checkRange(range)
  checkLimit(limit, READINGS_PER_PAGE_MAX)
  const held: SegmentSource[] = []
  let heldCount = 0
  for await (const row of segmentsTouching(tablesOf(replica), stream, range)) {
    // No segment from here on has a reading before this one's first.
    if (heldCount > limit && countBetween(held, range.fromMs, row.header.firstMs) > limit) break
    held.push(await storedSegment(replica, row, compressor))
    heldCount += countBetween(held.slice(-1), range.fromMs, range.toMs)
  }
  return firstPage(readingsInRange(held, range), limit)
}

/**
 * The readings of `stream` in `range` as buckets of `bucketMs`.
 *
 * @throws RangeQueryError `bad-range`; what `storedSegment` throws
 */
export async function readStreamBuckets(
  replica: ReplicaBase,
  stream: string,
  { fromMs, toMs }: TimeRange,
  { compressor, bucketMs, limit = BUCKETS_PER_ANSWER_MAX }: BucketOptions,
): Promise<BucketPage> {
  checkRange({ fromMs, toMs })
  checkLimit(limit, BUCKETS_PER_ANSWER_MAX)
  const page = { fromMs, toMs: Math.min(toMs, fromMs + limit * bucketMs) }
  const sums = new BucketSums(page, bucketMs)
  for await (const row of segmentsTouching(tablesOf(replica), stream, page)) {
    if (!sums.addWhole(row.header)) {
      const source = await storedSegment(replica, row, compressor)
      sums.addReadings(source.readings())
    }
  }
  return { buckets: sums.buckets(), nextMs: page.toMs < toMs ? page.toMs : null }
}

/** Readings with `fromMs` ≤ time < `toMs`. */
function countBetween(segments: readonly SegmentSource[], fromMs: number, toMs: number): number {
  let count = 0
  for (const segment of segments) {
    const { times } = segment.readings()
    count += Math.max(0, indexAtOrAfter(times, toMs) - indexAtOrAfter(times, fromMs))
  }
  return count
}

/** Cuts between two times, never between readings of one: the next page asks from a time. */
function firstPage({ times, values }: Readings, limit: number): ReadingPage {
  if (times.length <= limit) return { times, values, nextMs: null }
  const nextMs = times[limit]!
  const end = indexAtOrAfter(times, nextMs)
  if (end === 0)
    throw new RangeQueryError(
      'too-many-readings',
      `The millisecond ${nextMs} has more than ${limit} readings: raise the limit.`,
    )
  return { times: times.slice(0, end), values: values.slice(0, end), nextMs }
}

function checkLimit(limit: number, max: number): void {
  if (Number.isInteger(limit) && limit >= 1 && limit <= max) return
  throw new RangeQueryError('bad-range', `A range query got the limit ${limit}: give 1 to ${max}.`)
}
