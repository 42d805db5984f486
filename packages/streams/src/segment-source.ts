/**
 * A segment that is decoded only when someone looks at its readings. Most questions about a long time are answered by
 * headers alone: a year in daily buckets opens the few segments that straddle midnight.
 */

import type { Compressor } from './compressor.ts'
import { decodeSegment, type Readings, type Segment } from './segment.ts'
import { readSegmentHeader, type SegmentHeader } from './segment-header.ts'

export interface SegmentSource {
  header: SegmentHeader
  /** Decodes at every call: keep the result while it is needed. Throws what `decodeSegment` throws. */
  readings(): Readings
}

/**
 * A source over stored bytes.
 *
 * @throws SegmentError as `readSegmentHeader` does
 */
export function segmentSource(bytes: Uint8Array, compressor: Compressor): SegmentSource {
  return { header: readSegmentHeader(bytes), readings: () => decodeSegment(bytes, compressor) }
}

/** A source over a segment that is decoded already. */
export function decodedSource(segment: Segment): SegmentSource {
  return { header: segment, readings: () => segment }
}
