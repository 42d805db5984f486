/** One of the limits of an account: what may be spent, and what calls under way hold of it. The kinds of limit are beside this file. */

/** Who asks: the critical tier may spend all of a limit, the others what is not reserved. */
export interface Purse {
  isCritical: boolean
  /** Share that is reserved for the critical tier, from 0. */
  reserve: number
}

export interface LimitState {
  limit: string
  /** Units that may still be spent now. */
  left: number
  max: number
  /** Milliseconds until more is left. */
  resetsInMs?: number | undefined
}

export interface Limit {
  /** Milliseconds until a call that may cost so much can begin; 0: now; Infinity: when another call ends. */
  waitMs(units: number, purse: Purse): number
  /** Keeps so much for a call that begins. @returns what is kept: no more than the purse can ever have */
  hold(units: number, purse: Purse): number
  /** Gives back what a call did not need. */
  release(held: number, purse: Purse): void
  /** @param held how much of it was kept before */
  spend(units: number, held: number, purse: Purse): void
  state(): LimitState
}

/** Units of `max` that this purse may touch; at least one, or a limit of one would serve nobody. */
export function within(max: number, { isCritical, reserve }: Purse): number {
  return isCritical ? max : Math.max(Math.min(1, max), max - Math.ceil(max * reserve))
}
