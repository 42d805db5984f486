/**
 * The one scheduler of a simulated world: what happens next, in virtual milliseconds. Everything that waits (timers of nodes, messages on their way, slow disks) waits
 * here, so the same seed is the same run. After each event every microtask runs, unless a crash was armed: then only so many of them do.
 */

/** Where virtual time begins: some day in 2023. */
const START_MS = 1_700_000_000_000

interface Event {
  atMs: number
  order: number
  run: (() => void) | undefined
}

/** A crash in the middle of what the next event sets off. */
interface Interruption {
  microtasks: number
  run: () => void
}

export class Scheduler {
  #nowMs = START_MS
  #order = 0
  /** A binary heap, soonest first. */
  readonly #events: Event[] = []
  #interruption: Interruption | undefined
  /** Events run so far: what a run costs. */
  ran = 0

  get nowMs(): number {
    return this.#nowMs
  }

  /** Runs `run` after so many milliseconds; the result cancels it. */
  after(delayMs: number, run: () => void): () => void {
    return this.at(this.#nowMs + Math.max(0, delayMs), run)
  }

  /** Events of one moment run in the order in which they were set. */
  at(atMs: number, run: () => void): () => void {
    const event: Event = { atMs, order: this.#order++, run }
    this.#push(event)
    return () => {
      event.run = undefined
    }
  }

  /** Resolves after so many milliseconds. */
  wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(delayMs, resolve)
    })
  }

  /** Something dies so many microtasks after the next event began. */
  interrupt(microtasks: number, run: () => void): void {
    this.#interruption = { microtasks, run }
  }

  /** Moves time on, running what is due until then. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms
    for (let next = this.#events[0]; next !== undefined && next.atMs <= untilMs; next = this.#events[0])
      await this.#run(this.#pop())
    this.#nowMs = untilMs
    await this.settle()
  }

  /** Moves to the next event and runs it; false when none is due within `withinMs`. */
  async next(withinMs: number): Promise<boolean> {
    while (this.#events[0] !== undefined && this.#events[0].run === undefined) this.#pop()
    const next = this.#events[0]
    if (next === undefined || next.atMs > this.#nowMs + withinMs) return false
    await this.#run(this.#pop())
    return true
  }

  /** Lets every microtask run: a macrotask comes after all of them. */
  async settle(): Promise<void> {
    const interruption = this.#interruption
    this.#interruption = undefined
    if (interruption) {
      for (let i = interruption.microtasks; i > 0; i--) await undefined
      interruption.run()
    }
    await new Promise<void>((resolve) => setImmediate(resolve))
  }

  async #run({ atMs, run }: Event): Promise<void> {
    if (run === undefined) return
    this.#nowMs = Math.max(this.#nowMs, atMs)
    this.ran += 1
    run()
    await this.settle()
  }

  #push(event: Event): void {
    const events = this.#events
    let at = events.push(event) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBefore(event, events[parent]!)) break
      events[at] = events[parent]!
      at = parent
    }
    events[at] = event
  }

  #pop(): Event {
    const events = this.#events
    const first = events[0]!
    const last = events.pop()!
    if (events.length === 0) return first
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= events.length) break
      if (child + 1 < events.length && isBefore(events[child + 1]!, events[child]!)) child += 1
      if (!isBefore(events[child]!, last)) break
      events[at] = events[child]!
      at = child
    }
    events[at] = last
    return first
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.atMs === b.atMs ? a.order < b.order : a.atMs < b.atMs
}
