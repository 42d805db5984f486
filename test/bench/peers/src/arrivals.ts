/** Waiting for records and edits to arrive. An edit is told by its record and its mark; what came before somebody waits for it counts. */

interface Awaited {
  readonly mark: number
  readonly missing: Set<number>
  done(): void
}

export class Arrivals {
  /** Newest count by record. */
  readonly #counts = new Map<number, number>()
  readonly #awaited = new Set<Awaited>()
  #anything: () => void = () => undefined
  #enough: { records: number; done(): void } | undefined

  heard(number: number, count: number): void {
    this.#counts.set(number, count)
    for (const awaited of this.#awaited) {
      if (count === awaited.mark) awaited.missing.delete(number)
      if (awaited.missing.size > 0) continue
      this.#awaited.delete(awaited)
      awaited.done()
    }
    if (this.#enough && this.#counts.size >= this.#enough.records) this.#enough.done()
    this.#anything()
  }

  /** Resolves when so many different records have come. */
  all(records: number): Promise<void> {
    return new Promise((done) => {
      if (this.#counts.size >= records) done()
      else this.#enough = { records, done }
    })
  }

  /** `all` resolves when edit `mark` of each of these records has come; `missing` tells how many have not. */
  of(numbers: readonly number[], mark: number): { readonly all: Promise<void>; readonly missing: number } {
    const missing = new Set(numbers.filter((number) => this.#counts.get(number) !== mark))
    const all = new Promise<void>((done) => {
      if (missing.size === 0) done()
      else this.#awaited.add({ mark, missing, done })
    })
    return {
      all,
      get missing() {
        return missing.size
      },
    }
  }

  /** Whether anything comes within so many milliseconds. */
  more(ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), ms)
      this.#anything = () => {
        clearTimeout(timer)
        resolve(true)
      }
    })
  }
}
