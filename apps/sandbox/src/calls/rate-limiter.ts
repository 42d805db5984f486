/**
 * At most N calls per W milliseconds for each client, in a sliding window: a fixed one would let 2 N pass around its border.
 * Only accepted calls count, so waiting as long as it says is always enough.
 */
import type { Clock } from '../clock.ts'
import { rateCallsMax } from '../limits.ts'
import type { RateLimit } from '../settings.ts'

export class RateLimiter {
  readonly #clock: Clock
  /** Times of accepted calls, oldest first, at most twice the largest window's number. */
  readonly #acceptedByClient = new Map<string, number[]>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Counts one call. @returns milliseconds to wait when it is one too many, else undefined */
  take(client: string, limit: RateLimit): number | undefined {
    const now = this.#clock.now()
    const accepted = this.#acceptedByClient.get(client) ?? []
    const oldestInFull = limit.calls === 0 ? now : accepted[accepted.length - limit.calls]
    if (oldestInFull !== undefined && oldestInFull > now - limit.windowMs)
      return oldestInFull + limit.windowMs - now
    accepted.push(now)
    if (accepted.length > 2 * rateCallsMax) accepted.splice(0, accepted.length - rateCallsMax)
    this.#acceptedByClient.set(client, accepted)
    return undefined
  }

  /** Calls of a client that a window of this length still counts. */
  used(client: string, windowMs: number): number {
    const from = this.#clock.now() - windowMs
    const accepted = this.#acceptedByClient.get(client) ?? []
    return accepted.length - (accepted.findLastIndex((time) => time <= from) + 1)
  }

  reset(): void {
    this.#acceptedByClient.clear()
  }
}
