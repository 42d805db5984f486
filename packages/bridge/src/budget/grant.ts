/** The right to make one call: what it may cost is kept, what it does cost is booked, the rest goes back (SPEC B-61). */
import type { Allowance, Call } from '../adapter-port.ts'
import type { Pool } from './budget-config.ts'
import type { Costs } from './costs.ts'
import type { Holder } from './holder.ts'
import type { Limit, Purse } from './limit.ts'
import type { Scope } from './scope.ts'

export interface GrantOptions {
  /** What kind of call it is, for what such calls cost. */
  what: string
  pools: readonly Pool[]
  purse: Purse
  account: Scope
  holder: Holder
  costs: Costs
  /** Called when others may find room. */
  ended: () => void
}

export class Grant {
  readonly #options: GrantOptions
  /** What is kept for this call of each limit. */
  readonly #kept = new Map<Limit, number>()
  readonly #spent = new Map<Pool, number>()
  /** Calls that have said nothing of their costs yet, by their pools. */
  readonly #silent = new Set<{ pool: Pool }>()

  constructor(options: GrantOptions, wanted: ReadonlyMap<Limit, number>) {
    this.#options = options
    for (const [limit, units] of wanted) this.#kept.set(limit, limit.hold(units, options.purse))
    options.holder.open.add(this)
    options.holder.calls += 1
    this.#slots(1)
  }

  /** Units booked so far. */
  get spent(): number {
    return [...this.#spent.values()].reduce((sum, units) => sum + units, 0)
  }

  /** What one call of the adapter is given, whose requests are of this pool. */
  call(pool: Pool, signal: AbortSignal): Call {
    const { holder } = this.#options
    const silent = { pool }
    this.#silent.add(silent)
    return {
      signal,
      ...(holder.name !== undefined && { credential: holder.name }),
      spend: (units = 1) => {
        this.#silent.delete(silent)
        this.#spend(pool, units)
      },
      allowance: (allowance: Allowance) => holder.tell(allowance, this),
    }
  }

  /** All is over. @param retryAfterMs as the system asked */
  end(kind: string, retryAfterMs?: number): void {
    const { what, costs, holder } = this.#options
    for (const { pool } of this.#silent) this.#spend(pool, 1)
    for (const [pool, units] of this.#spent) costs.learn(`${what} ${pool}`, units)
    holder.heard(kind, retryAfterMs)
    this.cancel()
  }

  /** No call was made after all. */
  cancel(): void {
    const { holder, purse, ended } = this.#options
    for (const [limit, kept] of this.#kept) limit.release(kept, purse)
    holder.open.delete(this)
    this.#slots(-1)
    ended()
  }

  #spend(pool: Pool, units: number): void {
    if (!(units > 0)) return
    const { account, holder, purse } = this.#options
    this.#spent.set(pool, (this.#spent.get(pool) ?? 0) + units)
    for (const limit of [...account.limits(pool), ...holder.scope.limits(pool)]) {
      const kept = this.#kept.get(limit) ?? 0
      const fromKept = Math.min(kept, units)
      if (fromKept > 0) this.#kept.set(limit, kept - fromKept)
      limit.spend(units, fromKept, purse)
    }
  }

  #slots(by: number): void {
    const { account, holder, pools } = this.#options
    if (pools.includes('bulk')) return
    account.underWay += by
    holder.scope.underWay += by
  }
}
