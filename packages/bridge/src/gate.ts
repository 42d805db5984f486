/**
 * Whether a call may be made now: the breaker of this system, the calls that it stands at once, and the budget of its account, asked in one place. Writes are let through before they are
 * begun, everything else before it is sent (SPEC B-59 to B-61).
 */
import type { Call, Failure } from './adapter-port.ts'
import type { Ask, Budget } from './budget/budget.ts'
import type { Pool } from './budget/budget-config.ts'
import { Grant } from './budget/grant.ts'
import type { BridgeEvent, BridgeHost } from './context.ts'
import { Aimd } from './delivery/aimd.ts'
import { Breaker } from './delivery/breaker.ts'
import type { Tier } from './delivery/tiers.ts'
import { BULK_JOBS_MAX, GRANT_WAIT_MS_MAX, SLOW_ANSWER_MS } from './limits.ts'

export interface GateOptions {
  host: Pick<BridgeHost, 'now' | 'random' | 'timer'>
  system: string
  /** Calls that write at once, at most. */
  concurrency: number
  budget: Budget
  /** One of the calls at once is kept for the critical tier (B-52). */
  hasCritical: boolean
  report: (event: BridgeEvent) => void
}

/** What became of a call as a whole. */
export interface Heard {
  kind: string
  retryAfterMs?: number | undefined
  /** Milliseconds that it took, where that says something of the calls at once. */
  tookMs?: number | undefined
}

/** Not now. Infinity: when another call ends. */
export interface Closed {
  waitMs: number
}

/** A call on its way. */
export class Pass {
  readonly #grant: Grant
  readonly #left: (heard: Heard | undefined) => void
  #isOver = false

  constructor(grant: Grant, left: (heard: Heard | undefined) => void) {
    this.#grant = grant
    this.#left = left
  }

  call(pool: Pool, signal: AbortSignal): Call {
    return this.#grant.call(pool, signal)
  }

  /** The call is over. */
  leave(heard: Heard): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#left(heard)
    this.#grant.end(heard.kind, heard.retryAfterMs)
  }

  /** It was not made after all. Nothing when it was. */
  turnBack(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#left(undefined)
    this.#grant.cancel()
  }
}

export class Gate {
  readonly breaker: Breaker
  readonly budget: Budget
  readonly #options: GateOptions
  readonly #width: Aimd
  /** Writes under way, and jobs beside them. */
  #writes = 0
  #jobs = 0
  /** Calls of every kind. */
  #calls = 0

  constructor(options: GateOptions) {
    const { concurrency, budget } = options
    this.#options = options
    this.budget = budget
    this.breaker = new Breaker(options)
    this.#width = new Aimd({ floor: 1, ceiling: concurrency, first: concurrency, step: (value) => 1 / value })
  }

  /** Milliseconds until calls may be made at all; 0 when they may now. */
  get pauseMs(): number {
    return Math.max(this.breaker.pauseMs, this.budget.pauseMs)
  }

  /** Calls that write which may be under way at once, when none is held back. */
  get width(): number {
    return this.breaker.state === 'closed' ? this.#width.value : 1
  }

  ask(ask: Ask): Pass | Closed {
    const { state, pauseMs } = this.breaker
    if (pauseMs > 0) return { waitMs: pauseMs }
    if (state === 'half-open' && this.#calls > 0) return { waitMs: Number.POSITIVE_INFINITY }
    if (!this.#fits(ask)) return { waitMs: Number.POSITIVE_INFINITY }
    const granted = this.budget.ask(ask)
    return granted instanceof Grant ? this.#open(ask, granted) : granted
  }

  /** For whoever has nothing else to do meanwhile: waits in its place, though not for long. */
  async enter(ask: Ask, signal: AbortSignal): Promise<Pass | Failure> {
    const { host, system } = this.#options
    const givenUpAt = host.now() + GRANT_WAIT_MS_MAX
    for (;;) {
      if (signal.aborted) return { kind: 'later', reason: 'the bridge is closing' }
      const answer = this.ask(ask)
      if (answer instanceof Pass) return answer
      const patienceMs = givenUpAt - host.now()
      const isKnown = Number.isFinite(answer.waitMs)
      if (isKnown ? answer.waitMs > patienceMs : patienceMs <= 0) {
        const { state } = this.breaker
        const why = state === 'closed' ? 'the budget of its account allows none' : `its breaker is ${state}`
        const reason = `no call to ${system} is made now: ${why}`
        return { kind: 'later', reason, ...(isKnown && { retryAfterMs: answer.waitMs }) }
      }
      await this.#room(Math.min(answer.waitMs, patienceMs), signal)
    }
  }

  #fits({ tier, pools }: Ask): boolean {
    if (pools.includes('bulk')) return this.#jobs < BULK_JOBS_MAX
    return !pools.includes('write') || this.#writes < this.#widthFor(tier)
  }

  #widthFor(tier: Tier): number {
    const { width } = this
    return this.#options.hasCritical && tier !== 'critical' && width > 1 ? width - 1 : width
  }

  #open({ tier, pools }: Ask, grant: Grant): Pass {
    this.breaker.begins()
    const isJob = pools.includes('bulk')
    const isWrite = !isJob && pools.includes('write')
    const count = (by: number) => {
      this.#calls += by
      if (isJob) this.#jobs += by
      if (isWrite) this.#writes += by
    }
    const wasFull = isWrite && this.#writes + 1 >= this.#widthFor(tier)
    count(1)
    return new Pass(grant, (heard) => {
      count(-1)
      if (!heard) return
      this.breaker.heard(heard.kind !== 'unknown')
      if (isWrite) this.#adapt(heard, wasFull)
    })
  }

  /** Growing is earned by calls that were as many at once as allowed: of fewer it is not known how more would have gone. */
  #adapt({ kind, tookMs = 0 }: Heard, wasFull: boolean): void {
    if (kind === 'later' || kind === 'unknown' || tookMs > SLOW_ANSWER_MS) this.#width.shrink()
    else if (wasFull) this.#width.grow()
  }

  /** Resolves after so long, or when a call of the account has ended. */
  #room(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        cancel()
        forget()
        signal.removeEventListener('abort', done)
        resolve()
      }
      const cancel = this.#options.host.timer(Math.max(0, ms), done)
      const forget = this.budget.onRoom(done)
      signal.addEventListener('abort', done)
    })
  }
}
