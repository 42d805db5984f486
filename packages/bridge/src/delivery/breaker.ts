/**
 * Leaves a system alone that does not answer (SPEC B-60).
 *
 *   closed ──5 calls in a row unanswered──▶ open ──back-off──▶ half-open ──answered──▶ closed
 *                                            ▲                    │
 *                                            └────unanswered──────┘ (for longer)
 */
import { backOffMs } from '../back-off.ts'
import type { BridgeEvent, BridgeHost } from '../context.ts'
import { UNANSWERED_MAX } from '../limits.ts'
import { Pause } from '../pause.ts'

export type BreakerState = 'closed' | 'open' | 'half-open'

export interface BreakerOptions {
  host: Pick<BridgeHost, 'now' | 'random'>
  system: string
  report: (event: BridgeEvent) => void
}

export class Breaker {
  readonly #options: BreakerOptions
  readonly #pause: Pause
  #unanswered = 0
  #probing = false

  constructor(options: BreakerOptions) {
    this.#options = options
    this.#pause = new Pause(options.host)
  }

  get state(): BreakerState {
    if (this.#unanswered < UNANSWERED_MAX) return 'closed'
    return this.#pause.leftMs > 0 ? 'open' : 'half-open'
  }

  /** Milliseconds until a call may be tried. */
  get pauseMs(): number {
    return this.state === 'open' ? this.#pause.leftMs : 0
  }

  /** A call is about to be made. */
  begins(): void {
    if (this.state !== 'half-open' || this.#probing) return
    this.#probing = true
    this.#tell('info', 'breaker-half-open', 'is tried again with one call')
  }

  heard(isAnswered: boolean): void {
    const before = this.state
    this.#unanswered = isAnswered ? 0 : this.#unanswered + 1
    if (isAnswered && before !== 'closed') this.#tell('info', 'breaker-closed', 'answers again')
    if (this.#unanswered < UNANSWERED_MAX) {
      this.#probing = false
      return
    }
    this.#pause.atLeast(backOffMs(this.#options.host, this.#unanswered - UNANSWERED_MAX + 1))
    // Calls that were under way when it opened say nothing new.
    if (before !== 'open')
      this.#tell(
        'warn',
        'breaker-open',
        `did not answer ${this.#unanswered} calls in a row, and is left alone for ${Math.ceil(this.pauseMs / 1000)} s`,
      )
    this.#probing = false
  }

  #tell(level: BridgeEvent['level'], code: string, message: string): void {
    const { system, report } = this.#options
    report({ level, code, message: `${system} ${message}`, fields: { unanswered: this.#unanswered } })
  }
}
