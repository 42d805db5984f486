/** Loaded records, at most so many; the one used longest ago is freed first. Engine memory is not the garbage collector's, so freeing is ours. */
import type { OpenRecord } from './open-record.ts'

export class RecordCache {
  readonly #records = new Map<string, OpenRecord>()
  readonly #recordsMax: number

  constructor(recordsMax: number) {
    this.#recordsMax = recordsMax
  }

  get size(): number {
    return this.#records.size
  }

  get(key: string): OpenRecord | undefined {
    const record = this.#records.get(key)
    if (!record) return undefined
    if (record.dead) {
      this.#records.delete(key)
      return undefined
    }
    this.#records.delete(key)
    this.#records.set(key, record)
    return record
  }

  put(record: OpenRecord): void {
    this.#records.set(record.key, record)
  }

  drop(key: string): void {
    const record = this.#records.get(key)
    this.#records.delete(key)
    record?.free()
  }

  /** Frees the oldest beyond the ceiling. Called between turns, never while a record may be in use. */
  trim(): void {
    for (const key of this.#records.keys()) {
      if (this.#records.size <= this.#recordsMax) return
      this.drop(key)
    }
  }

  clear(): void {
    for (const key of [...this.#records.keys()]) this.drop(key)
  }
}
