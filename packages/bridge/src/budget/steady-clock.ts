/** Time that only goes on, by a clock that people set: what passes while the clock is set back is not counted, so that no wait lasts as long as the clock is behind (SPEC B-68). */
export class SteadyClock {
  readonly #now: () => number
  #seen: number
  #steady: number

  constructor(now: () => number) {
    this.#now = now
    this.#seen = this.#steady = now()
  }

  /** Milliseconds. Between two looks as many pass as on the wall, but never less than none. */
  get ms(): number {
    const wall = this.#now()
    this.#steady += Math.max(0, wall - this.#seen)
    this.#seen = wall
    return this.#steady
  }
}
