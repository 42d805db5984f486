/** What a watch told, and waiting for what it has not told yet. */
import type { LiveError, LiveRecord, Splice } from '../port.ts'

export class Told<Value> {
  readonly values: Value[] = []
  readonly errors: LiveError[] = []
  #waiting: (() => void)[] = []

  readonly told = (value: Value): void => {
    this.values.push(value)
    this.#wake()
  }

  readonly failed = (error: LiveError): void => {
    this.errors.push(error)
    this.#wake()
  }

  get last(): Value | undefined {
    return this.values.at(-1)
  }

  /** The test's own time limit bounds it. */
  async until(isThere: (value: Value) => boolean): Promise<Value> {
    for (;;) {
      if (this.errors[0]) throw this.errors[0]
      if (this.values.length > 0 && isThere(this.last!)) return this.last!
      await this.#next()
    }
  }

  async untilFailed(): Promise<LiveError> {
    while (!this.errors[0]) await this.#next()
    return this.errors[0]
  }

  #next(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}

/** The splices of a watch, and the result that they make. */
export class ToldSplices extends Told<Splice> {
  get result(): LiveRecord[] {
    const records: LiveRecord[] = []
    for (const { at, removed, inserted } of this.values) records.splice(at, removed, ...inserted)
    return records
  }

  get ids(): string[] {
    return this.result.map(({ id }) => id)
  }

  /** Told whole, and as expected. */
  async untilResult(
    isThere: (records: readonly LiveRecord[]) => boolean = () => true,
  ): Promise<LiveRecord[]> {
    await this.until((splice) => !splice.more && isThere(this.result))
    return this.result
  }
}
