/** How long reads that follow one another may keep the event loop from its other work. */
import { setImmediate as turnOfTheLoop } from 'node:timers/promises'

/** Milliseconds: a socket that waits as long notices nothing, and a turn of the loop costs a thousandth of it. */
const READ_MS_MAX = 10

export class Pace {
  /** When the first read of this turn of the loop began, milliseconds; undefined before it. */
  #since: number | undefined

  /** What `read` gives or throws; when reads have taken too long in this turn of the loop, in the next one. */
  async after<T>(read: () => T): Promise<T> {
    const now = performance.now()
    if (this.#since === undefined) this.#begin(now)
    const result = read()
    if (performance.now() - this.#since! > READ_MS_MAX) await turnOfTheLoop()
    return result
  }

  #begin(now: number): void {
    this.#since = now
    setImmediate(() => {
      this.#since = undefined
    })
  }
}
