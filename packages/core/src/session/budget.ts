/**
 * What a peer may cost this replica (B1): messages, bytes and operations. A budget belongs to the peer's key and not to a session, or whoever has spent it would only
 * have to connect again (B5).
 */
import { Bucket, type Rate } from './bucket.ts'
import { BUDGET_BYTES, BUDGET_MESSAGES, BUDGET_OPERATIONS, BUDGETS_KEPT_MIN } from './limits.ts'

/** What of each may be spent. */
export interface BudgetRates {
  readonly messages: Rate
  /** As they are when inflated. */
  readonly bytes: Rate
  /** Of changes; each item counts ENTRY_COST_OPERATIONS besides. */
  readonly operations: Rate
}

export type Spent = keyof BudgetRates

const defaultRates: BudgetRates = {
  messages: BUDGET_MESSAGES,
  bytes: BUDGET_BYTES,
  operations: BUDGET_OPERATIONS,
}

export interface Debt {
  /** What is waited for longest. */
  by: Spent
  waitMs: number
}

export class Budget {
  readonly #buckets: Readonly<Record<Spent, Bucket>>

  constructor({ messages, bytes, operations }: BudgetRates) {
    this.#buckets = {
      messages: new Bucket(messages),
      bytes: new Bucket(bytes),
      operations: new Bucket(operations),
    }
  }

  spend(what: Spent, amount: number, now: number): void {
    this.#buckets[what].spend(amount, now)
  }

  /** Undefined when nothing is owed. */
  debt(now: number): Debt | undefined {
    let most: Debt | undefined
    for (const by of ['messages', 'bytes', 'operations'] as const) {
      const waitMs = this.#buckets[by].waitMs(now)
      if (waitMs > (most?.waitMs ?? 0)) most = { by, waitMs }
    }
    return most
  }

  isFull(now: number): boolean {
    return Object.values(this.#buckets).every((bucket) => bucket.isFull(now))
  }
}

/** The budgets of everybody a replica meets. */
export class PeerBudgets {
  readonly #rates: BudgetRates
  readonly #byNode = new Map<string, Budget>()
  #pruneAt = BUDGETS_KEPT_MIN

  /** Rates that are not given are the defaults of limits.ts. */
  constructor(rates: Partial<BudgetRates> = {}) {
    this.#rates = { ...defaultRates, ...rates }
  }

  /** Peers that have spent something of late. */
  get size(): number {
    return this.#byNode.size
  }

  /** As the peer left it. `node`: hash of its key. */
  of(node: string, now: number): Budget {
    const known = this.#byNode.get(node)
    if (known) return known
    if (this.#byNode.size >= this.#pruneAt) this.#prune(now)
    const budget = new Budget(this.#rates)
    this.#byNode.set(node, budget)
    return budget
  }

  /** A full one is as good as a new one. */
  #prune(now: number): void {
    for (const [node, budget] of this.#byNode) if (budget.isFull(now)) this.#byNode.delete(node)
    this.#pruneAt = Math.max(BUDGETS_KEPT_MIN, 2 * this.#byNode.size)
  }
}
