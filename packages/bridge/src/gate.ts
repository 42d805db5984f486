/**
 * How many calls may be under way now. A system that says "later", or does not know us, is left alone by everything for that long; one that does not answer is probed with
 * one call at a time (SPEC B-10, B-41).
 */
import { backOffMs, waitMs } from './back-off.ts'
import type { BridgeHost } from './context.ts'
import { UNANSWERED_MAX } from './limits.ts'

export interface Heard {
  kind: string
  retryAfterMs?: number | undefined
}

export class Gate {
  readonly #host: BridgeHost
  readonly #concurrency: number
  #unanswered = 0
  #turnedAway = 0
  #pausedAt = 0
  #pausedUntil = 0

  constructor(host: BridgeHost, concurrency: number) {
    this.#host = host
    this.#concurrency = concurrency
  }

  /** Milliseconds until calls may be made; 0 when they may now. A clock that was set back ends a pause, or that would last as long as the clock is behind (B-42). */
  get pauseMs(): number {
    const now = this.#host.now()
    return now < this.#pausedAt ? 0 : Math.max(0, this.#pausedUntil - now)
  }

  /** Calls that may be under way at once. */
  get width(): number {
    if (this.pauseMs > 0) return 0
    return this.#unanswered >= UNANSWERED_MAX ? 1 : this.#concurrency
  }

  /** Every answer, or the lack of one. */
  heard({ kind, retryAfterMs }: Heard): void {
    this.#unanswered = kind === 'unknown' ? this.#unanswered + 1 : 0
    this.#turnedAway = kind === 'later' || kind === 'unauthorized' ? this.#turnedAway + 1 : 0
    if (this.#turnedAway > 0) this.#pause(waitMs(this.#host, this.#turnedAway, retryAfterMs))
    else if (this.#unanswered >= UNANSWERED_MAX)
      this.#pause(backOffMs(this.#host, this.#unanswered - UNANSWERED_MAX + 1))
  }

  #pause(ms: number): void {
    const now = this.#host.now()
    this.#pausedUntil = now + Math.max(this.pauseMs, ms)
    this.#pausedAt = now
  }
}
