/** How far a run of many seeds is: one line that is written over on a terminal, and every ten seconds a line elsewhere. */
const EVERY_MS_TERMINAL = 200
const EVERY_MS = 10_000

export class Progress {
  readonly #count: number
  readonly #out: NodeJS.WriteStream
  readonly #startedAt = performance.now()
  #shownAt = 0
  #done = 0

  constructor(count: number, out: NodeJS.WriteStream) {
    this.#count = count
    this.#out = out
  }

  get seconds(): number {
    return (performance.now() - this.#startedAt) / 1_000
  }

  /** Seeds per second. */
  get rate(): number {
    return this.#done / this.seconds
  }

  done(): void {
    this.#done += 1
    const sinceMs = performance.now() - this.#startedAt - this.#shownAt
    if (sinceMs < (this.#out.isTTY ? EVERY_MS_TERMINAL : EVERY_MS)) return
    this.#shownAt = performance.now() - this.#startedAt
    this.#write(`${this.#done} of ${this.#count} seeds, ${this.rate.toFixed(1)} seeds/s`)
  }

  failed(seed: number, message: string): void {
    this.#write(`seed ${seed} failed: ${message.split('\n')[0]}`)
    this.#out.write(this.#out.isTTY ? '\n' : '')
  }

  end(): void {
    if (this.#out.isTTY) this.#out.write('\r\u001b[K')
  }

  #write(line: string): void {
    this.#out.write(this.#out.isTTY ? `\r\u001b[K${line}` : `${line}\n`)
  }
}
