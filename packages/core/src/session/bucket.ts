/**
 * A token bucket that may be overdrawn: what costs is known when it has arrived, so it is taken and the debt waited for. Time comes in with each call; a clock that
 * steps back gives nothing and takes nothing, one that leaps forward fills the bucket at most.
 */

export interface Rate {
  readonly perSecond: number
  /** What may be spent at once after a long rest. */
  readonly burst: number
}

/** What sums of fractions may be wrong by; less is not waited for. */
const ROUNDING_MS = 1e-3

export class Bucket {
  readonly #rate: Rate
  #level: number
  /** Milliseconds since 1970 of the last look; undefined before the first. */
  #at: number | undefined

  constructor(rate: Rate) {
    this.#rate = rate
    this.#level = rate.burst
  }

  spend(amount: number, now: number): void {
    this.#refill(now)
    this.#level -= amount
  }

  earn(amount: number): void {
    this.#level = Math.min(this.#rate.burst, this.#level + amount)
  }

  /** Whole milliseconds until nothing is owed; 0 when nothing is. */
  waitMs(now: number): number {
    this.#refill(now)
    return Math.max(0, Math.ceil((-this.#level * 1000) / this.#rate.perSecond - ROUNDING_MS))
  }

  isFull(now: number): boolean {
    this.#refill(now)
    return this.#level >= this.#rate.burst
  }

  #refill(now: number): void {
    const elapsedMs = Math.max(0, now - (this.#at ?? now))
    this.#at = now
    this.#level = Math.min(this.#rate.burst, this.#level + (elapsedMs * this.#rate.perSecond) / 1000)
  }
}
