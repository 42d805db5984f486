/** A time in which no call is made. A clock that was set back ends it, or it would last as long as the clock is behind (SPEC B-42). */
import type { Host } from '@skerry/core'

export class Pause {
  readonly #host: Pick<Host, 'now'>
  #from = 0
  #until = 0

  constructor(host: Pick<Host, 'now'>) {
    this.#host = host
  }

  /** Milliseconds that are left of it; 0 when there is none. */
  get leftMs(): number {
    const now = this.#host.now()
    return now < this.#from ? 0 : Math.max(0, this.#until - now)
  }

  /** Lasts so long from now on, or longer if it does already. */
  atLeast(ms: number): void {
    const now = this.#host.now()
    this.#until = now + Math.max(this.leftMs, ms)
    this.#from = now
  }
}
