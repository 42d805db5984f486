/** Which records wait for which others, in memory and both ways round (SPEC B-80, B-81). */

export class ParkedIndex {
  readonly #parents = new Map<string, readonly string[]>()
  readonly #dependants = new Map<string, Set<string>>()

  /** Records that wait. */
  get size(): number {
    return this.#parents.size
  }

  dependants(parent: string): readonly string[] {
    return [...(this.#dependants.get(parent) ?? [])]
  }

  waitedFor(): Iterable<string> {
    return this.#dependants.keys()
  }

  add(record: string, parents: readonly string[]): void {
    this.#parents.set(record, parents)
    for (const parent of parents) {
      const others = this.#dependants.get(parent) ?? new Set()
      this.#dependants.set(parent, others.add(record))
    }
  }

  delete(record: string): void {
    for (const parent of this.#parents.get(record) ?? []) {
      const others = this.#dependants.get(parent)
      others?.delete(record)
      if (others?.size === 0) this.#dependants.delete(parent)
    }
    this.#parents.delete(record)
  }
}
