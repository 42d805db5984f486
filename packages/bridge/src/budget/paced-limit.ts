/** A limit that must last: the tiers below critical get what is left for them bit by bit (SPEC B-63). What is left, and for how long, a supply says. */
import type { Limit, LimitState, Purse } from './limit.ts'
import { within } from './limit.ts'
import { Pace, type Spread } from './pace.ts'
import type { SteadyClock } from './steady-clock.ts'

export interface Supply {
  readonly name: string
  max(): number
  /** Units not spent yet. */
  left(): number
  /** Milliseconds until there are so many more than now. */
  waitMs(more: number): number
  /** How fast `room`, what is left of `most`, should be spent; undefined: as it comes. */
  spread(room: number, most: number): Spread | undefined
  spend(units: number): void
  /** Milliseconds until more is left; undefined when that is not known. */
  resetsInMs(): number | undefined
}

export class PacedLimit implements Limit {
  readonly #supply: Supply
  readonly #clock: SteadyClock
  readonly #pace: Pace
  #held = 0

  constructor(supply: Supply, clock: SteadyClock) {
    this.#supply = supply
    this.#clock = clock
    this.#pace = new Pace(clock.ms)
  }

  waitMs(units: number, purse: Purse): number {
    const { room, most } = this.#room(purse)
    const wanted = Math.min(units, most)
    if (room < wanted) {
      if (room + this.#held >= wanted) return Number.POSITIVE_INFINITY
      // Nothing is left to be spread; what comes next begins like a day.
      this.#pace.rest()
      return this.#supply.waitMs(wanted - room)
    }
    const spread = purse.isCritical ? undefined : this.#supply.spread(room, most)
    return spread ? this.#pace.waitMs(wanted, spread, this.#clock.ms) : 0
  }

  hold(units: number, purse: Purse): number {
    const kept = Math.min(units, this.#room(purse).most)
    this.#held += kept
    if (!purse.isCritical) this.#pace.spend(kept)
    return kept
  }

  release(held: number, purse: Purse): void {
    this.#held -= held
    if (!purse.isCritical) this.#pace.spend(-held)
  }

  spend(units: number, held: number, purse: Purse): void {
    this.#held -= held
    if (!purse.isCritical) this.#pace.spend(units - held)
    this.#supply.spend(units)
  }

  state(): LimitState {
    const [left, max, resetsInMs] = [this.#supply.left(), this.#supply.max(), this.#supply.resetsInMs()]
    return {
      limit: this.#supply.name,
      left: Math.max(0, Math.min(left, max) - this.#held),
      max,
      ...(resetsInMs !== undefined && { resetsInMs }),
    }
  }

  /** What this purse may still take, of the most that it ever may. */
  #room(purse: Purse): { room: number; most: number } {
    const max = this.#supply.max()
    const most = within(max, purse)
    return { most, room: this.#supply.left() - this.#held - (max - most) }
  }
}
