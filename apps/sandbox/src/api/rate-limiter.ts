/**
 * At most N calls per W milliseconds for each client, in a sliding window: a fixed one would let 2 N pass around its border.
 * Only accepted calls count, so waiting for `Retry-After` is always enough.
 */
import type { Clock } from '../clock.ts'
import { rateCallsMax } from '../limits.ts'
import { Problem } from '../problem.ts'
import type { RateLimit } from '../settings.ts'

export class RateLimiter {
  readonly #clock: Clock
  /** Times of accepted calls, oldest first, at most twice the largest window's number. */
  readonly #acceptedByClient = new Map<string, number[]>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Counts one call. @throws Problem rate-limited with `Retry-After` in whole seconds, at least 1 */
  take(client: string, limit: RateLimit): void {
    const now = this.#clock.now()
    const accepted = this.#acceptedByClient.get(client) ?? []
    const oldestInFull = limit.calls === 0 ? now : accepted[accepted.length - limit.calls]
    if (oldestInFull !== undefined && oldestInFull > now - limit.windowMs) {
      throw tooMany(limit, oldestInFull + limit.windowMs - now)
    }
    accepted.push(now)
    if (accepted.length > 2 * rateCallsMax) accepted.splice(0, accepted.length - rateCallsMax)
    this.#acceptedByClient.set(client, accepted)
  }

  reset(): void {
    this.#acceptedByClient.clear()
  }
}

function tooMany(limit: RateLimit, waitMs: number): Problem {
  const seconds = Math.max(1, Math.ceil(waitMs / 1_000))
  return new Problem(
    'rate-limited',
    `more than ${limit.calls} calls in ${limit.windowMs} ms; wait ${seconds} s`,
    {
      headers: {
        'retry-after': String(seconds),
        'ratelimit-policy': `"default";q=${limit.calls};w=${Math.ceil(limit.windowMs / 1_000)}`,
      },
      members: { retryAfterMs: waitMs },
    },
  )
}
