/** The wall clock of one machine: the world's time and an error, which a fault may change at any moment. Timers do not follow it. */
import type { Scheduler } from './scheduler.ts'

export class WallClock {
  readonly #scheduler: Scheduler
  #skewMs = 0
  /** Times it was set: what was due by it may be late by one timer (TIMER_MS_MAX of core). */
  jumps = 0

  constructor(scheduler: Scheduler, skewMs: number) {
    this.#scheduler = scheduler
    this.#skewMs = skewMs
  }

  get nowMs(): number {
    return Math.max(0, Math.floor(this.#scheduler.nowMs + this.#skewMs))
  }

  jumpBy(ms: number): void {
    this.jumps += 1
    this.#skewMs += ms
  }

  /** The battery of the clock is empty: it starts where clocks start. */
  to1970(): void {
    this.jumps += 1
    this.#skewMs = -this.#scheduler.nowMs
  }

  /** It was set right. */
  set(): void {
    this.jumps += 1
    this.#skewMs = 0
  }
}
