/** The rate limit of each API client, and how a call too many is told. */
import { SlidingWindow } from '../calls/sliding-window.ts'
import type { Clock } from '../clock.ts'
import { Problem } from '../problem.ts'
import type { RateLimit } from '../settings.ts'

export class RateLimiter {
  readonly #window: SlidingWindow

  constructor(clock: Clock) {
    this.#window = new SlidingWindow(clock)
  }

  /** Counts one call. @throws Problem rate-limited with `Retry-After` in whole seconds, at least 1 */
  take(client: string, limit: RateLimit): void {
    const waitMs = this.#window.take(client, limit)
    if (waitMs !== undefined) throw tooMany(limit, waitMs)
  }

  reset(): void {
    this.#window.reset()
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
