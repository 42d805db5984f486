/**
 * One process from its start to its death. Death is sudden: no timer of it fires, nothing that it waited for ever resolves, so no line of it runs on; what it holds in
 * memory is for the garbage collector.
 */
import type { Scheduler } from './scheduler.ts'

const never = new Promise<never>(() => undefined)

export class Life {
  readonly #scheduler: Scheduler
  readonly #timers = new Set<() => void>()
  readonly #atDeath = new Set<() => void>()
  #isAlive = true

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler
  }

  get isAlive(): boolean {
    return this.#isAlive
  }

  /** Timers that are set: none may be left when everything was closed. */
  get timers(): number {
    return this.#timers.size
  }

  timer(delayMs: number, run: () => void): () => void {
    if (!this.#isAlive) return () => undefined
    const stop = () => {
      this.#timers.delete(stop)
      cancel()
    }
    const cancel = this.#scheduler.after(delayMs, () => {
      this.#timers.delete(stop)
      run()
    })
    this.#timers.add(stop)
    return stop
  }

  /** What the outside answers, while there is somebody to hear it. */
  async hear<T>(answer: Promise<T>): Promise<T> {
    try {
      const value = await answer
      return this.#isAlive ? value : await never
    } catch (error) {
      if (this.#isAlive) throw error
      return await never
    }
  }

  /** Called when it dies; the result stops it. */
  atDeath(run: () => void): () => void {
    this.#atDeath.add(run)
    return () => this.#atDeath.delete(run)
  }

  end(): void {
    if (!this.#isAlive) return
    this.#isAlive = false
    for (const stop of [...this.#timers]) stop()
    for (const run of [...this.#atDeath]) run()
  }
}
