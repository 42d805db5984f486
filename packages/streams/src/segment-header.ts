/**
 * The header of a segment: everything that can be known without inflating it. The picture of the whole format stands in
 * segment.ts; here are its first bytes, field by field, and the checks that need nothing but them.
 */

import { crc32 } from '@skerry/core'
import { SegmentError } from './segment-error.ts'
import {
  COLUMN_BYTES_PER_READING_MAX,
  DECIMAL_PLACES_MAX,
  READINGS_PER_SEGMENT_MAX,
  SEGMENT_HEADER_FIXED_BYTES,
  STREAM_NAME_BYTES_MAX,
  TIME_MS_ABS_MAX,
} from './segment-limits.ts'
import type { Statistics } from './statistics.ts'
import { decodeStreamName, encodeStreamName } from './stream-name.ts'
import { VALUE_ENCODINGS, type ValueEncoding } from './value-column.ts'

/** The version this build writes, and the only one it reads. */
export const SEGMENT_FORMAT_VERSION = 1

/** What a segment says of itself. Times are milliseconds since 1970; `firstMs` ≤ `lastMs`. */
export interface SegmentHeader extends Statistics {
  stream: string
  /** Counts up from 1 within the stream. */
  number: number
  /** Readings, gaps included: 1 to `READINGS_PER_SEGMENT_MAX`. */
  count: number
  firstMs: number
  lastMs: number
}

/** How the body behind a header is laid out. All sizes in bytes. */
export interface BodyLayout {
  storedBytes: number
  inflatedBytes: number
  timeBytes: number
  deflated: boolean
  encoding: ValueEncoding
  places: number
  checksum: number
}

export interface DecodedHeader {
  header: SegmentHeader
  layout: BodyLayout
  headerBytes: number
}

const MAGIC = [0x53, 0x4b, 0x47] as const
const CHECKED_FROM = 8
const ENCODING_MAX = Math.max(...Object.values(VALUE_ENCODINGS))

/** @throws SegmentError `bad-input` for an impossible stream name */
export function encodeHeader(header: SegmentHeader, layout: BodyLayout): Uint8Array {
  const name = encodeStreamName(header.stream)
  const bytes = new Uint8Array(SEGMENT_HEADER_FIXED_BYTES + name.length)
  const view = new DataView(bytes.buffer)
  bytes.set(MAGIC, 0)
  view.setUint8(3, SEGMENT_FORMAT_VERSION)
  view.setUint32(8, header.number, true)
  view.setUint32(12, header.count, true)
  view.setUint32(16, header.measuredCount, true)
  view.setUint32(20, layout.storedBytes, true)
  view.setUint32(24, layout.inflatedBytes, true)
  view.setUint32(28, layout.timeBytes, true)
  view.setUint32(32, layout.checksum, true)
  view.setUint8(36, layout.deflated ? 1 : 0)
  view.setUint8(37, layout.encoding)
  view.setUint8(38, layout.places)
  view.setFloat64(40, header.firstMs, true)
  view.setFloat64(48, header.lastMs, true)
  view.setFloat64(56, header.min, true)
  view.setFloat64(64, header.max, true)
  view.setFloat64(72, header.sum, true)
  view.setUint16(80, name.length, true)
  bytes.set(name, SEGMENT_HEADER_FIXED_BYTES)
  view.setUint32(4, crc32(bytes.subarray(CHECKED_FROM)), true)
  return bytes
}

/**
 * Reads what a segment says of itself without inflating it. The first `SEGMENT_HEADER_BYTES_MAX` bytes are enough; the
 * header is checked against its own checksum, the body is not looked at.
 *
 * @throws SegmentError every code but `unordered`, `too-large` and `bad-input`
 */
export function readSegmentHeader(bytes: Uint8Array): SegmentHeader {
  return decodeHeader(bytes).header
}

/**
 * Reads and checks the header at the start of `bytes`; what follows it may be missing.
 *
 * @throws SegmentError every code but `unordered` and `bad-input`
 */
export function decodeHeader(bytes: Uint8Array): DecodedHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const headerBytes = checkedHeaderBytes(view)
  const expected = view.getUint32(4, true)
  const actual = crc32(bytes.subarray(CHECKED_FROM, headerBytes))
  if (actual !== expected) {
    throw new SegmentError(
      'bad-checksum',
      `A segment header has crc32 ${actual}, not ${expected}: fetch it again.`,
    )
  }
  const header: SegmentHeader = {
    stream: decodeStreamName(bytes.subarray(SEGMENT_HEADER_FIXED_BYTES, headerBytes)),
    number: view.getUint32(8, true),
    count: view.getUint32(12, true),
    measuredCount: view.getUint32(16, true),
    firstMs: view.getFloat64(40, true),
    lastMs: view.getFloat64(48, true),
    min: view.getFloat64(56, true),
    max: view.getFloat64(64, true),
    sum: view.getFloat64(72, true),
  }
  checkHeader(header)
  return { header, layout: decodeLayout(view, header.count), headerBytes }
}

