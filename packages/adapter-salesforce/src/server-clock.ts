/**
 * What time it is there, as far as that can be known: never later than it is. Answers carry a date cut to the second, and come some time after it was written, so the difference of the
 * clocks is known from below; the largest that was seen is the nearest.
 */
import type { HeadersRead } from '@skerry/bridge/http'

export class ServerClock {
  readonly #now: () => number
  #aheadMs: number | undefined

  constructor(now: () => number) {
    this.#now = now
  }

  /** Milliseconds since 1970. */
  now(): number {
    return this.#now() + (this.#aheadMs ?? 0)
  }

  /** An answer came just now. */
  heard(headers: HeadersRead): void {
    const date = Date.parse(headers.get('date') ?? '')
    if (Number.isNaN(date)) return
    const aheadMs = date - this.#now()
    const isSet = this.#aheadMs === undefined || Math.abs(aheadMs - this.#aheadMs) > CLOCK_SET_MS
    this.#aheadMs = isSet ? aheadMs : Math.max(this.#aheadMs ?? aheadMs, aheadMs)
  }
}

/** Milliseconds by which two differences may be apart before one of the clocks counts as set anew. */
const CLOCK_SET_MS = 30_000
