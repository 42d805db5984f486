/** The power of a node that is measured: after so many awaits on its store or on the system it goes, and nothing of that node ever happens again. What its disk has, the next one finds. */
import type { Adapter } from '@skerry/bridge'
import { type MemoryDisk, memoryStore, type Store } from '@skerry/core'

export class Power {
  /** Resolves when it goes. */
  readonly gone: Promise<void>
  isOff = false
  readonly #disk: MemoryDisk
  #points: number
  #tell: () => void = () => undefined

  /** @param points awaits until it goes */
  constructor(disk: MemoryDisk, points: number) {
    this.#disk = disk
    this.#points = points
    this.gone = new Promise((resolve) => {
      this.#tell = resolve
    })
  }

  /** From now on. */
  staysOn(): void {
    this.#points = Number.POSITIVE_INFINITY
  }

  store(): Store {
    const store = memoryStore({ disk: this.#disk })
    return {
      ...store,
      commit: async (batch) => {
        await this.#point()
        await store.commit(batch)
        await this.#point()
      },
    }
  }

  /** Before the system hears of a write, and before the node hears of its answer. */
  adapter(adapter: Adapter): Adapter {
    const { writeMany } = adapter
    const around = async <Answer>(call: () => Promise<Answer>): Promise<Answer> => {
      await this.#point()
      const answer = await call()
      await this.#point()
      return answer
    }
    return {
      ...adapter,
      changes: (...given) => around(() => adapter.changes(...given)),
      upsert: (...given) => around(() => adapter.upsert(...given)),
      ...(writeMany && { writeMany: (...given) => around(() => writeMany(...given)) }),
    }
  }

  async #point(): Promise<void> {
    if (!this.isOff && --this.#points <= 0) {
      this.isOff = true
      this.#disk.crash()
      this.#tell()
    }
    if (this.isOff) await new Promise<never>(() => undefined)
  }
}
