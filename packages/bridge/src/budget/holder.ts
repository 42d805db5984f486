/** One credential of an account: its own limits, what the system tells it, and the pauses that it was asked for (SPEC B-66). */
import type { Host } from '@skerry/core'
import type { Allowance } from '../adapter-port.ts'
import { waitMs } from '../back-off.ts'
import { RETRY_AFTER_MS_MAX, TOLD_LIMITS_MAX } from '../limits.ts'
import { Pause } from '../pause.ts'
import type { ScopeConfig } from './budget-config.ts'
import { PacedLimit } from './paced-limit.ts'
import { type Clocks, Scope } from './scope.ts'
import { ToldSupply } from './told-supply.ts'

/** A call under way. */
export interface Spender {
  /** Units booked so far. */
  readonly spent: number
}

export class Holder {
  /** Undefined: the adapter has but one. */
  readonly name: string | undefined
  readonly scope: Scope
  readonly open = new Set<Spender>()
  /** Calls begun with it. */
  calls = 0
  readonly #host: Pick<Host, 'now' | 'random'>
  readonly #clocks: Clocks
  readonly #told = new Map<string, ToldSupply>()
  readonly #pause: Pause
  #turnedAway = 0

  constructor(
    name: string | undefined,
    config: ScopeConfig,
    host: Pick<Host, 'now' | 'random'>,
    clocks: Clocks,
  ) {
    this.name = name
    this.scope = new Scope(config, clocks)
    this.#host = host
    this.#clocks = clocks
    this.#pause = new Pause(host)
  }

  get pauseMs(): number {
    return this.#pause.leftMs
  }

  /** The smallest share that is left of any of its limits. */
  get room(): number {
    return Math.min(1, ...this.scope.states().map(({ left, max }) => left / max))
  }

  tell(allowance: Allowance, teller: Spender): void {
    const { limit, remaining, max } = allowance
    if (!Number.isFinite(remaining)) return
    if (limit === 'concurrent') {
      if (max !== undefined) this.scope.narrow(max)
      return
    }
    const supply = this.#told.get(limit) ?? this.#learn(limit)
    supply?.tell(allowance, this.#onTheWay(teller))
  }

  /** What became of a call, as far as it says something of this credential (B-10, B-44). */
  heard(kind: string, retryAfterMs: number | undefined): void {
    this.#turnedAway = kind === 'later' || kind === 'unauthorized' ? this.#turnedAway + 1 : 0
    if (this.#turnedAway > 0) this.#pause.atLeast(waitMs(this.#host, this.#turnedAway, retryAfterMs))
    // A server that names a time to come back means everybody, whatever became of this call.
    else if (retryAfterMs !== undefined) this.#pause.atLeast(Math.min(RETRY_AFTER_MS_MAX, retryAfterMs))
  }

  #learn(limit: string): ToldSupply | undefined {
    if (this.#told.size >= TOLD_LIMITS_MAX) return undefined
    const supply = new ToldSupply(limit, this.#clocks.steady)
    this.#told.set(limit, supply)
    this.scope.add(new PacedLimit(supply, this.#clocks.steady))
    return supply
  }

  /** Units of other calls that were sent, and that the system may not have counted when it answered this one. */
  #onTheWay(teller: Spender): number {
    let units = 0
    for (const other of this.open) if (other !== teller) units += other.spent
    return units
  }
}
