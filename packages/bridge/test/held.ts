/** An adapter whose next calls a test holds: before the system hears of them, or with the answer in hand. */
import type { Adapter, Failure } from '@skerry/bridge'
import { aroundCalls, type Method } from './around-calls.ts'

/** A batch of upserts is one. */
function isMeant(wanted: Method, made: Method): boolean {
  return made === wanted || (wanted === 'upsert' && made === 'writeMany')
}

export interface HeldCall {
  /** Resolves when the call has come as far as it is held. */
  arrived: Promise<void>
  /** Lets it go on, with its own answer or another one. */
  release(instead?: Failure): void
}

export class HeldAdapter {
  readonly adapter: Adapter
  readonly #plans: {
    method: Method
    after: boolean
    arrive: () => void
    released: Promise<Failure | undefined>
  }[] = []

  constructor(inner: Adapter) {
    this.adapter = aroundCalls(inner, async (call, method) => {
      const at = this.#plans.findIndex((plan) => isMeant(plan.method, method))
      if (at < 0) return call()
      const [plan] = this.#plans.splice(at, 1)
      const early = plan!.after ? await call() : undefined
      plan!.arrive()
      const instead = await plan!.released
      return instead ?? early ?? call()
    })
  }

  /** Holds the next call of this method once it was carried out (`answer`) or before (`request`). */
  hold(method: Method, what: 'request' | 'answer'): HeldCall {
    const arrived = Promise.withResolvers<void>()
    const released = Promise.withResolvers<Failure | undefined>()
    this.#plans.push({
      method,
      after: what === 'answer',
      arrive: arrived.resolve,
      released: released.promise,
    })
    return { arrived: arrived.promise, release: (instead) => released.resolve(instead) }
  }
}
