/**
 * Places for what a store is asked when a fleet comes back at once: so many read at the same time, the others wait in the order in which they came. The next one begins in a
 * turn of the event loop of its own, so that whoever else is served gets in between.
 */
import type { Host } from '../host.ts'

export class Places {
  readonly #host: Pick<Host, 'timer'>
  readonly #most: number
  readonly #waiting: (() => void)[] = []
  #taken = 0

  constructor(host: Pick<Host, 'timer'>, most: number) {
    this.#host = host
    this.#most = most
  }

  get taken(): number {
    return this.#taken
  }

  get waiting(): number {
    return this.#waiting.length
  }

  /** Runs `work` when there is a place. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    if (this.#taken < this.#most) this.#taken += 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await work()
    } finally {
      this.#leave()
    }
  }

  /** The place goes to who waits longest; it is never free in between. */
  #leave(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#taken -= 1
    else this.#host.timer(0, next)
  }
}
