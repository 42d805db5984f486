/** The limits of an account: calls of each app in ten seconds, searches of all in one, calls of a day; and what answers tell of them. */
import { SlidingWindow } from '../calls/sliding-window.ts'
import type { Clock } from '../clock.ts'
import type { RateLimit } from '../settings.ts'
import type { App } from './apps.ts'
import { burstWindowMs, dayMs, searchWindowMs } from './limits.ts'
import { Refusal } from './refusal.ts'
import type { HubSpotSettings } from './settings.ts'

const wholeAccount = 'account'

export class Limiter {
  readonly #clock: Clock
  readonly #settings: HubSpotSettings
  readonly #bursts: SlidingWindow
  readonly #searches: SlidingWindow
  #today = { day: 0, used: 0 }

  constructor(clock: Clock, settings: HubSpotSettings) {
    this.#clock = clock
    this.#settings = settings
    this.#bursts = new SlidingWindow(clock)
    this.#searches = new SlidingWindow(clock)
  }

  /** Counts one call. @param burst another burst limit than the one set @throws Refusal RATE_LIMITS */
  take({ name, isPrivate }: App, isSearch: boolean, burst: RateLimit = this.#burst): void {
    const day = Math.floor(this.#clock.now() / dayMs)
    if (this.#today.day !== day) this.#today = { day, used: 0 }
    if (isPrivate && this.#today.used >= this.#settings.dailyCalls) throw tooMany('daily', 'DAILY')
    if (this.#bursts.take(name, burst) !== undefined)
      throw tooMany('ten_secondly_rolling', 'TEN_SECONDLY_ROLLING')
    const search = { calls: this.#settings.searchCalls, windowMs: searchWindowMs }
    if (isSearch && this.#searches.take(wholeAccount, search) !== undefined)
      throw tooMany('secondly', 'SECONDLY')
    if (isPrivate) this.#today.used++
  }

  /** A search tells nothing of limits, and an app of OAuth nothing of the day. */
  headers({ name, isPrivate }: App, isSearch: boolean): Record<string, string> {
    if (isSearch) return {}
    const { calls, windowMs } = this.#burst
    const { dailyCalls } = this.#settings
    return {
      'x-hubspot-ratelimit-interval-milliseconds': String(windowMs),
      'x-hubspot-ratelimit-max': String(calls),
      'x-hubspot-ratelimit-remaining': String(this.#bursts.left(name, this.#burst)),
      ...(isPrivate && {
        'x-hubspot-ratelimit-daily': String(dailyCalls),
        'x-hubspot-ratelimit-daily-remaining': String(Math.max(0, dailyCalls - this.#today.used)),
      }),
    }
  }

  reset(): void {
    this.#bursts.reset()
    this.#searches.reset()
    this.#today = { day: 0, used: 0 }
  }

  get #burst(): RateLimit {
    return { calls: this.#settings.burstCalls, windowMs: burstWindowMs }
  }
}

/** Nobody says how long to wait. */
function tooMany(name: string, policyName: string): Refusal {
  const members = { errorType: 'RATE_LIMIT', policyName, groupName: 'publicapi:private-apps:4242' }
  return new Refusal('RATE_LIMITS', `You have reached your ${name} limit.`, { members })
}
