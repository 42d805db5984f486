/** Notices that nothing is heard of a system any more: no poll came to its end and no push came, for too long (SPEC B-111). */
import type { BridgeContext } from './context.ts'

export class Watchdog {
  readonly #context: BridgeContext
  /** 0: nobody is watching. */
  readonly #alarmAfterMs: number
  #heardAt: number
  #isSilent = false
  #cancel: (() => void) | undefined

  constructor(context: BridgeContext, alarmAfterMs: number) {
    this.#context = context
    this.#alarmAfterMs = alarmAfterMs
    this.#heardAt = context.host.now()
  }

  /** Milliseconds since something was heard, or since the start. A clock that was set back counts from then on. */
  get silentMs(): number {
    const now = this.#context.host.now()
    if (now < this.#heardAt) this.#heardAt = now
    return now - this.#heardAt
  }

  /** The alarm was raised, and nothing was heard since. */
  get isSilent(): boolean {
    return this.#isSilent
  }

  start(): void {
    if (this.#alarmAfterMs > 0) this.#watch(this.#alarmAfterMs)
  }

  /** A poll came to its end, or a push came. */
  heard(): void {
    const { system, report } = this.#context
    const silentMs = this.silentMs
    this.#heardAt = this.#context.host.now()
    if (!this.#isSilent) return
    this.#isSilent = false
    report({
      level: 'info',
      code: 'heard-again',
      message: `${system} is heard again, after ${silentMs} ms`,
      fields: { silentMs },
    })
    this.#watch(this.#alarmAfterMs)
  }

  stop(): void {
    this.#cancel?.()
  }

  #watch(delayMs: number): void {
    this.#cancel = this.#context.host.timer(delayMs, () => {
      const leftMs = this.#alarmAfterMs - this.silentMs
      if (leftMs > 0) this.#watch(leftMs)
      else this.#alarm()
    })
  }

  #alarm(): void {
    const { system, report } = this.#context
    const { silentMs } = this
    this.#isSilent = true
    report({
      level: 'error',
      code: 'silent',
      message: `nothing was heard of ${system} for ${silentMs} ms: no poll came to its end, and no push came; see why it does not answer`,
      fields: { silentMs },
    })
  }
}
