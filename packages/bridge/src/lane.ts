/** One job, never twice at once: woken while it runs, it runs again afterwards; failed, it comes back after a back-off. */
import { backOffMs } from './back-off.ts'
import type { BridgeHost } from './context.ts'

export interface LaneOptions {
  host: Pick<BridgeHost, 'timer' | 'random'>
  /** Resolves with milliseconds after which it wants to run again by itself; undefined: only when woken. */
  run: () => Promise<number | undefined>
  failed: (error: unknown) => void
  /** Called when a run has ended and nothing is to be done at once. */
  rested: () => void
}

export class Lane {
  readonly #options: LaneOptions
  #running: Promise<void> | undefined
  #again = false
  #stopped = false
  #failures = 0
  #cancelTimer: (() => void) | undefined

  constructor(options: LaneOptions) {
    this.#options = options
  }

  get isRunning(): boolean {
    return this.#running !== undefined
  }

  /** Resolves when a run that began after this call has ended, well or not. */
  wake(): Promise<void> {
    if (this.#stopped) return Promise.resolve()
    this.#again = true
    this.#running ??= this.#loop()
    return this.#running
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancelTimer?.()
    await this.#running
  }

  async #loop(): Promise<void> {
    await Promise.resolve()
    while (this.#again && !this.#stopped) {
      this.#again = false
      this.#wakeAfter(await this.#runOnce())
    }
    this.#running = undefined
    this.#options.rested()
  }

  async #runOnce(): Promise<number | undefined> {
    try {
      const delayMs = await this.#options.run()
      this.#failures = 0
      return delayMs
    } catch (error) {
      if (!this.#stopped) this.#options.failed(error)
      return backOffMs(this.#options.host, ++this.#failures)
    }
  }

  #wakeAfter(delayMs: number | undefined): void {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    if (delayMs === undefined || this.#stopped) return
    this.#cancelTimer = this.#options.host.timer(delayMs, () => void this.wake())
  }
}
