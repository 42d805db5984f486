/** Opening a gateway's streams: each goes on at the number and time at which the log says it stands. */

import type { ReplicaBase } from '@skerry/core'
import type { Compressor } from '../compressor.ts'
import { checkSealPolicy, SEAL_POLICY_DEFAULT, type SealPolicy } from '../sealer.ts'
import { channelsOfGateway, type StreamChannels } from './stream-record.ts'
import { listStreams, STREAMS_LISTED_MAX, type StreamTotals } from './stream-totals.ts'
import { Streams } from './streams.ts'

export interface OpenStreamsOptions {
  compressor: Compressor
  /** The same as in `segmentKind`. Default `channelsOfGateway`. */
  channels?: StreamChannels
  /** Default `SEAL_POLICY_DEFAULT`, for each part. */
  policy?: Partial<SealPolicy>
}

/**
 * For a replica that was opened with `segmentKind`. Call once for a replica.
 *
 * @throws SegmentError `bad-input` for an impossible policy
 */
export async function openStreams(replica: ReplicaBase, options: OpenStreamsOptions): Promise<Streams> {
  const { compressor, channels = channelsOfGateway } = options
  const policy = { ...SEAL_POLICY_DEFAULT, ...options.policy }
  checkSealPolicy(policy, '*')
  return new Streams(replica, { compressor, channels, policy, positions: await positionsOf(replica) })
}

async function positionsOf(replica: ReplicaBase): Promise<Map<string, StreamTotals>> {
  const positions = new Map<string, StreamTotals>()
  for (let after = ''; ; ) {
    const page = await listStreams(replica, { after })
    for (const totals of page) positions.set(totals.stream, totals)
    if (page.length < STREAMS_LISTED_MAX) return positions
    after = page.at(-1)!.stream
  }
}
