/** What was decoded of a database's log, cut into pages: at the end of a transaction, or inside of one that is larger than a page. */
import type { Told } from './changes.ts'

export type LogEvent =
  | { kind: 'told'; told: Told }
  /** The end of a transaction: everything up to here is done with when it was told. */
  | { kind: 'commit'; at: string }
  | { kind: 'emptied' }

/** An event, and its place behind where decoding began; places grow, and are the same whenever it is decoded from there. */
export type Placed = LogEvent & { place: number; xid: string }

export interface LogPage {
  told: Told[]
  xids: string[]
  /** `skip`: places behind `at` that are done with. */
  mark: { at: string; skip: number }
  complete: boolean
}

export class Ahead {
  readonly #at: string
  readonly #events: readonly Placed[]
  /** There was nothing behind them; otherwise the last place that was decoded. */
  readonly #end: 'all' | number
  /** Places count from an earlier commit: they are of no use in a mark. */
  readonly #isMoved: boolean

  constructor(at: string, events: readonly Placed[], end: 'all' | number, isMoved = false) {
    this.#at = at
    this.#events = events
    this.#end = end
    this.#isMoved = isMoved
  }

  /** What is left of it for whoever goes on there; undefined when that must be decoded. */
  from(at: string, skip: number): Ahead | undefined {
    if (at === this.#at && !this.#isMoved && skip > 0) {
      const left = this.#events.filter(({ place }) => place > skip)
      return left.length > 0 ? new Ahead(at, left, this.#end) : undefined
    }
    const commit = this.#events.findLastIndex((event) => event.kind === 'commit' && event.at === at)
    const left = commit < 0 || skip > 0 ? [] : this.#events.slice(commit + 1)
    return left.length > 0 ? new Ahead(at, left, this.#end, true) : undefined
  }

  /**
   * At most `limit` changes. `emptied`: the table was emptied next, and nobody can say which rows were in it. `undecoded`: the next transaction is larger than a page, and must be decoded from its beginning.
   */
  page(skip: number, limit: number): LogPage | 'emptied' | 'undecoded' {
    const told: Told[] = []
    const xids = new Set<string>()
    let committed: LogPage | undefined
    let place = skip
    const soFar = (mark: LogPage['mark'], complete = false) => ({
      told: [...told],
      xids: [...xids],
      mark,
      complete,
    })
    const inside = () => committed ?? (this.#isMoved ? 'undecoded' : soFar({ at: this.#at, skip: place }))
    for (const event of this.#events) {
      if (event.kind === 'emptied') return committed ?? (told.length === 0 ? 'emptied' : inside())
      if (event.kind === 'commit') {
        committed = soFar({ at: event.at, skip: 0 })
        continue
      }
      if (told.length === limit) return inside()
      told.push(event.told)
      xids.add(event.xid)
      place = event.place
    }
    if (this.#end === 'all') return { ...(committed ?? soFar({ at: this.#at, skip })), complete: true }
    place = this.#end
    return inside()
  }
}
