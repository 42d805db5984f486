/**
 * Whether one more session may begin (D-rules of SPEC.md). Proving a key and a credential costs a millisecond or two, and the first reads follow at once: a fleet that comes back
 * together is let in at a rate that leaves room for everybody who is there, and each of those turned away is given its turn.
 */
import { HANDSHAKES_MAX, HANDSHAKES_PER_ADDRESS_MAX, RETRY_AFTER_S_MAX } from './limits.ts'

export interface AdmissionRate {
  readonly perSecond: number
  /** Let in at once after a rest. */
  readonly burst: number
}

export interface DoorParts {
  /** Milliseconds since 1970. */
  now(): number
  /** Random, [0, 1). */
  fraction(): number
  rate: AdmissionRate
}

/** Sessions that are in their handshake. */
export interface Beginning {
  all: number
  fromAddress: number
}

export class Door {
  readonly #parts: DoorParts
  #left: number
  #refilledAt: number
  /** When the next turn is due that nobody was given; in the past when none is. */
  #nextTurnAt = 0

  constructor(parts: DoorParts) {
    this.#parts = parts
    this.#left = parts.rate.burst
    this.#refilledAt = parts.now()
  }

  /** Seconds after which it may come again; undefined: it may begin now. */
  turnAway({ all, fromAddress }: Beginning): number | undefined {
    const now = this.#parts.now()
    this.#refill(now)
    const isFull = all >= HANDSHAKES_MAX || fromAddress >= HANDSHAKES_PER_ADDRESS_MAX
    if (isFull || this.#left < 1) return this.#turnInS(now)
    this.#left -= 1
    return undefined
  }

  #refill(now: number): void {
    const { perSecond, burst } = this.#parts.rate
    // A clock that was set back gives nothing, and keeps nobody waiting for it.
    const elapsedMs = Math.max(0, now - this.#refilledAt)
    this.#refilledAt = now
    this.#left = Math.min(burst, this.#left + (elapsedMs * perSecond) / 1000)
  }

  #turnInS(now: number): number {
    const turnMs = 1000 / this.#parts.rate.perSecond
    const horizonMs = now + RETRY_AFTER_S_MAX * 1000
    if (this.#nextTurnAt + turnMs > horizonMs) {
      // Also after a clock that was set back.
      this.#nextTurnAt = Math.min(this.#nextTurnAt, horizonMs)
      return Math.ceil(RETRY_AFTER_S_MAX * (0.5 + this.#parts.fraction() / 2))
    }
    this.#nextTurnAt = Math.max(this.#nextTurnAt, now) + turnMs
    return Math.ceil((this.#nextTurnAt - now) / 1000)
  }
}
