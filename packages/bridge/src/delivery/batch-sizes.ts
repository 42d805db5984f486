/** How many writes of each type a batch holds just now: a type whose rows set off much there takes fewer than one that does not (SPEC B-59). */
import { BATCH_STEPS, BATCH_WRITES_FIRST, SLOW_ANSWER_MS } from '../limits.ts'
import { Aimd } from './aimd.ts'

export class BatchSizes {
  readonly #ceiling: number
  readonly #sizes = new Map<string, Aimd>()

  /** @param ceiling most that the adapter takes; 1 when it takes no batches */
  constructor(ceiling: number) {
    this.#ceiling = ceiling
  }

  of(type: string): number {
    return this.#size(type).value
  }

  /** A batch of so many was answered so. */
  heard(type: string, writes: number, { kind, tookMs }: { kind: string; tookMs: number }): void {
    const size = this.#size(type)
    if (kind === 'unknown' || tookMs > SLOW_ANSWER_MS) size.shrink()
    // How a larger one would have gone, one that was not full does not tell.
    else if (kind !== 'later' && writes >= size.value) size.grow()
  }

  /** By type, of those that were written. */
  state(): Record<string, number> {
    return Object.fromEntries([...this.#sizes].map(([type, { value }]) => [type, value]))
  }

  #size(type: string): Aimd {
    const known = this.#sizes.get(type)
    if (known) return known
    const size = new Aimd({
      floor: 1,
      ceiling: this.#ceiling,
      first: BATCH_WRITES_FIRST,
      step: () => Math.ceil(this.#ceiling / BATCH_STEPS),
    })
    this.#sizes.set(type, size)
    return size
  }
}
