/** What a system says is left of one of its limits: believed until its reset, or for a while when none is told (SPEC B-65). */
import type { Allowance } from '../adapter-port.ts'
import { TOLD_BELIEVED_MS, TOLD_PACED_MS_MIN } from '../limits.ts'
import { burstOf } from './day-supplies.ts'
import type { Spread } from './pace.ts'
import type { Supply } from './paced-limit.ts'
import type { SteadyClock } from './steady-clock.ts'

export class ToldSupply implements Supply {
  readonly name: string
  readonly #clock: SteadyClock
  #remaining = Number.POSITIVE_INFINITY
  #max = 1
  #believedUntil = 0
  #resetIsTold = false

  constructor(name: string, clock: SteadyClock) {
    this.name = name
    this.#clock = clock
  }

  /** @param onTheWay units of calls under way: the answer may not know of them yet */
  tell({ remaining, max, resetsInMs }: Allowance, onTheWay: number): void {
    this.#remaining = Math.max(0, remaining) - onTheWay
    this.#max = Math.max(1, max ?? Math.max(this.#max, remaining))
    this.#resetIsTold = resetsInMs !== undefined
    this.#believedUntil = this.#clock.ms + Math.max(0, resetsInMs ?? TOLD_BELIEVED_MS)
  }

  max(): number {
    return this.#max
  }

  left(): number {
    return this.#isBelieved ? this.#remaining : Number.POSITIVE_INFINITY
  }

  waitMs(): number {
    return this.#believedUntil - this.#clock.ms
  }

  spread(room: number, most: number): Spread | undefined {
    const resetsInMs = this.resetsInMs()
    if (resetsInMs === undefined || resetsInMs < TOLD_PACED_MS_MIN) return undefined
    return { unitsPerMs: Math.max(0, room) / resetsInMs, burst: burstOf(most) }
  }

  spend(units: number): void {
    this.#remaining -= units
  }

  resetsInMs(): number | undefined {
    return this.#resetIsTold && this.#isBelieved ? this.waitMs() : undefined
  }

  get #isBelieved(): boolean {
    return this.#clock.ms < this.#believedUntil
  }
}
