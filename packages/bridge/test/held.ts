/** An adapter whose next calls a test holds: before the system hears of them, or with the answer in hand. */
import type { Adapter, WriteAnswer } from '@skerry/bridge'

type Method = 'read' | 'changes' | 'upsert' | 'delete'

export interface HeldCall {
  /** Resolves when the call has come as far as it is held. */
  arrived: Promise<void>
  /** Lets it go on, with its own answer or another one. */
  release(instead?: WriteAnswer): void
}

export class HeldAdapter {
  readonly adapter: Adapter
  readonly #plans: {
    method: Method
    after: boolean
    arrive: () => void
    released: Promise<WriteAnswer | undefined>
  }[] = []

  constructor(inner: Adapter) {
    const through = async <T>(method: Method, call: () => Promise<T>): Promise<T> => {
      const at = this.#plans.findIndex((plan) => plan.method === method)
      if (at < 0) return call()
      const [plan] = this.#plans.splice(at, 1)
      const early = plan!.after ? await call() : undefined
      plan!.arrive()
      const instead = await plan!.released
      return (instead as T | undefined) ?? early ?? call()
    }
    this.adapter = {
      ...inner,
      read: (...given) => through('read', () => inner.read(...given)),
      changes: (...given) => through('changes', () => inner.changes(...given)),
      upsert: (...given) => through('upsert', () => inner.upsert(...given)),
      delete: (...given) => through('delete', () => inner.delete(...given)),
    }
  }

  /** Holds the next call of this method once it was carried out (`answer`) or before (`request`). */
  hold(method: Method, what: 'request' | 'answer'): HeldCall {
    const arrived = Promise.withResolvers<void>()
    const released = Promise.withResolvers<WriteAnswer | undefined>()
    this.#plans.push({
      method,
      after: what === 'answer',
      arrive: arrived.resolve,
      released: released.promise,
    })
    return { arrived: arrived.promise, release: (instead) => released.resolve(instead) }
  }
}
