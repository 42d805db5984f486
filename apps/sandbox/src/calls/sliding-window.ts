/**
 * At most N calls per W milliseconds for each name, in a sliding window: a fixed one would let 2 N pass around its border.
 * Only accepted calls count, so that waiting as long as is said is always enough.
 */
import type { Clock } from '../clock.ts'
import { rateCallsMax } from '../limits.ts'
import type { RateLimit } from '../settings.ts'

export class SlidingWindow {
  readonly #clock: Clock
  /** Times of accepted calls, oldest first, at most twice the largest window's number. */
  readonly #acceptedByName = new Map<string, number[]>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Counts one call. @returns milliseconds to wait when it is one too many, and then it does not count */
  take(name: string, limit: RateLimit): number | undefined {
    const now = this.#clock.now()
    const accepted = this.#acceptedByName.get(name) ?? []
    const oldestInFull = limit.calls === 0 ? now : accepted[accepted.length - limit.calls]
    if (oldestInFull !== undefined && oldestInFull > now - limit.windowMs)
      return oldestInFull + limit.windowMs - now
    accepted.push(now)
    if (accepted.length > 2 * rateCallsMax) accepted.splice(0, accepted.length - rateCallsMax)
    this.#acceptedByName.set(name, accepted)
    return undefined
  }

  /** Calls that still fit. */
  left(name: string, { calls, windowMs }: RateLimit): number {
    return Math.max(0, calls - this.used(name, windowMs))
  }

  /** Calls that a window of this length still counts. */
  used(name: string, windowMs: number): number {
    const from = this.#clock.now() - windowMs
    const accepted = this.#acceptedByName.get(name) ?? []
    return accepted.length - (accepted.findLastIndex((time) => time <= from) + 1)
  }

  reset(): void {
    this.#acceptedByName.clear()
  }
}
