/**
 * A segment: an immutable run of readings of one stream, as bytes that can be stored, sent and checked by anyone.
 * Telemetry as one object per reading would cost a hundred bytes each; here a time and a value cost one or two.
 *
 *     at  bytes  field (integers and floats least significant byte first)
 *      0    3    "SKG"
 *      3    1    format version, 1
 *      4    4    crc32 of the header from byte 8 on; the header holds the body's, so this covers all
 *      8    4    segment number, from 1
 *     12    4    count of readings
 *     16    4    count of those whose value is not NaN
 *     20    4    bytes of the body as stored
 *     24    4    bytes of the body inflated
 *     28    4    bytes of the time column, inflated
 *     32    4    crc32 of the body as stored
 *     36    1    1 when the body is deflated (RFC 1951), else 0
 *     37    1    value encoding: 0 planes, 1 xor, 2 decimals
 *     38    1    decimal places, 0 to 6; 0 unless decimals
 *     39    1    0
 *     40   16    first and last time, float64 of whole milliseconds
 *     56   24    minimum, maximum, sum, float64
 *     80    2    bytes of the stream name, n
 *     82    n    stream name, UTF-8
 *   82+n         body, perhaps deflated:  time column | value column
 *
 * The columns are pictured in time-column.ts and in the *-values.ts files. Lossless to the bit, for every float64.
 */

import { crc32 } from '@skerry/core'
import type { Compressor } from './compressor.ts'
import { SegmentError } from './segment-error.ts'
import { type BodyLayout, decodeHeader, encodeHeader, type SegmentHeader } from './segment-header.ts'
import { READINGS_PER_SEGMENT_MAX, SEGMENT_BYTES_MAX, SEGMENT_NUMBER_MAX } from './segment-limits.ts'
import { sameStatistics, statisticsOf } from './statistics.ts'
import { decodeTimes, encodeTimes } from './time-column.ts'
import { decodeValues, encodeValues, type ValueColumn } from './value-column.ts'

/** Reading i is (`times[i]` whole milliseconds since 1970, `values[i]`). Equal lengths; times never go back. */
export interface Readings {
  times: Float64Array
  values: Float64Array
}

/** Readings that have their place in a stream, but no bytes yet. */
export interface UnencodedSegment extends Readings {
  stream: string
  number: number
}

/** A decoded segment. */
export interface Segment extends SegmentHeader, Readings {}

/**
 * Encodes 1 to `READINGS_PER_SEGMENT_MAX` readings.
 *
 * @throws SegmentError `bad-input`, `too-many-readings`, `unordered`
 */
export function encodeSegment(segment: UnencodedSegment, compressor: Compressor): Uint8Array {
  checkInput(segment)
  const { stream, number, times, values } = segment
  const timeColumn = encodeTimes(times)
  const valueColumn = encodeValues(values, compressor)
  const inflated = joined(timeColumn, valueColumn.bytes)
  const deflated = compressor.deflateRaw(inflated)
  const isSmaller = deflated.length < inflated.length
  const stored = isSmaller ? deflated : inflated
  const header = encodeHeader(
    {
      stream,
      number,
      count: times.length,
      firstMs: times[0]! + 0, // -0 becomes 0, as it does in the time column
      lastMs: times[times.length - 1]! + 0,
      ...statisticsOf(values),
    },
    {
      storedBytes: stored.length,
      inflatedBytes: inflated.length,
      timeBytes: timeColumn.length,
      deflated: isSmaller,
      encoding: valueColumn.encoding,
      places: valueColumn.places,
      checksum: crc32(stored),
    },
  )
  return joined(header, stored)
}

/**
 * Decodes a whole segment. The bytes need not be honest: memory is bounded by `READINGS_PER_SEGMENT_MAX` whatever they
 * claim, and a segment whose header disagrees with its readings is refused.
 *
 * @throws SegmentError every code but `bad-input`
 */
