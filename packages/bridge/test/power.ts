/** The power of a node in a test: it goes at the n-th await on the store or on the system, and then nothing of that node ever happens again. */

import type { Adapter } from '@skerry/bridge'
import { type MemoryDisk, memoryStore, type Store } from '@skerry/core'
import { aroundCalls } from './around-calls.ts'

export class Power {
  readonly #cutAt: number
  readonly #off: () => void
  points = 0
  isOff = false
  /** Resolves when the power goes. */
  readonly gone: Promise<void>
  #tellGone: () => void = () => undefined

  /** @param cutAt from 1; 0 never @param off what ends with the power */
  constructor(cutAt: number, off: () => void) {
    this.#cutAt = cutAt
    this.#off = off
    this.gone = new Promise((resolve) => {
      this.#tellGone = resolve
    })
  }

  /** A place where the power may go. Without power it is never left. */
  async point(): Promise<void> {
    if (!this.isOff && ++this.points === this.#cutAt) {
      this.isOff = true
      this.#off()
      this.#tellGone()
    }
    if (this.isOff) await new Promise<never>(() => undefined)
  }

  store(disk: MemoryDisk): Store {
    const store = memoryStore({ disk })
    return {
      ...store,
      commit: async (batch) => {
        await this.point()
        await store.commit(batch)
        await this.point()
      },
    }
  }

  adapter(adapter: Adapter): Adapter {
    return aroundCalls(adapter, async (call) => {
      await this.point()
      const answer = await call()
      await this.point()
      return answer
    })
  }
}
