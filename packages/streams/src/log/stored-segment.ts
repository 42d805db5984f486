/** A segment back out of the log, by its row in the index. */

import { decodeEntry, type ReplicaBase } from '@skerry/core'
import type { Compressor } from '../compressor.ts'
import { decodeSegment, type Readings } from '../segment.ts'
import type { SegmentSource } from '../segment-source.ts'
import type { IndexedSegment } from './segment-index.ts'

/** A log that lacks what its index names: the store lost something. Its only code is `segment-missing`. */
export class SegmentMissing extends Error {
  override readonly name = 'SegmentMissing'
  readonly code = 'segment-missing'
}

/**
 * The bytes are fetched now, and decoded when someone first looks at the readings: then bytes that were damaged since
 * they came in throw EntryError or SegmentError.
 *
 * @throws SegmentMissing
 */
export async function storedSegment(
  replica: ReplicaBase,
  { seq, header }: IndexedSegment,
  compressor: Compressor,
): Promise<SegmentSource> {
  const [entry] = await replica.readEntries([seq])
  if (entry === undefined)
    throw new SegmentMissing(
      `Segment ${header.number} of ${header.stream} should be entry ${seq} of this log, which is not there: ` +
        'the store lost it; restore it from another replica.',
    )
  let decoded: Readings | undefined
  return {
    header,
    readings: () => {
      decoded ??= decodeSegment(decodeEntry(entry.bytes).body, compressor)
      return decoded
    },
  }
}
