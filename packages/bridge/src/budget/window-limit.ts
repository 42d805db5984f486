/** So many units in any so many milliseconds: burst limits (SPEC B-62). */
import type { Limit, LimitState, Purse } from './limit.ts'
import { within } from './limit.ts'
import type { SteadyClock } from './steady-clock.ts'
import { SlidingWindow } from './window.ts'

export class WindowLimit implements Limit {
  readonly #name: string
  readonly #units: number
  readonly #window: SlidingWindow
  readonly #clock: SteadyClock
  #held = 0

  constructor(name: string, { units, ms }: { units: number; ms: number }, clock: SteadyClock) {
    this.#name = name
    this.#units = units
    this.#window = new SlidingWindow(ms)
    this.#clock = clock
  }

  waitMs(units: number, purse: Purse): number {
    const most = within(this.#units, purse)
    const room = most - this.#held - Math.min(units, most)
    return room < 0 ? Number.POSITIVE_INFINITY : this.#window.waitMs(room, this.#clock.ms)
  }

  hold(units: number, purse: Purse): number {
    const kept = Math.min(units, within(this.#units, purse))
    this.#held += kept
    return kept
  }

  release(held: number): void {
    this.#held -= held
  }

  spend(units: number, held: number): void {
    this.#held -= held
    this.#window.spend(units, this.#clock.ms)
  }

  state(): LimitState {
    const now = this.#clock.ms
    const left = Math.max(0, this.#units - this.#window.spentAt(now) - this.#held)
    const resetsInMs = this.#window.waitMs(this.#units - 1, now)
    return { limit: this.#name, left, max: this.#units, ...(resetsInMs > 0 && { resetsInMs }) }
  }
}
