/**
 * The loop of a follower: woken by commits, it steps until nothing is left, one step at a time. A failed step is told
 * and tried again later; meanwhile commits do not wake it, so that a step that keeps failing costs little.
 *
 *     asleep ──wake──▶ stepping ──nothing left──▶ asleep
 *        ▲                │ failed
 *        └───retryMs──── waiting      idle() does not wait: it tries at once
 */

import { type Host, ReplicaClosed } from '@skerry/core'

export interface FollowerLoopParts {
  /** Returns whether there may be more to do. */
  step(): Promise<boolean>
  timer: Host['timer']
  retryMs: number
  onError(error: unknown): void
}

export class FollowerLoop {
  readonly #parts: FollowerLoopParts
  #running: Promise<void> | undefined
  #woken = false
  #failure: { error: unknown } | undefined
  #cancelRetry: (() => void) | undefined
  #closed = false

  constructor(parts: FollowerLoopParts) {
    this.#parts = parts
  }

  /** There may be something to do. */
  wake(): void {
    if (this.#cancelRetry === undefined) this.#start()
  }

  /**
   * Resolves when nothing is left to do.
   *
   * @throws what the last step threw
   */
  async idle(): Promise<void> {
    this.#cancelRetry?.()
    this.#cancelRetry = undefined
    this.#start()
    await this.#running
    if (this.#failure !== undefined) throw this.#failure.error
  }

  /** Resolves after the step under way. */
  async close(): Promise<void> {
    this.#closed = true
    this.#cancelRetry?.()
    await this.#running
  }

  #start(): void {
    if (this.#closed) return
    this.#woken = true
    this.#running ??= this.#run()
  }

  async #run(): Promise<void> {
    try {
      let isMore = true
      while ((isMore || this.#woken) && !this.#closed) {
        this.#woken = false
        isMore = await this.#parts.step()
      }
      this.#failure = undefined
    } catch (error) {
      this.#failed(error)
    } finally {
      this.#running = undefined
    }
  }

  #failed(error: unknown): void {
    this.#failure = { error }
    // A replica that was closed first has ended this loop too: what is left is done after the next open.
    if (this.#closed || error instanceof ReplicaClosed) return
    this.#cancelRetry = this.#parts.timer(this.#parts.retryMs, () => {
      this.#cancelRetry = undefined
      this.#start()
    })
    this.#parts.onError(error)
  }
}
