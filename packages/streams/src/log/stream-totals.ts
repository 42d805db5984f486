/** What a replica holds of a stream, counted exactly as segments come in: one row a stream. */

import { decodeUtf8, encodeUtf8, type ReplicaBase, type Tables } from '@skerry/core'
import type { SegmentHeader } from '../segment-header.ts'
import type { TableReader } from './table-reader.ts'
import { tablesOf } from './table-reader.ts'

/** Key: the stream's name. */
const TOTALS_TABLE = 'streams'

/** Streams listed at once. */
export const STREAMS_LISTED_MAX = 1_000

/** Times are milliseconds since 1970. Segments that are not here (yet) are `newestNumber` - `segments`. */
export interface StreamTotals {
  stream: string
  segments: number
  /** Highest segment number. */
  newestNumber: number
  /** Readings, gaps included. */
  readings: number
  /** Readings whose value is not NaN. */
  measured: number
  firstMs: number
  newestMs: number
  /** Milliseconds from the first to the last reading of the longest segment: how far back a search must begin. */
  spanMsMax: number
}

/** The totals of one stream, undefined when no segment of it is here. */
export function streamTotals(replica: ReplicaBase, stream: string): Promise<StreamTotals | undefined> {
  return readTotals(tablesOf(replica), stream)
}

/**
 * The totals of streams whose names start with `prefix` and stand above `after`, ascending by name; at most `limit`
 * (default and ceiling `STREAMS_LISTED_MAX`). Fewer than asked: there are no more.
 */
export async function listStreams(
  replica: ReplicaBase,
  range: { prefix?: string; after?: string; limit?: number } = {},
): Promise<StreamTotals[]> {
  const limit = Math.min(range.limit ?? STREAMS_LISTED_MAX, STREAMS_LISTED_MAX)
  const rows = await tablesOf(replica).scan(TOTALS_TABLE, { ...range, limit })
  return rows.map(({ value }) => decodeTotals(value))
}

export async function readTotals(tables: TableReader, stream: string): Promise<StreamTotals | undefined> {
  const value = await tables.get(TOTALS_TABLE, stream)
  return value && decodeTotals(value)
}

/** Counts a segment that is here for the first time. */
export async function addToTotals(tables: Tables, header: SegmentHeader): Promise<void> {
  const { stream, number, count, measuredCount, firstMs, lastMs } = header
  const before = (await readTotals(tables, stream)) ?? noTotals(header)
  const totals: StreamTotals = {
    stream,
    segments: before.segments + 1,
    newestNumber: Math.max(before.newestNumber, number),
    readings: before.readings + count,
    measured: before.measured + measuredCount,
    firstMs: Math.min(before.firstMs, firstMs),
    newestMs: Math.max(before.newestMs, lastMs),
    spanMsMax: Math.max(before.spanMsMax, lastMs - firstMs),
  }
  tables.put(TOTALS_TABLE, stream, encodeUtf8(JSON.stringify(totals)))
}

function noTotals({ stream, firstMs, lastMs }: SegmentHeader): StreamTotals {
  return {
    stream,
    segments: 0,
    newestNumber: 0,
    readings: 0,
    measured: 0,
    firstMs,
    newestMs: lastMs,
    spanMsMax: 0,
  }
}

function decodeTotals(value: Uint8Array): StreamTotals {
  return JSON.parse(decodeUtf8(value) ?? '') as StreamTotals
}
