/** A number that finds how much a system takes: it grows by a step while all goes well, and is halved when it does not (SPEC B-59). */

/** What is left of it when something went wrong: half, as TCP does. */
const SHRINK = 0.5

export interface AimdOptions {
  floor: number
  ceiling: number
  first: number
  /** How much it grows by at a time. */
  step: (value: number) => number
}

export class Aimd {
  readonly #options: AimdOptions
  #value: number

  constructor(options: AimdOptions) {
    this.#options = options
    this.#value = Math.min(options.ceiling, options.first)
  }

  /** A whole number. */
  get value(): number {
    return Math.floor(this.#value)
  }

  get isAtFloor(): boolean {
    return this.value <= this.#options.floor
  }

  grow(): void {
    this.#value = Math.min(this.#options.ceiling, this.#value + this.#options.step(this.#value))
  }

  shrink(): void {
    this.#value = Math.max(this.#options.floor, this.#value * SHRINK)
  }
}
