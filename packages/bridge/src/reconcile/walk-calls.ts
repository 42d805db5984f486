/** Calls of a walk: each within the budget, counted, and never at a system that wants to be left alone. */
import type { Failure, ListAnswer, ReadAnswer } from '../adapter-port.ts'
import { reasonOf, type Shared } from '../bridge-life.ts'
import type { Heard } from '../gate.ts'
import { LISTED_PAGE_ROWS, READ_TOGETHER_MAX } from '../limits.ts'
import type { WalkBudget } from './budget.ts'
import type { WalkReport } from './report.ts'

/** The walk does not go on now: for so long, or because the system would not. */
export type Halt = { kind: 'wait'; ms: number } | Failure

export function isHalt(answer: { kind: string }): answer is Halt {
  return ['wait', 'later', 'unauthorized', 'rejected', 'unknown'].includes(answer.kind)
}

export class WalkCalls {
  readonly #shared: Shared
  readonly #budget: WalkBudget
  readonly #report: Pick<WalkReport, 'calls'>

  constructor(shared: Shared, budget: WalkBudget, report: Pick<WalkReport, 'calls'>) {
    this.#shared = shared
    this.#budget = budget
    this.#report = report
  }

  list(type: string, position: string | undefined): Promise<ListAnswer | Halt> {
    const { adapter, call } = this.#shared
    return this.#call(1, () => adapter.list!(type, position, LISTED_PAGE_ROWS, call))
  }

  /** @returns one answer for each id, or for the first of them and what came in the way; what the system refused is `rejected`, each by itself */
  async read(type: string, ids: readonly string[]): Promise<{ answers: ReadAnswer[]; halt?: Halt }> {
    const answers: ReadAnswer[] = []
    const { batch } = this.#shared.adapter.capabilities
    const size = Math.max(1, batch ? Math.min(batch.readsMax, READ_TOGETHER_MAX) : this.#shared.gate.width)
    while (answers.length < ids.length) {
      const some = ids.slice(answers.length, answers.length + size)
      const read = batch ? await this.#readMany(type, some) : await this.#readEach(type, some)
      if (isHalt(read)) return { answers, halt: read }
      for (const answer of read.answers) {
        if (isHalt(answer) && answer.kind !== 'rejected') return { answers, halt: answer }
        answers.push(answer)
      }
    }
    return { answers }
  }

  #readMany(type: string, ids: readonly string[]): Promise<{ kind: 'read'; answers: ReadAnswer[] } | Halt> {
    const { adapter, call } = this.#shared
    return this.#call(1, async () => ({ kind: 'read', answers: await adapter.readMany!(type, ids, call) }))
  }

  #readEach(type: string, ids: readonly string[]): Promise<{ kind: 'read'; answers: ReadAnswer[] } | Halt> {
    const { adapter, call } = this.#shared
    return this.#call(ids.length, async () => ({
      kind: 'read',
      answers: await Promise.all(ids.map((id) => adapter.read(type, { id }, call))),
    }))
  }

  async #call<Answer extends Heard>(units: number, call: () => Promise<Answer>): Promise<Answer | Halt> {
    const { gate } = this.#shared
    const ms = gate.pauseMs || this.#budget.allow(units, 'analytical')
    if (ms > 0) return { kind: 'wait', ms }
    this.#report.calls += units
    try {
      return await call()
    } catch (error) {
      this.#shared.failed('adapter-threw', error)
      return { kind: 'unknown', reason: reasonOf(error) }
    }
  }
}
