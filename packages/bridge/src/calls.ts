/** Makes the calls that the outbox asks for: some at once, each for one record or for many, never two for one record (SPEC B-07, B-51, B-55). */
import { backOffMs } from './back-off.ts'
import type { Shared } from './bridge-life.ts'
import { BatchSizes } from './delivery/batch-sizes.ts'
import { type Form, formFor } from './delivery/form.ts'
import { type Group, GroupCall } from './delivery/group-call.ts'
import { type Tier, TierTurns } from './delivery/tiers.ts'
import { Pass } from './gate.ts'
import type { DueGroup } from './outbox-index.ts'

export class Calls {
  readonly #shared: Shared
  readonly #underWay = new Set<Promise<void>>()
  readonly #turns = new TierTurns()
  readonly #sizes: BatchSizes
  readonly #ended: () => void
  #made = 0

  /** @param ended called whenever a call is over */
  constructor(shared: Shared, ended: () => void) {
    this.#shared = shared
    this.#ended = ended
    this.#sizes = new BatchSizes(shared.writer.capabilities.batch?.writesMax ?? 1)
  }

  get underWay(): number {
    return this.#underWay.size
  }

  /** Calls made since the start. */
  get made(): number {
    return this.#made
  }

  /** Writes in one batch just now, by type. */
  get batchSizes(): Record<string, number> {
    return this.#sizes.state()
  }

  /** Starts what is due and may be called. @returns milliseconds until more may be */
  async run(): Promise<number | undefined> {
    const { index } = this.#shared
    let waitMs = Number.POSITIVE_INFINITY
    const denied = new Set<Tier>()
    for (;;) {
      const [tier] = this.#turns.order(index.dueTiers.filter((one) => !denied.has(one)))
      if (!tier) break
      const tierWaitMs = this.#startOne(tier)
      if (tierWaitMs === 0) continue
      denied.add(tier)
      waitMs = Math.min(waitMs, tierWaitMs)
    }
    waitMs = Math.min(waitMs, index.nextDueMs ?? Number.POSITIVE_INFINITY)
    return Number.isFinite(waitMs) ? waitMs : undefined
  }

  /** Resolves when no call is under way. */
  async drained(): Promise<void> {
    await Promise.all(this.#underWay)
  }

  /** @returns 0 when a call was started, or something found to be in the way; else milliseconds until one of this tier may be; Infinity: when another one ends */
  #startOne(tier: Tier): number {
    const { index, gate } = this.#shared
    const due = index.dueGroup(tier)
    if (!due) return Number.POSITIVE_INFINITY
    let form = this.#formFor(due, true)
    let pass = gate.ask({ tier, pools: form.pools, what: form.name })
    // While one job runs, or none may be begun, the others need not wait for it.
    if (!(pass instanceof Pass) && form.name === 'bulk') {
      form = this.#formFor(due, false)
      pass = gate.ask({ tier, pools: form.pools, what: form.name })
    }
    if (!(pass instanceof Pass)) return pass.waitMs
    const records = index.take(due, form.count).filter((record) => this.#isFree(record))
    if (records.length === 0) {
      pass.turnBack()
      return 0
    }
    this.#turns.took(tier)
    this.#start({ tier, type: due.type, form, records, pass })
    return 0
  }

  #formFor({ tier, type, kind, most, due }: DueGroup, mayJob: boolean): Form {
    const { gate, writer } = this.#shared
    return formFor(
      { tier, kind, due: due.size, most },
      {
        capabilities: writer.capabilities,
        batchSize: this.#sizes.of(type),
        costOf: (form) => gate.budget.costOf(form, form === 'bulk' ? 'bulk' : 'write'),
        isProbing: gate.breaker.state !== 'closed',
        mayJob,
      },
    )
  }

  /** A record that is being read is written afterwards. */
  #isFree(record: string): boolean {
    const { locks, index } = this.#shared
    if (!locks.isHeld(record)) return true
    void locks.free(record).then(() => {
      index.release(record)
      this.#ended()
    })
    return false
  }

  #start(group: Group): void {
    const { locks, index, context } = this.#shared
    const { records, pass } = group
    const unlock = locks.take(records)
    const call = new GroupCall(this.#shared, this.#sizes, group)
    const ended = this.#run(call).then(() => {
      pass.turnBack()
      unlock()
      for (const record of records)
        index.release(record, call.failed.has(record) ? backOffMs(context.host, 1) : 0)
      this.#underWay.delete(ended)
      this.#ended()
    })
    this.#underWay.add(ended)
  }

  async #run(call: GroupCall): Promise<void> {
    try {
      const made = await call.run()
      this.#made += made
    } catch (error) {
      this.#shared.failed('call-failed', error)
    }
  }
}
