/** Which rows a system has shown, and whether that is all of them: what it has not shown then is not there, and need not be asked for. */

interface OfType {
  /** Ids of rows that live. */
  ids: Set<string>
  externalIds: Set<string>
  /** What tells all: a listing where positions are named, else the changes from the beginning. */
  source: 'changes' | 'list'
  isWhole: boolean
  waiting: (() => void)[]
  /** Its beginning was not shown, or it cannot be read. */
  isOpen: boolean
}

export class KnownRows {
  readonly #types = new Map<string, OfType>()
  readonly #polled = new Set<string>()

  /** Nothing was read of this type before: it will be shown from its beginning. */
  begins(type: string): void {
    this.#of(type).isOpen = false
  }

  /** All of the type comes by a listing, not by its changes. */
  willList(type: string): void {
    this.#of(type).source = 'list'
  }

  saw(row: { type: string; id: string; externalId?: string | undefined; deleted: boolean }): void {
    const { ids, externalIds } = this.#of(row.type)
    if (row.deleted) ids.delete(row.id)
    else ids.add(row.id)
    if (row.externalId !== undefined) externalIds.add(row.externalId)
  }

  toldAll(type: string, source: 'changes' | 'list'): void {
    const known = this.#of(type)
    if (source === 'changes') this.#polled.add(type)
    if (known.source !== source) return
    known.isWhole = !known.isOpen
    this.#go(known)
  }

  /** Nobody waits for a listing that stands still. */
  failed(type: string): void {
    this.#go(this.#of(type))
  }

  /** Changes were told to their end. */
  isPolled(type: string): boolean {
    return this.#polled.has(type)
  }

  /** Living rows that were shown. */
  ids(type: string): ReadonlySet<string> {
    return this.#of(type).ids
  }

  isWhole(type: string): boolean {
    return this.#of(type).isWhole
  }

  /** True when the system is known to have no row of this external id. */
  lacks(type: string, externalId: string): boolean {
    const { isWhole, externalIds } = this.#of(type)
    return isWhole && !externalIds.has(externalId)
  }

  /** Resolves when all of the type was shown, or will not be. */
  whole(type: string): Promise<void> {
    const known = this.#of(type)
    if (known.isWhole || known.isOpen) return Promise.resolve()
    return new Promise((resolve) => known.waiting.push(resolve))
  }

  #go(known: OfType): void {
    for (const resolve of known.waiting.splice(0)) resolve()
  }

  #of(type: string): OfType {
    const known = this.#types.get(type)
    if (known) return known
    const made: OfType = {
      ids: new Set(),
      externalIds: new Set(),
      source: 'changes',
      isWhole: false,
      waiting: [],
      isOpen: true,
    }
    this.#types.set(type, made)
    return made
  }
}
