/** Entries of the log that this bridge wrote and settled in one append, as ranges of sequences: reading them back would cost as much as writing them did. A range that is forgotten is read. */
import type { Seq } from '@skerry/core'

interface Range {
  from: Seq
  to: Seq
}

export class OwnEntries {
  /** Ascending, and apart. */
  #ranges: Range[] = []

  add(from: Seq, to: Seq): void {
    const last = this.#ranges.at(-1)
    if (last && last.to + 1 === from) last.to = to
    else if (to >= from) this.#ranges.push({ from, to })
  }

  /** The end of the range that has this sequence. What lies before it is not asked for again. */
  endAt(seq: Seq): Seq | undefined {
    const passed = this.#ranges.findIndex(({ to }) => to >= seq)
    this.#ranges.splice(0, passed < 0 ? this.#ranges.length : passed)
    const [next] = this.#ranges
    return next && next.from <= seq ? next.to : undefined
  }

  /** There are ranges beyond what was asked for last. */
  get hasMore(): boolean {
    return this.#ranges.length > 0
  }
}
