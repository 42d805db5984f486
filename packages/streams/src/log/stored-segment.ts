/** A segment's bytes back out of the log, by its row in the index. */

import { decodeEntry, type ReplicaBase } from '@skerry/core'
import type { Compressor } from '../compressor.ts'
import { decodeSegment, type Segment } from '../segment.ts'
import type { IndexedSegment } from './segment-index.ts'

/** A log that lacks what its index names: the store lost something. Its only code is `segment-missing`. */
export class SegmentMissing extends Error {
  override readonly name = 'SegmentMissing'
  readonly code = 'segment-missing'
}

/** @throws SegmentMissing; EntryError or SegmentError when the bytes were damaged since they came in */
export async function storedSegment(
  replica: ReplicaBase,
  { seq, header }: IndexedSegment,
  compressor: Compressor,
): Promise<Segment> {
  const [entry] = await replica.readEntries([seq])
  if (entry !== undefined) return decodeSegment(decodeEntry(entry.bytes).body, compressor)
  throw new SegmentMissing(
    `Segment ${header.number} of ${header.stream} should be entry ${seq} of this log, which is not there: ` +
      'the store lost it; restore it from another replica.',
  )
}
