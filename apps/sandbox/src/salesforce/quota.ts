/** The daily limit: requests of all clients in the last 24 hours, counted by the minute. What is told of it lags behind what is enforced. */
import type { Clock } from '../clock.ts'
import { quotaPartMs, quotaWindowMs } from './limits.ts'
import { Refusal } from './refusal.ts'
import type { SalesforceSettings } from './settings.ts'

export class Quota {
  readonly #clock: Clock
  readonly #settings: SalesforceSettings
  /** Requests by minute since 1970. */
  readonly #byMinute = new Map<number, number>()
  #told = { used: 0, at: Number.NEGATIVE_INFINITY }

  constructor(clock: Clock, settings: SalesforceSettings) {
    this.#clock = clock
    this.#settings = settings
  }

  /** Counts one request. @param max another limit than the one set @throws Refusal REQUEST_LIMIT_EXCEEDED */
  take(max = this.#settings.dailyRequests): void {
    if (this.used >= max) throw new Refusal('REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.')
    const minute = Math.floor(this.#clock.now() / quotaPartMs)
    this.#byMinute.set(minute, (this.#byMinute.get(minute) ?? 0) + 1)
  }

  get used(): number {
    const oldest = Math.floor((this.#clock.now() - quotaWindowMs) / quotaPartMs)
    let used = 0
    for (const [minute, count] of this.#byMinute) {
      if (minute <= oldest) this.#byMinute.delete(minute)
      else used += count
    }
    return used
  }

  /** `Sforce-Limit-Info`: counted in the background, so it may be an older count. */
  get limitInfo(): string {
    const now = this.#clock.now()
    if (now - this.#told.at >= this.#settings.limitInfoLagMs) this.#told = { used: this.used, at: now }
    return `api-usage=${this.#told.used}/${this.#settings.dailyRequests}`
  }

  reset(): void {
    this.#byMinute.clear()
    this.#told = { used: 0, at: Number.NEGATIVE_INFINITY }
  }
}
