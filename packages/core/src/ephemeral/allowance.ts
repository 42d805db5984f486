/** What one session may bring in a window of time (PR-19). A clock that jumps begins a new window, which costs one window's worth. */
import { ARRIVAL_BYTES_MAX, ARRIVAL_WINDOW_MS, ARRIVALS_MAX } from './limits.ts'

export class Allowance {
  readonly #now: () => number
  #sinceMs = Number.NEGATIVE_INFINITY
  #messages = 0
  #bytes = 0

  constructor(now: () => number) {
    this.#now = now
  }

  admits(bytes: number): boolean {
    const now = this.#now()
    if (now < this.#sinceMs || now >= this.#sinceMs + ARRIVAL_WINDOW_MS) {
      this.#sinceMs = now
      this.#messages = 0
      this.#bytes = 0
    }
    this.#messages += 1
    this.#bytes += bytes
    return this.#messages <= ARRIVALS_MAX && this.#bytes <= ARRIVAL_BYTES_MAX
  }
}
