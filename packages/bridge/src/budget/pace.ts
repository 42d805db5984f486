/** Spreads what may be spent over the time that it must last, with a burst after a rest (SPEC B-63). A token bucket that is told rate and size anew at every look. */
export interface Spread {
  unitsPerMs: number
  /** Units that may be spent at once. */
  burst: number
}

export class Pace {
  #tokens = Number.POSITIVE_INFINITY
  #at: number

  constructor(now: number) {
    this.#at = now
  }

  /** Milliseconds until so much may be spent, as far as the pace is concerned. */
  waitMs(units: number, { unitsPerMs, burst }: Spread, now: number): number {
    this.#tokens = Math.min(burst, this.#tokens + unitsPerMs * (now - this.#at))
    this.#at = now
    const lack = Math.min(units, burst) - this.#tokens
    if (lack <= 0) return 0
    return unitsPerMs > 0 ? Math.ceil(lack / unitsPerMs) : Number.POSITIVE_INFINITY
  }

  /** A burst is to be had again. */
  rest(): void {
    this.#tokens = Number.POSITIVE_INFINITY
  }

  /** A negative number gives back. */
  spend(units: number): void {
    this.#tokens -= units
  }
}
