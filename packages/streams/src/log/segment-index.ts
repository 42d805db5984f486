/**
 * The index of the segments in a replica's log, so that a question about a stream reads only the entries it needs. Each
 * segment has one row, under two keys:
 *
 *     by number    stream \n 0000000042                          finds a copy, and the next one to evaluate
 *     by time      stream \n 1127599906842624 \n 0000000042      time of the first reading + 2^50, to sort as text
 *
 *     row          sequence of the entry (varint) · sha256 of the segment (32) · header of the segment, as it is
 *
 * Stream names have no control characters, so a line break ends one. The header carries count, times, minimum, maximum
 * and sum bit for bit (JSON would lose infinities), and checks itself.
 */

import { ByteReader, ByteWriter, type Seq, type Tables } from '@skerry/core'
import { decodeHeader, readSegmentHeader, type SegmentHeader } from '../segment-header.ts'
import { SEGMENT_HEADER_BYTES_MAX, TIME_MS_ABS_MAX } from '../segment-limits.ts'
import type { TimeRange } from '../time-slice.ts'
import { addToTotals, readTotals } from './stream-totals.ts'
import type { TableReader } from './table-reader.ts'

const BY_NUMBER_TABLE = 'segments'
const BY_TIME_TABLE = 'segments_by_time'

/** Rows read at once: some 60 KiB. */
const ROWS_PER_SCAN = 256
const HASH_BYTES = 32
/** Decimal digits of the highest segment number, and of 2^51, the highest time after the shift. */
const NUMBER_DIGITS = 10
const TIME_DIGITS = 16

export interface IndexedSegment {
  /** Where its entry stands in this replica's log. */
  seq: Seq
  /** sha256 of the segment's bytes. */
  hash: Uint8Array
  header: SegmentHeader
}

/** Writes what is kept of a segment beside its entry: the index rows, and the stream's totals. */
export async function keepSegment(
  tables: Tables,
  { seq, hash, body }: { seq: Seq; hash: Uint8Array; body: Uint8Array },
): Promise<void> {
  const { header, headerBytes } = decodeHeader(body)
  const { stream, number, firstMs } = header
  const row = new ByteWriter(SEGMENT_HEADER_BYTES_MAX)
    .varint(seq)
    .raw(hash)
    .raw(body.subarray(0, headerBytes))
    .finish()
  tables.put(BY_NUMBER_TABLE, numberKey(stream, number), row)
  tables.put(BY_TIME_TABLE, `${timeKey(stream, firstMs)}\n${padded(number, NUMBER_DIGITS)}`, row)
  await addToTotals(tables, header)
}

/** The segment of this number, undefined when it is not here. */
export async function segmentAt(
  tables: TableReader,
  stream: string,
  number: number,
): Promise<IndexedSegment | undefined> {
  const row = await tables.get(BY_NUMBER_TABLE, numberKey(stream, number))
  return row && decodeRow(row)
}

/** The segments of a stream above a number, in ascending number. */
export async function* segmentsAbove(
  tables: TableReader,
  stream: string,
  number: number,
): AsyncGenerator<IndexedSegment> {
  yield* rowsOf(tables, BY_NUMBER_TABLE, stream, numberKey(stream, number))
}

/** The segments that touch `range`, in the order of their first readings. */
export async function* segmentsTouching(
  tables: TableReader,
  stream: string,
  { fromMs, toMs }: TimeRange,
): AsyncGenerator<IndexedSegment> {
  const totals = await readTotals(tables, stream)
  if (totals === undefined) return
  // A segment that reaches into the range began at most the longest span before it.
  const start = timeKey(stream, fromMs - totals.spanMsMax)
  for await (const segment of rowsOf(tables, BY_TIME_TABLE, stream, start)) {
    if (segment.header.firstMs >= toMs) return
    if (segment.header.lastMs >= fromMs) yield segment
  }
}

async function* rowsOf(
  tables: TableReader,
  table: string,
  stream: string,
  above: string,
): AsyncGenerator<IndexedSegment> {
  let after = above
  for (;;) {
    const rows = await tables.scan(table, { prefix: `${stream}\n`, after, limit: ROWS_PER_SCAN })
    for (const { value } of rows) yield decodeRow(value)
    if (rows.length < ROWS_PER_SCAN) return
    after = rows.at(-1)!.key
  }
}

function decodeRow(row: Uint8Array): IndexedSegment {
  const reader = new ByteReader(row)
  const seq = reader.varint()
  const hash = reader.raw(HASH_BYTES)
  return { seq, hash, header: readSegmentHeader(reader.raw(reader.remaining)) }
}

function numberKey(stream: string, number: number): string {
  return `${stream}\n${padded(number, NUMBER_DIGITS)}`
}

function timeKey(stream: string, timeMs: number): string {
  const within = Math.min(Math.max(timeMs, -TIME_MS_ABS_MAX), TIME_MS_ABS_MAX)
  return `${stream}\n${padded(within + TIME_MS_ABS_MAX, TIME_DIGITS)}`
}

function padded(value: number, digits: number): string {
  return String(value).padStart(digits, '0')
}
