/** Deliveries that are being let in, by the log that they are of. One may outlast the session that brought it. */
export class UnderWay {
  readonly #byLog = new Map<string, Set<Promise<unknown>>>()

  add(log: string, delivery: Promise<unknown>): void {
    const deliveries = this.#byLog.get(log) ?? new Set()
    this.#byLog.set(log, deliveries.add(delivery))
    const ended = () => {
      deliveries.delete(delivery)
      if (deliveries.size === 0) this.#byLog.delete(log)
    }
    delivery.then(ended, ended)
  }

  /** Resolves when those of this log are durable or have failed; undefined where there is none. */
  ended(log: string): Promise<unknown> | undefined {
    const deliveries = this.#byLog.get(log)
    return deliveries && Promise.allSettled(deliveries)
  }
}
