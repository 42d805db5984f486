/**
 * What both WebSocket transports add to core's port for the link above them: when the other side was last heard, and a way to ask now.
 */
import type { Host, Transport } from '@skerry/core'

/** The part of core's Host that this package needs. */
export type TransportHost = Pick<Host, 'now' | 'random' | 'timer'>

export interface WsTransport extends Transport {
  /** Milliseconds since 1970 of the last byte (Node) or message (browser) from the other side. */
  readonly lastContactAt: number
  /** Ask for a sign of life now; without one in PROBE_MS_MAX the transport ends with 1006. */
  probe(): void
}

export interface HeartbeatOptions {
  /** Milliseconds between beats, before jitter. Default HEARTBEAT_MS. Both sides must use about the same. */
  heartbeatMs?: number
  /** Beats without a sign of life until the transport ends. Default HEARTBEATS_MISSED_MAX. */
  heartbeatsMissedMax?: number
}

/** A number in [0, 1) from the host's randomness, in steps of 2^-32. */
export function randomFraction(host: TransportHost): number {
  const bytes = host.random(4)
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0) / 2 ** 32
}
