/** What a bridge tells of itself while it runs (SPEC B-69). */
import type { Seq } from '@skerry/core'
import type { BudgetState } from './budget/budget.ts'
import type { BreakerState } from './delivery/breaker.ts'
import type { Tier } from './delivery/tiers.ts'
import type { TierQueue } from './outbox-index.ts'

export interface BridgeStats {
  /** Items that wait for a call or for its fate, dead letters, and items that wait for approval. */
  open: number
  begun: number
  dead: number
  held: number
  /** Items that wait for their mapping's schedule, or for `pushNow`. */
  deferred: number
  /** Items that wait for another record's row. */
  parked: number
  /** Items of mappings that do not fit the system's schema (`pausedMappings`). */
  paused: number
  /** Mappings that are paused. */
  mappingsPaused: number
  /** The open ones by tier, and how old the oldest edit among them is. */
  tiers: Record<Tier, TierQueue>
  /** Records whose row changes under each of our calls, so that they are tried more rarely (SPEC B-107). */
  contended: number
  /** Records of which something waits for a person. */
  reviews: number
  /** Rows that could not be taken in, and wait for another version, or to be read again. */
  unread: number
  /** Rows to be read. */
  hints: number
  callsUnderWay: number
  /** Write calls made since the start. */
  callsMade: number
  /** Milliseconds for which no call is made, as the system asked or because it does not answer. */
  pausedMs: number
  breaker: BreakerState
  /** Calls that write which may be under way at once just now. */
  width: number
  /** Writes in one batch just now, by type. */
  batchSizes: Record<string, number>
  budget: BudgetState
  /** Milliseconds since a poll came to its end or a push came. */
  silentMs: number
  /** That is too long, and the alarm was raised. */
  isSilent: boolean
  /** Types of which a walk is due or under way. */
  walks: number
  /** Position reached in the log, of `head`. */
  followed: Seq
  head: Seq
}
