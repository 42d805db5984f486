/** Who lends external systems: a hub, in practice; asked over HTTP, or called in a test. */

export type LeaseAnswer =
  /** Lent for `ms` milliseconds from when it was asked for. Another epoch than before: another node had it meanwhile. */
  | { kind: 'held'; epoch: number; ms: number }
  /** Another node has it; in the words of who lends it. */
  | { kind: 'other'; words: string; retryAfterMs: number }
  /** No answer, or one that tells nothing of the lease. */
  | { kind: 'unknown'; reason: string }

export interface LeaseOffice {
  /** Asks for the system, or to keep it; never throws for what can go wrong on the way. */
  acquire(system: string, ms: number): Promise<LeaseAnswer>
  /** Gives it back, if this node has it. What goes wrong here, time mends. */
  release(system: string): Promise<void>
}
