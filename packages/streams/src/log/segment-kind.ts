/**
 * Segments at the border of a replica: looked at once, whole, when they come in; trusted from then on. A segment is
 * known by its stream and number. Another one under the same number can only come from a cloned or restored gateway, or
 * a forger, and is refused: which of the two is right cannot be told, and whoever has the first one keeps it.
 */

import { equalBytes, type KindHandler, Refused } from '@skerry/core'
import type { Compressor } from '../compressor.ts'
import { decodeSegment } from '../segment.ts'
import { SegmentError } from '../segment-error.ts'
import { readSegmentHeader, type SegmentHeader } from '../segment-header.ts'
import { keepSegment, segmentAt } from './segment-index.ts'
import { channelsOfGateway, recordOfStream, type StreamChannels } from './stream-record.ts'

export interface SegmentKindOptions {
  compressor: Compressor
  /** The same on all replicas of a space. Default `channelsOfGateway`. */
  channels?: StreamChannels
}

/**
 * For `openReplica({ kinds: { segment: segmentKind({ compressor }) } })`, on gateways, edges and hubs alike. Refuses with
 * `segment-<code of the SegmentError>`, `segment-wrong-stream` and `duplicate-sequence`.
 */
export function segmentKind({ compressor, channels = channelsOfGateway }: SegmentKindOptions): KindHandler {
  return {
    async admit(tables, { record, body, hash }) {
      const { stream, number } = headerOf(record, body)
      const known = await segmentAt(tables, stream, number)
      if (known !== undefined) {
        if (equalBytes(known.hash, hash)) return undefined
        throw new Refused(
          'duplicate-sequence',
          `segment ${number} of ${stream} is here already with other readings; ` +
            'was the gateway cloned or restored? Let it go on under another stream name',
        )
      }
      refusing(() => decodeSegment(body, compressor))
      return { channels: channels(stream), keep: (own, seq) => keepSegment(own, { seq, hash, body }) }
    },
    async seqOf(tables, { record, body, hash }) {
      const { stream, number } = headerOf(record, body)
      const known = await segmentAt(tables, stream, number)
      return known && equalBytes(known.hash, hash) ? known.seq : undefined
    },
  }
}

function headerOf(record: string, body: Uint8Array): SegmentHeader {
  const header = refusing(() => readSegmentHeader(body))
  if (record === recordOfStream(header.stream)) return header
  throw new Refused('segment-wrong-stream', `a segment of ${header.stream} came under the record ${record}`)
}

function refusing<T>(look: () => T): T {
  try {
    return look()
  } catch (cause) {
    if (cause instanceof SegmentError) throw new Refused(`segment-${cause.code}`, cause.message, { cause })
    throw cause
  }
}
