/**
 * What may be asked of an account, and when: daily quotas paced over the day, windows, concurrency, a reserve for the critical tier, several credentials, pools by kind of
 * operation, and what answers tell of all that (SPEC B-61 to B-68). A machine without timers: it is asked, and says how long to wait. Several bridges on one account share one.
 */
import type { Host } from '@skerry/core'
import { BridgeError } from '../bridge-error.ts'
import type { Tier } from '../delivery/tiers.ts'
import { CREDENTIALS_MAX, RESERVE_DEFAULT } from '../limits.ts'
import { type BudgetConfig, budgetSchema, type Pool } from './budget-config.ts'
import { Costs } from './costs.ts'
import { Grant } from './grant.ts'
import { Holder } from './holder.ts'
import type { Limit, Purse } from './limit.ts'
import { type Clocks, type PoolState, Scope } from './scope.ts'
import { SteadyClock } from './steady-clock.ts'

export interface Ask {
  tier: Tier
  /** What its requests are counted as. */
  pools: readonly Pool[]
  /** Kind of call, for what such calls cost. */
  what: string
}

/** Not now. Infinity: when another call ends (`onRoom`). */
export interface Wait {
  waitMs: number
}

export interface JoinOptions {
  /** That the adapter may use. */
  credentials?: readonly string[] | undefined
  /** The bridge may have something critical to write. */
  hasCritical: boolean
}

export interface BudgetState {
  limits: (PoolState & { credential?: string })[]
  /** Requests under way, jobs apart. */
  underWay: number
  /** Milliseconds for which no credential may be used, as the system asked. */
  pausedMs: number
}

export class Budget {
  readonly #config: BudgetConfig
  readonly #host: Pick<Host, 'now' | 'random'>
  readonly #clocks: Clocks
  readonly #account: Scope
  readonly #costs = new Costs()
  readonly #listeners = new Set<() => void>()
  #holders: Holder[]
  #hasCritical = false

  /** @throws BridgeError bridge-config */
  constructor(config: BudgetConfig, host: Pick<Host, 'now' | 'random'>) {
    const result = budgetSchema.safeParse(config)
    if (!result.success)
      throw new BridgeError(
        'bridge-config',
        result.error.issues.map(({ path, message }) => `budget: ${path.join('.')}: ${message}`).join('\n'),
      )
    this.#config = config
    this.#host = host
    this.#clocks = { now: () => host.now(), steady: new SteadyClock(() => host.now()) }
    this.#account = new Scope(config, this.#clocks)
    this.#holders = [this.#holder(undefined)]
  }

  /** A bridge of this account begins. @throws BridgeError bridge-config */
  join({ credentials = [], hasCritical }: JoinOptions): void {
    this.#hasCritical ||= hasCritical
    const known = this.#holders.flatMap(({ name }) => name ?? [])
    const names = [...new Set([...known, ...credentials])]
    if (names.length > CREDENTIALS_MAX)
      throw new BridgeError(
        'bridge-config',
        `budget: ${names.length} credentials for one account; at most ${CREDENTIALS_MAX} are balanced`,
      )
    if (names.length === known.length) return
    const kept = this.#holders.filter(({ name }) => name !== undefined)
    const added = names.filter((name) => !known.includes(name)).map((name) => this.#holder(name))
    this.#holders = [...kept, ...added]
  }

  ask(ask: Ask): Grant | Wait {
    const purse = this.#purse(ask.tier)
    const choices = this.#holders
      .map((holder) => ({ holder, ...this.#wanted(ask, holder, purse) }))
      .sort((a, b) => a.waitMs - b.waitMs || b.holder.room - a.holder.room || a.holder.calls - b.holder.calls)
    const { holder, wanted, waitMs } = choices[0]!
    if (waitMs > 0) return { waitMs }
    return new Grant(
      {
        ...ask,
        purse,
        account: this.#account,
        holder,
        costs: this.#costs,
        ended: () => this.#tell(),
      },
      wanted,
    )
  }

  /** Units that calls of a kind have cost lately at most; undefined when there was none. */
  costOf(what: string, pool: Pool): number | undefined {
    return this.#costs.known(`${what} ${pool}`)
  }

  get pauseMs(): number {
    return Math.min(...this.#holders.map(({ pauseMs }) => pauseMs))
  }

  /** Calls `listener` whenever a call of the account is over. @returns what ends that */
  onRoom(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  state(): BudgetState {
    const ofHolders = this.#holders.flatMap(({ name, scope }) =>
      scope.states().map((state) => ({ ...state, ...(name !== undefined && { credential: name }) })),
    )
    return {
      limits: [...this.#account.states(), ...ofHolders],
      underWay: this.#account.underWay,
      pausedMs: this.pauseMs,
    }
  }

  #purse(tier: Tier): Purse {
    const { reserve = RESERVE_DEFAULT } = this.#config
    return { isCritical: tier === 'critical', reserve: this.#hasCritical ? reserve : 0 }
  }

  /** What a call needs of each limit if this credential is used, and how long until that is there. */
  #wanted(
    { pools, what }: Ask,
    holder: Holder,
    purse: Purse,
  ): { wanted: Map<Limit, number>; waitMs: number } {
    const wanted = new Map<Limit, number>()
    for (const pool of pools)
      for (const limit of [...this.#account.limits(pool), ...holder.scope.limits(pool)])
        wanted.set(limit, (wanted.get(limit) ?? 0) + this.#costs.expected(`${what} ${pool}`))
    const waits = [...wanted].map(([limit, units]) => limit.waitMs(units, purse))
    const isFull = !pools.includes('bulk') && !(this.#account.hasSlot(purse) && holder.scope.hasSlot(purse))
    return {
      wanted,
      waitMs: Math.max(0, holder.pauseMs, isFull ? Number.POSITIVE_INFINITY : 0, ...waits),
    }
  }

  #holder(name: string | undefined): Holder {
    return new Holder(name, this.#config.each ?? {}, this.#host, this.#clocks)
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener()
  }
}
