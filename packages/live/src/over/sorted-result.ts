/**
 * The result of a watch, kept in its order, and what a change of it looks like from outside. One change among ten thousand records is two binary searches; many at once are sorted anew and told as
 * the one piece that differs.
 *
 *     all matching, in order    ├──────────────── limit ───────────────┤ · · · waiting behind it
 *                               what the watch was told
 */
import type { Followed } from '@skerry/core'
import type { LiveRecord, Splice } from '../port.ts'

/** Changes of one commit that are told one by one. */
const SINGLE_CHANGES_MAX = 64
/** Records in one splice: so many are cloned into a message, and out of it, in some 10 ms. */
export const SPLICE_RECORDS_MAX = 1_000

export class SortedResult {
  readonly #compare: (a: LiveRecord, b: LiveRecord) => number
  readonly #limit: number
  readonly #byId: Map<string, LiveRecord>
  #sorted: LiveRecord[]

  constructor(
    records: Map<string, LiveRecord>,
    compare: (a: LiveRecord, b: LiveRecord) => number,
    limit = Number.POSITIVE_INFINITY,
  ) {
    this.#byId = records
    this.#compare = compare
    this.#limit = limit
    this.#sorted = [...records.values()].sort(compare)
  }

  get shown(): readonly LiveRecord[] {
    return this.#sorted.slice(0, this.#limit)
  }

  /** Nothing where nothing of it is shown. */
  apply(changes: readonly Followed<LiveRecord>[]): Splice[] {
    // A record that changed several times is as it was last.
    const own = [...new Map(changes)].filter(([id, record]) => record !== undefined || this.#byId.has(id))
    if (own.length > SINGLE_CHANGES_MAX) return this.#rebuild(own)
    return own.flatMap(([id, record]) => this.#change(id, record))
  }

  #change(id: string, record: LiveRecord | undefined): Splice[] {
    const before = this.#byId.get(id)
    const from = before && this.#placeOf(before)
    if (record) this.#byId.set(id, record)
    else this.#byId.delete(id)
    if (record && from !== undefined && this.#fits(record, from)) {
      this.#sorted[from] = record
      return this.#shows(from) ? [{ at: from, removed: 1, inserted: [record] }] : []
    }
    return [...(from === undefined ? [] : this.#remove(from)), ...(record ? this.#insert(record) : [])]
  }

  #remove(at: number): Splice[] {
    this.#sorted.splice(at, 1)
    if (!this.#shows(at)) return []
    const splices: Splice[] = [{ at, removed: 1, inserted: [] }]
    const entering = this.#sorted[this.#limit - 1]
    if (entering) splices.push({ at: this.#limit - 1, removed: 0, inserted: [entering] })
    return splices
  }

  #insert(record: LiveRecord): Splice[] {
    const at = this.#placeOf(record)
    this.#sorted.splice(at, 0, record)
    if (!this.#shows(at)) return []
    const isFull = this.#sorted.length > this.#limit
    const leaving: Splice[] = isFull ? [{ at: this.#limit - 1, removed: 1, inserted: [] }] : []
    return [...leaving, { at, removed: 0, inserted: [record] }]
  }

  #shows(at: number): boolean {
    return at < this.#limit
  }

  #fits(record: LiveRecord, at: number): boolean {
    const [before, after] = [this.#sorted[at - 1], this.#sorted[at + 1]]
    return (!before || this.#compare(before, record) < 0) && (!after || this.#compare(record, after) < 0)
  }

  /** Where it stands, or would. */
  #placeOf(record: LiveRecord): number {
    let from = 0
    let to = this.#sorted.length
    while (from < to) {
      const middle = (from + to) >>> 1
      if (this.#compare(this.#sorted[middle]!, record) < 0) from = middle + 1
      else to = middle
    }
    return from
  }

  #rebuild(changes: readonly Followed<LiveRecord>[]): Splice[] {
    const before = this.shown
    for (const [id, record] of changes)
      if (record) this.#byId.set(id, record)
      else this.#byId.delete(id)
    this.#sorted = [...this.#byId.values()].sort(this.#compare)
    const after = this.shown
    let at = 0
    const shorter = Math.min(before.length, after.length)
    while (at < shorter && before[at] === after[at]) at++
    let same = 0
    while (same < shorter - at && before.at(-1 - same) === after.at(-1 - same)) same++
    const removed = before.length - same - at
    const inserted = after.slice(at, after.length - same)
    return removed + inserted.length === 0 ? [] : [{ at, removed, inserted }]
  }
}

/** The same, in splices that a message carries. */
export function inParts(splices: readonly Splice[]): Splice[] {
  return splices.flatMap(({ at, removed, inserted }) => {
    const parts: Splice[] = []
    for (let from = 0; from === 0 || from < inserted.length; from += SPLICE_RECORDS_MAX)
      parts.push({
        at: at + from,
        removed: from === 0 ? removed : 0,
        inserted: inserted.slice(from, from + SPLICE_RECORDS_MAX),
      })
    return parts
  })
}
