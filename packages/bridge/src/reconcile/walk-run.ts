/** A walk under way: what its phases share. */
import type { Shared } from '../bridge-life.ts'
import { mappingsOfType } from '../choose-mapping.ts'
import type { Mapping } from '../mapping.ts'
import type { BridgeTables } from '../tables.ts'
import type { WalkBudget } from './budget.ts'
import { keptNotes, passingNotes, type WalkNotes } from './notes.ts'
import { putWalk, readWalk, type Walk } from './walk.ts'
import { WalkCalls } from './walk-calls.ts'

export class WalkRun {
  readonly shared: Shared
  readonly type: string
  readonly walk: Walk
  readonly notes: WalkNotes
  readonly calls: WalkCalls
  readonly #isRehearsed: boolean

  /** @param walk changed as the walk goes on */
  constructor(shared: Shared, type: string, walk: Walk, budget: WalkBudget) {
    this.shared = shared
    this.type = type
    this.walk = walk
    this.#isRehearsed = walk.report.dryRun
    this.notes = this.#isRehearsed ? passingNotes() : keptNotes(shared, type)
    this.calls = new WalkCalls(shared, budget, walk.report)
  }

  /** All that rows of the type may go by. */
  get mappings(): readonly Mapping[] {
    return mappingsOfType(this.shared.context, this.type)
  }

  get isEnded(): boolean {
    return this.shared.call.signal.aborted
  }

  /** One append; of a dry run nothing is kept. */
  transact = <T>(work: (tables: BridgeTables) => Promise<T>): Promise<T> =>
    this.#isRehearsed
      ? this.shared.rehearse(work)
      : this.shared.transact((tables) => {
          tables.isWalk = true
          return work(tables)
        })

  /** The walk as it is now, with what else is to be durable together. */
  save(also: (tables: BridgeTables) => void | Promise<void> = () => undefined): Promise<void> {
    const { type } = this
    return this.transact(async (tables) => {
      await also(tables)
      if (this.#isRehearsed) return
      // Another walk may have been asked for meanwhile.
      const again = (await readWalk(tables, type))?.again
      putWalk(tables, type, { ...this.walk, ...(again && { again }) })
    })
  }
}
