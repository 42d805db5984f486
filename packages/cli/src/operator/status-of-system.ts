/** How one bridge of a node stands. */
import type { BridgeStats, PausedMapping } from '@skerry/bridge'
import type { NodeBridge } from './node-bridges.ts'

export type StatusOfSystem =
  | { system: string; running: true; stats: BridgeStats; paused: PausedMapping[] }
  /** Nothing is known here of how it stands. */
  | { system: string; running: false }

export function statusOf({ system, bridge }: NodeBridge): StatusOfSystem {
  const running = bridge()
  return running
    ? { system, running: true, stats: running.stats(), paused: running.pausedMappings() }
    : { system, running: false }
}
