/** The place a contract test works in: one durable state, and stores opened on it that are closed when the test ends. */
import type { Store } from '@skerry/core'
import { onTestFinished } from 'vitest'
import { runId } from './batches.ts'

/** What somebody who wants their store tested hands over. */
export interface StoreUnderTest {
  /** A new store object on this state, not yet open. It must see what earlier ones of this state made durable. */
  store(): Store
  /** The process dies without `close`; what `store` gives afterwards opens what was durable at that moment. */
  crash(): Promise<void>
  /** Called once, after the test closed its stores. */
  dispose?(): Promise<void>
}

export type Setup = () => Promise<StoreUnderTest>

export class Bench {
  readonly under: StoreUnderTest
  #opens = 0
  #stores: Store[] = []

  private constructor(under: StoreUnderTest) {
    this.under = under
  }

  /** Is disposed of when the running test ends. */
  static async make(setup: Setup): Promise<Bench> {
    const bench = await Bench.standing(setup)
    onTestFinished(() => bench.dispose())
    return bench
  }

  /** Lasts until its `dispose` is called. */
  static async standing(setup: Setup): Promise<Bench> {
    return new Bench(await setup())
  }

  nextRun(): string {
    this.#opens += 1
    return runId(this.#opens)
  }

  /** A store object that is closed when the test ends; `open` it yourself. */
  unopened(): Store {
    const store = this.under.store()
    this.#stores.push(store)
    return store
  }

  async opened(): Promise<Store> {
    const store = this.unopened()
    await store.open(this.nextRun())
    return store
  }

  async crashed(): Promise<Store> {
    await this.under.crash()
    return this.opened()
  }

  async dispose(): Promise<void> {
    for (const store of this.#stores) await store.close()
    await this.under.dispose?.()
  }
}
