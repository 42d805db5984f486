/** Deliveries that are being let in, by the log that they are of. One may outlast the session that brought it. */
import type { Host } from '../host.ts'

/** Milliseconds for which the next session waits for them, so that a record that is long in a trial keeps nobody off the line. */
const WAIT_MS_MAX = 5_000

export class UnderWay {
  readonly #host: Pick<Host, 'timer'>
  readonly #byLog = new Map<string, Set<Promise<unknown>>>()

  constructor(host: Pick<Host, 'timer'>) {
    this.#host = host
  }

  add(log: string, delivery: Promise<unknown>): void {
    const deliveries = this.#byLog.get(log) ?? new Set()
    this.#byLog.set(log, deliveries.add(delivery))
    const ended = () => {
      deliveries.delete(delivery)
      if (deliveries.size === 0) this.#byLog.delete(log)
    }
    delivery.then(ended, ended)
  }

  /** Resolves when those of this log are durable or have failed, or that takes too long; undefined where there is none. */
  ended(log: string): Promise<void> | undefined {
    const deliveries = this.#byLog.get(log)
    return deliveries && this.#allOf(deliveries)
  }

  async #allOf(deliveries: ReadonlySet<Promise<unknown>>): Promise<void> {
    let cancel: () => void = () => undefined
    const tooLong = new Promise<void>((resolve) => {
      cancel = this.#host.timer(WAIT_MS_MAX, resolve)
    })
    await Promise.race([Promise.allSettled(deliveries), tooLong])
    cancel()
  }
}
