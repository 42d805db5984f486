/** Makes marked edits through the public API, one after another, and says what was acknowledged of each. */
import { idOf, type Records, type Replica } from '@skerry/core'
import type { SeededRandom } from '@skerry/core/testing'
import type { MarkedEdit } from './book.ts'
import { type collections, markVisit, newVisit, type Visit } from './visits.ts'

/** Marks in one visit, about: each is read again at every edit, so that a long list would measure itself. */
const EDITS_PER_RECORD = 40
/** The newest visits, which are edited. */
const RECORDS_OPEN = 8
/** Edits at the hub not yet reported: an edge that is cut off does not pile up more than a round can deliver. */
const UNREPORTED_MAX = 200

export interface MarkerOptions {
  replica: Replica<typeof collections>
  /** Begins every mark made here. */
  prefix: string
  random: SeededRandom
  /** Visits to go on with. */
  records?: readonly string[]
  begun(edit: MarkedEdit): void
  /** Resolved: durable on this node. */
  here(edit: MarkedEdit): void
  /** `saved(id, 'hub')` resolved. */
  there(edit: MarkedEdit): void
}

export class Marker {
  readonly #options: MarkerOptions
  readonly #visits: Records<Visit>
  #records: string[]
  /** Acknowledged here, by record, and not yet reported by the hub. */
  readonly #unreported = new Map<string, string[]>()
  #waiting = 0
  #number = 0
  #reported: () => void = () => undefined

  constructor(options: MarkerOptions) {
    this.#options = options
    this.#visits = options.replica.visits
    this.#records = [...(options.records ?? [])]
    // Visits that others began are edited here as well, as soon as they have come.
    options.replica.onCommit(({ changes }) => {
      const begun = changes.filter(({ before, after }) => !before && after).map(({ record }) => idOf(record))
      this.#records = [...this.#records, ...begun].slice(-RECORDS_OPEN)
    })
  }

  async run(goOn: () => boolean): Promise<void> {
    while (goOn()) {
      if (this.#waiting >= UNREPORTED_MAX) await this.#anyReported()
      else await this.#edit()
    }
  }

  /** Lets `run` look again whether to go on. */
  wake(): void {
    this.#reported()
  }

  /** Resolves when the hub has answered every edit made here. */
  async reported(): Promise<void> {
    while (this.#waiting > 0) await this.#anyReported()
  }

  async #edit(): Promise<void> {
    const { random, prefix } = this.#options
    const mark = `${prefix}-${this.#number++}`
    const isNew = this.#records.length === 0 || random.below(EDITS_PER_RECORD) === 0
    const record = isNew ? `v-${mark}` : random.pick(this.#records)
    const edit = { record, mark }
    this.#options.begun(edit)
    if (isNew) await this.#visits.create(newVisit(mark), { id: record })
    else await this.#visits.update(record, (draft) => markVisit(draft, mark))
    this.#options.here(edit)
    this.#report(edit)
  }

  /** One wait for each record at a time: when it resolves, it speaks of every edit made before it resolved. */
  #report({ record, mark }: MarkedEdit): void {
    this.#waiting += 1
    const marks = this.#unreported.get(record)
    if (marks) {
      marks.push(mark)
      return
    }
    this.#unreported.set(record, [mark])
    void this.#await(record)
  }

  async #await(record: string): Promise<void> {
    for (;;) {
      const marks = this.#unreported.get(record)!.splice(0)
      if (marks.length === 0) break
      await this.#visits.saved(record, 'hub')
      for (const mark of marks) this.#options.there({ record, mark })
      this.#waiting -= marks.length
      this.#reported()
    }
    this.#unreported.delete(record)
  }

  #anyReported(): Promise<void> {
    return new Promise((resolve) => {
      const before = this.#reported
      this.#reported = () => {
        this.#reported = () => undefined
        before()
        resolve()
      }
    })
  }
}
