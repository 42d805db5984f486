/** The sandbox's time: the machine's, plus what the admin side added, so that expiry can be tested without waiting. */
export class Clock {
  readonly #source: () => number
  #aheadMs = 0

  constructor(source: () => number) {
    this.#source = source
  }

  /** Milliseconds since 1970, UTC. */
  now(): number {
    return this.#source() + this.#aheadMs
  }

  advance(ms: number): void {
    this.#aheadMs += ms
  }

  reset(): void {
    this.#aheadMs = 0
  }
}