export function decodeSegment(bytes: Uint8Array, compressor: Compressor): Segment {
  if (bytes.length > SEGMENT_BYTES_MAX) {
    throw new SegmentError(
      'too-large',
      `A segment has ${bytes.length} bytes, at most ${SEGMENT_BYTES_MAX} are allowed: refuse its author.`,
    )
  }
  const { header, layout, headerBytes } = decodeHeader(bytes)
  const stored = checkedBody(bytes.subarray(headerBytes), layout)
  const body = layout.deflated ? inflate(stored, layout.inflatedBytes, compressor) : stored
  const times = decodeTimes(body.subarray(0, layout.timeBytes), header.count, header.firstMs)
  const column: ValueColumn = { ...layout, bytes: body.subarray(layout.timeBytes) }
  const values = decodeValues(column, header.count)
  if (times[header.count - 1] !== header.lastMs || !sameStatistics(header, statisticsOf(values))) {
    throw malformed('its header disagrees with its readings')
  }
  return { ...header, times, values }
}

function checkInput({ number, times, values }: UnencodedSegment): void {
  if (times.length !== values.length || times.length === 0) {
    throw new SegmentError(
      'bad-input',
      `Encoding a segment got ${times.length} times and ${values.length} values: give the same number, 1 or more.`,
    )
  }
  if (times.length > READINGS_PER_SEGMENT_MAX) {
    throw new SegmentError(
      'too-many-readings',
      `Encoding a segment got ${times.length} readings: give at most ${READINGS_PER_SEGMENT_MAX}.`,
    )
  }
  if (!Number.isInteger(number) || number < 1 || number > SEGMENT_NUMBER_MAX) {
    throw new SegmentError(
      'bad-input',
      `Encoding a segment got the number ${number}: give a whole number from 1 to ${SEGMENT_NUMBER_MAX}.`,
    )
  }
}

function checkedBody(stored: Uint8Array, layout: BodyLayout): Uint8Array {
  if (stored.length < layout.storedBytes) {
    throw new SegmentError(
      'truncated',
      `A segment's body has ${stored.length} of ${layout.storedBytes} bytes: fetch it again.`,
    )
  }
  if (stored.length > layout.storedBytes)
    throw malformed(`${stored.length - layout.storedBytes} bytes follow it`)
  const checksum = crc32(stored)
  if (checksum !== layout.checksum) {
    throw new SegmentError(
      'bad-checksum',
      `A segment's body has crc32 ${checksum}, not ${layout.checksum}: fetch it again.`,
    )
  }
  return stored
}

function inflate(stored: Uint8Array, inflatedBytes: number, compressor: Compressor): Uint8Array {
  const body = inflateBounded(stored, inflatedBytes, compressor)
  if (body.length > inflatedBytes) throw inflateBomb(inflatedBytes)
  if (body.length < inflatedBytes) throw malformed(`it inflates to ${body.length} of ${inflatedBytes} bytes`)
  return body
}

function inflateBounded(stored: Uint8Array, outputBytesMax: number, compressor: Compressor): Uint8Array {
  try {
    return compressor.inflateRaw(stored, outputBytesMax)
  } catch (cause) {
    if (cause instanceof RangeError) throw inflateBomb(outputBytesMax, cause)
    throw new SegmentError('malformed', "A segment's body is no deflate stream: discard it.", { cause })
  }
}

function inflateBomb(outputBytesMax: number, cause?: unknown): SegmentError {
  return new SegmentError(
    'inflate-bomb',
    `A segment's body inflates to more than the ${outputBytesMax} bytes it declares: refuse its author.`,
    { cause },
  )
}

function malformed(what: string): SegmentError {
  return new SegmentError('malformed', `Bytes are no segment, ${what}: discard them.`)
}

function joined(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(head.length + tail.length)
  bytes.set(head, 0)
  bytes.set(tail, head.length)
  return bytes
}