/** The checks that must come first, because everything else is read through what they check. */
function checkedHeaderBytes(view: DataView): number {
  if (view.byteLength < SEGMENT_HEADER_FIXED_BYTES) throw truncated(view, SEGMENT_HEADER_FIXED_BYTES)
  if (MAGIC.some((byte, i) => view.getUint8(i) !== byte)) throw malformed('it does not start with "SKG"')
  const version = view.getUint8(3)
  if (version !== SEGMENT_FORMAT_VERSION) {
    throw new SegmentError(
      'bad-version',
      `A segment has format version ${version}, this build reads ${SEGMENT_FORMAT_VERSION}: update this node.`,
    )
  }
  const nameBytes = view.getUint16(80, true)
  if (nameBytes > STREAM_NAME_BYTES_MAX) throw malformed(`its stream name has ${nameBytes} bytes`)
  const headerBytes = SEGMENT_HEADER_FIXED_BYTES + nameBytes
  if (view.byteLength < headerBytes) throw truncated(view, headerBytes)
  return headerBytes
}

function checkHeader(header: SegmentHeader): void {
  const { number, count, measuredCount, firstMs, lastMs, min, max, sum } = header
  if (number < 1) throw malformed('its number is 0')
  if (count < 1) throw malformed('it has no readings')
  if (count > READINGS_PER_SEGMENT_MAX) {
    throw new SegmentError(
      'too-many-readings',
      `A segment declares ${count} readings, at most ${READINGS_PER_SEGMENT_MAX} are allowed: refuse its author.`,
    )
  }
  if (measuredCount > count) throw malformed(`it measured ${measuredCount} of ${count} readings`)
  const timesAreWhole = isTime(firstMs) && isTime(lastMs) && firstMs <= lastMs
  if (!timesAreWhole) throw malformed(`its times run from ${firstMs} to ${lastMs}`)
  const isEmpty = Number.isNaN(min) && Number.isNaN(max) && Object.is(sum, 0)
  if (measuredCount === 0 ? !isEmpty : !(min <= max)) throw malformed(`its values run from ${min} to ${max}`)
}

function decodeLayout(view: DataView, count: number): BodyLayout {
  const encoding = view.getUint8(37)
  const layout: BodyLayout = {
    storedBytes: view.getUint32(20, true),
    inflatedBytes: view.getUint32(24, true),
    timeBytes: view.getUint32(28, true),
    checksum: view.getUint32(32, true),
    deflated: view.getUint8(36) === 1,
    encoding: encoding as ValueEncoding,
    places: view.getUint8(38),
  }
  if (layout.inflatedBytes > 2 * count * COLUMN_BYTES_PER_READING_MAX) {
    throw new SegmentError(
      'inflate-bomb',
      `A segment of ${count} readings declares ${layout.inflatedBytes} bytes inflated: refuse its author.`,
    )
  }
  const reserved = (view.getUint8(36) & ~1) | view.getUint8(39)
  if (reserved !== 0) throw malformed('it sets bits that have no meaning')
  if (encoding > ENCODING_MAX) throw malformed(`it has value encoding ${encoding}`)
  const placesMax = encoding === VALUE_ENCODINGS.decimals ? DECIMAL_PLACES_MAX : 0
  if (layout.places > placesMax) throw malformed(`it has ${layout.places} decimal places`)
  const sizesFit = layout.deflated
    ? layout.storedBytes < layout.inflatedBytes
    : layout.storedBytes === layout.inflatedBytes
  if (!sizesFit || layout.timeBytes > layout.inflatedBytes)
    throw malformed('the sizes of its parts contradict')
  return layout
}

function isTime(timeMs: number): boolean {
  return Number.isInteger(timeMs) && Math.abs(timeMs) <= TIME_MS_ABS_MAX
}

function truncated(view: DataView, needed: number): SegmentError {
  return new SegmentError(
    'truncated',
    `A segment header needs ${needed} bytes, ${view.byteLength} are there: fetch it again.`,
  )
}

function malformed(what: string): SegmentError {
  return new SegmentError('malformed', `Bytes are no segment, ${what}: discard them.`)
}
