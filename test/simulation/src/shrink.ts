/**
 * Makes a failing run as small as it gets while the same oracle still fails: families of faults go first, then nodes, then halves of the steps, quarters, … single ones. A run that fails
 * otherwise on the way is another finding, and not this one.
 */
import { OracleFailed } from './oracles/oracle-failed.ts'
import type { Plan } from './plan/plan.ts'
import { type Reduction, reduced, whole } from './plan/reduction.ts'
import { HUB } from './plan/topology.ts'
import { live } from './simulate.ts'

/** Runs spent on one failure: half a minute at most. */
const RUNS_MAX = 400

export interface Shrunk {
  reduction: Reduction
  plan: Plan
  error: unknown
  runs: number
}

/** `run`: rejects when the plan fails. */
export async function shrink(
  plan: Plan,
  error: unknown,
  run: (plan: Plan) => Promise<unknown> = live,
): Promise<Shrunk> {
  const search = new Search(plan, error, run)
  await search.dropFamilies()
  await search.dropNodes()
  await search.dropSteps()
  await search.dropNodes()
  await search.dropFamilies()
  return search.smallest
}

/** What must stay the same about a failure. */
function kindOf(error: unknown): string {
  return error instanceof OracleFailed ? error.oracle : String((error as Error)?.name)
}

class Search {
  smallest: Shrunk
  readonly #whole: Plan
  readonly #kind: string

  readonly #run: (plan: Plan) => Promise<unknown>

  constructor(plan: Plan, error: unknown, run: (plan: Plan) => Promise<unknown>) {
    this.#run = run
    this.#whole = plan
    this.#kind = kindOf(error)
    this.smallest = { reduction: whole, plan, error, runs: 0 }
  }

  async dropFamilies(): Promise<void> {
    for (const family of [...this.smallest.plan.striking])
      await this.#try({ calm: [...this.smallest.reduction.calm, family] })
  }

  async dropNodes(): Promise<void> {
    for (const { name } of this.smallest.plan.nodes)
      if (name !== HUB) await this.#try({ without: [...this.smallest.reduction.without, name] })
  }

  async dropSteps(): Promise<void> {
    for (let size = Math.ceil(this.smallest.plan.steps.length / 2); size >= 1; size = Math.floor(size / 2)) {
      // From the end: what comes later depends on what came before, seldom the other way round.
      for (let from = this.smallest.plan.steps.length - size; from > -size; from -= size) {
        const steps = this.smallest.plan.steps.map(({ index }) => index)
        await this.#try({ steps: steps.filter((_, at) => at < from || at >= from + size) })
      }
    }
  }

  async #try(change: Partial<Reduction>): Promise<void> {
    if (this.smallest.runs >= RUNS_MAX) return
    const reduction = { ...this.smallest.reduction, ...change }
    const plan = reduced(this.#whole, reduction)
    this.smallest.runs += 1
    const error: unknown = await this.#run(plan).then(
      () => undefined,
      (failure: unknown) => failure,
    )
    if (error === undefined || kindOf(error) !== this.#kind) return
    this.smallest = { ...this.smallest, reduction, plan, error }
  }
}
