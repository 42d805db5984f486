/** Quotas of a day: from a fixed time on, or over any 24 hours (SPEC B-63). */
import { DAY_MS, PACE_BURSTS_PER_DAY } from '../limits.ts'
import type { Spread } from './pace.ts'
import type { Supply } from './paced-limit.ts'
import type { SteadyClock } from './steady-clock.ts'
import { SlidingWindow } from './window.ts'

export interface DayQuota {
  name: string
  units: number
}

/** Begins anew at one time of each day, as HubSpot's does. */
export class FixedDay implements Supply {
  readonly name: string
  readonly #units: number
  readonly #startsAtMs: number
  readonly #now: () => number
  #day: number
  #spent = 0

  /** @param startsAtMs milliseconds after midnight UTC */
  constructor({ name, units }: DayQuota, startsAtMs: number, now: () => number) {
    this.name = name
    this.#units = units
    this.#startsAtMs = startsAtMs
    this.#now = now
    this.#day = this.#today
  }

  max(): number {
    return this.#units
  }

  left(): number {
    this.#turn()
    return this.#units - this.#spent
  }

  waitMs(): number {
    return this.resetsInMs()
  }

  spread(room: number, most: number): Spread {
    return { unitsPerMs: Math.max(0, room) / this.resetsInMs(), burst: burstOf(most) }
  }

  spend(units: number): void {
    this.#turn()
    this.#spent += units
  }

  resetsInMs(): number {
    this.#turn()
    return (this.#day + 1) * DAY_MS + this.#startsAtMs - this.#now()
  }

  #turn(): void {
    const today = this.#today
    if (today > this.#day) this.#spent = 0
    // Set back by hours, the day that has begun stays, or it would begin twice; set back by more, it was never true.
    if (today > this.#day || today < this.#day - 1) this.#day = today
  }

  get #today(): number {
    return Math.floor((this.#now() - this.#startsAtMs) / DAY_MS)
  }
}

/** Any 24 hours, as Salesforce counts. What was spent comes back a day later, so the even share is always the same. */
export class RollingDay implements Supply {
  readonly name: string
  readonly #units: number
  readonly #clock: SteadyClock
  readonly #window = new SlidingWindow(DAY_MS)

  constructor({ name, units }: DayQuota, clock: SteadyClock) {
    this.name = name
    this.#units = units
    this.#clock = clock
  }

  max(): number {
    return this.#units
  }

  left(): number {
    return this.#units - this.#window.spentAt(this.#clock.ms)
  }

  waitMs(more: number): number {
    const now = this.#clock.ms
    return this.#window.waitMs(Math.max(0, this.#window.spentAt(now) - more), now)
  }

  spread(_room: number, most: number): Spread {
    return { unitsPerMs: most / DAY_MS, burst: burstOf(most) }
  }

  spend(units: number): void {
    this.#window.spend(units, this.#clock.ms)
  }

  resetsInMs(): number | undefined {
    return this.left() < this.#units ? this.waitMs(1) : undefined
  }
}

/** An hour's even share. */
export function burstOf(most: number): number {
  return Math.max(1, most / PACE_BURSTS_PER_DAY)
}
