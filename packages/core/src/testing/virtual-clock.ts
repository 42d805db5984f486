/** Time that moves when it is told to. Timers fire in order of their time, and in the order they were set at the same time. */
interface Timer {
  atMs: number
  order: number
  run: () => void
}

export class VirtualClock {
  #nowMs: number
  #order = 0
  #timers: Timer[] = []

  constructor(startMs = 0) {
    this.#nowMs = startMs
  }

  /** Milliseconds since 1970. */
  get nowMs(): number {
    return this.#nowMs
  }

  /** When the next timer fires; undefined when none is set. */
  get nextMs(): number | undefined {
    return this.#next()?.atMs
  }

  get timers(): number {
    return this.#timers.length
  }

  timer(delayMs: number, run: () => void): () => void {
    const timer = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, run }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  /** Moves on, firing every timer due up to then, also those that the fired ones set. */
  advance(ms: number): void {
    const untilMs = this.#nowMs + ms
    for (let next = this.#next(); next !== undefined && next.atMs <= untilMs; next = this.#next())
      this.#fire(next)
    this.#nowMs = untilMs
  }

  /** Moves to the next timer and fires it; false when there is none. */
  advanceToNext(): boolean {
    const next = this.#next()
    if (next !== undefined) this.#fire(next)
    return next !== undefined
  }

  #next(): Timer | undefined {
    let next: Timer | undefined
    for (const timer of this.#timers) {
      if (
        next === undefined ||
        timer.atMs < next.atMs ||
        (timer.atMs === next.atMs && timer.order < next.order)
      )
        next = timer
    }
    return next
  }

  #fire(timer: Timer): void {
    this.#timers = this.#timers.filter((other) => other !== timer)
    this.#nowMs = Math.max(this.#nowMs, timer.atMs)
    timer.run()
  }
}
