/**
 * The external system, and the unreliable way to it: calls take time, are refused for now, or are lost on the way there or back. A call that has left goes on when its caller dies.
 * Its ledger is what the oracle "one business effect per edit" reads.
 */
import { type Adapter, MemorySystem, type UpsertRequest, type WriteAnswer } from '@skerry/bridge'
import type { Json } from '@skerry/core'
import type { Life } from '../machine/life.ts'
import type { Random } from '../machine/random.ts'
import type { Scheduler } from '../machine/scheduler.ts'

export interface ApiFaults {
  /** Milliseconds of one way, at most. */
  delayMs: number
  /** Share of calls that are lost on the way there, lost on the way back, told to come later; of hints that are lost. */
  lossShare: number
}

/** A field that the bridge wrote. */
export interface Written {
  row: string
  field: string
  value: Json
}

type Lost = { kind: 'unknown' | 'later'; reason: string }

export class FakeApi {
  readonly system: MemorySystem
  readonly written: Written[] = []
  faults: ApiFaults
  /** Calls that are on their way. */
  underWay = 0
  readonly #scheduler: Scheduler
  readonly #random: Random

  constructor(scheduler: Scheduler, random: Random, faults: ApiFaults) {
    this.#scheduler = scheduler
    this.#random = random
    this.faults = faults
    this.system = new MemorySystem({
      name: 'crm',
      now: () => scheduler.nowMs,
      compareAndSet: random.chance(0.7),
      everyWriteCounts: true,
    })
  }

  /** The system as one process reaches it. */
  adapter(life: Life): Adapter {
    const adapter = this.system.adapter()
    const call = <A>(signal: AbortSignal, run: () => Promise<A>) => this.#call(life, signal, run)
    return {
      ...adapter,
      read: (type, key, given) => call(given.signal, () => adapter.read(type, key, given)),
      changes: (type, position, limit, given) =>
        call(given.signal, () => adapter.changes(type, position, limit, given)),
      upsert: (type, request, given) =>
        call(given.signal, async () => {
          const answer = await adapter.upsert(type, request, given)
          this.#note(request, answer)
          return answer
        }),
      delete: (type, request, given) => call(given.signal, () => adapter.delete(type, request, given)),
      listen: async (onHint, given) => {
        const stop = await adapter.listen!((hint) => {
          const delayMs = this.#random.between(0, this.faults.delayMs)
          if (!this.#random.chance(this.faults.lossShare))
            this.#scheduler.after(delayMs, () => life.isAlive && onHint(hint))
        }, given)
        life.atDeath(() => void stop())
        return stop
      },
    }
  }

  #note({ fields }: UpsertRequest, answer: WriteAnswer): void {
    if (answer.kind !== 'done' || !this.system.ledger.at(-1)?.committed) return
    for (const [field, value] of Object.entries(fields))
      if (value !== null) this.written.push({ row: answer.row.id, field, value })
  }

  async #call<A>(life: Life, signal: AbortSignal, run: () => Promise<A>): Promise<A | Lost> {
    const aborted = new Promise<Lost>((resolve) => {
      signal.addEventListener('abort', () => resolve({ kind: 'unknown', reason: 'aborted' }))
    })
    return life.hear(Promise.race([this.#travel(run), aborted]))
  }

  async #travel<A>(run: () => Promise<A>): Promise<A | Lost> {
    const { delayMs, lossShare } = this.faults
    this.underWay += 1
    try {
      await this.#scheduler.wait(this.#random.between(0, delayMs))
      if (this.#random.chance(lossShare)) return { kind: 'unknown', reason: 'lost on the way there' }
      if (this.#random.chance(lossShare)) return { kind: 'later', reason: 'busy' }
      const answer = await run()
      await this.#scheduler.wait(this.#random.between(0, delayMs))
      return this.#random.chance(lossShare) ? { kind: 'unknown', reason: 'lost on the way back' } : answer
    } finally {
      this.underWay -= 1
    }
  }
}
