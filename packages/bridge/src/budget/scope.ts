/** Who a limit counts for: the account as a whole, or one of its credentials. Both have limits for everything, and for one kind of operation. */
import type { LimitsConfig, Pool, ScopeConfig } from './budget-config.ts'
import { pools, resetOf } from './budget-config.ts'
import { FixedDay, RollingDay } from './day-supplies.ts'
import type { Limit, LimitState, Purse } from './limit.ts'
import { within } from './limit.ts'
import { PacedLimit } from './paced-limit.ts'
import type { SteadyClock } from './steady-clock.ts'
import { WindowLimit } from './window-limit.ts'

export interface Clocks {
  now: () => number
  steady: SteadyClock
}

export interface PoolState extends LimitState {
  /** Absent: counts every kind of operation. */
  pool?: Pool
}

export class Scope {
  /** Requests under way, jobs apart. */
  underWay = 0
  readonly #all: Limit[]
  readonly #pools: ReadonlyMap<Pool, readonly Limit[]>
  #concurrency: number

  constructor(config: ScopeConfig, clocks: Clocks) {
    this.#all = limitsOf(config, clocks)
    this.#pools = new Map(pools.map((pool) => [pool, limitsOf(config.pools?.[pool] ?? {}, clocks)]))
    this.#concurrency = config.concurrency ?? Number.POSITIVE_INFINITY
  }

  limits(pool: Pool): Limit[] {
    return [...this.#all, ...(this.#pools.get(pool) ?? [])]
  }

  /** A limit that was not known before. */
  add(limit: Limit): void {
    this.#all.push(limit)
  }

  narrow(concurrency: number): void {
    this.#concurrency = Math.max(1, concurrency)
  }

  /** Whether one more request may be under way. */
  hasSlot(purse: Purse): boolean {
    return this.#concurrency === Number.POSITIVE_INFINITY || this.underWay < within(this.#concurrency, purse)
  }

  states(): PoolState[] {
    const ofPools = [...this.#pools].flatMap(([pool, limits]) =>
      limits.map((limit) => ({ ...limit.state(), pool })),
    )
    return [...this.#all.map((limit) => limit.state()), ...ofPools]
  }
}

function limitsOf({ daily, windows = [] }: LimitsConfig, { now, steady }: Clocks): Limit[] {
  const limits: Limit[] = windows.map(
    (window) => new WindowLimit(`${window.units}/${window.ms}ms`, window, steady),
  )
  if (!daily) return limits
  const startsAtMs = resetOf(daily)
  const quota = { name: 'daily', units: daily.units }
  const supply =
    startsAtMs === undefined ? new RollingDay(quota, steady) : new FixedDay(quota, startsAtMs, now)
  return [...limits, new PacedLimit(supply, steady)]
}
