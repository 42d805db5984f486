/** Makes marked edits through the public API, one after another, and says what was acknowledged of each. */
import { idOf, type Records, type ReplicaBase, SaveRefused } from '@skerry/core'
import type { SeededRandom } from '@skerry/core/testing'
import type { MarkedEdit, Marking } from './marking.ts'

/** The newest records, which are edited. */
const RECORDS_OPEN = 8
/** Of so many edits one begins a record: each record is read again at every edit, so that a long one would measure itself. */
const EDITS_PER_RECORD = 40
/** Edits of one record made here, at most: a list in the CRM holds 100 rows. */
const EDITS_PER_RECORD_MAX = 80

export interface MarkerOptions<Value extends object> {
  replica: Pick<ReplicaBase, 'onCommit'>
  records: Records<Value>
  marking: Marking<Value>
  /** Begins every mark made here. */
  prefix: string
  random: SeededRandom
  /** Records to go on with. */
  open?: readonly string[]
  begun(edit: MarkedEdit): void
  /** Resolved: durable on this node. */
  here(edit: MarkedEdit): void
  /** `saved(id, place)` resolved. */
  there(edit: MarkedEdit): void
}

export class Marker<Value extends object> {
  readonly #options: MarkerOptions<Value>
  readonly #made = new Map<string, number>()
  /** Acknowledged here, by record, and not yet answered. */
  readonly #unanswered = new Map<string, string[]>()
  #open: string[]
  #waiting = 0
  #number = 0
  #answered: () => void = () => undefined

  constructor(options: MarkerOptions<Value>) {
    this.#options = options
    this.#open = [...(options.open ?? [])]
    // Records that others began are edited here as well, as soon as they have come.
    options.replica.onCommit(({ changes }) => {
      const begun = changes.filter(({ before, after }) => !before && after).map(({ record }) => idOf(record))
      this.#open = [...this.#open, ...begun].slice(-RECORDS_OPEN)
    })
  }

  async run(goOn: () => boolean): Promise<void> {
    while (goOn()) {
      if (this.#waiting >= this.#options.marking.unansweredMax) await this.#anyAnswered()
      else await this.#edit()
    }
  }

  /** Lets `run` look again whether to go on. */
  wake(): void {
    this.#answered()
  }

  /** Resolves when every edit made here was answered. */
  async allAnswered(): Promise<void> {
    while (this.#waiting > 0) await this.#anyAnswered()
  }

  async #edit(): Promise<void> {
    const { random, prefix, marking, records } = this.#options
    const mark = `${prefix}-${this.#number++}`
    const open = this.#open.filter((record) => (this.#made.get(record) ?? 0) < EDITS_PER_RECORD_MAX)
    const isNew = open.length === 0 || random.below(EDITS_PER_RECORD) === 0
    const record = isNew ? `v-${mark}` : random.pick(open)
    const edit = { record, mark }
    this.#options.begun(edit)
    if (isNew) await records.create(marking.newRecord(mark), { id: record })
    else await records.update(record, (draft) => marking.markRecord(draft, mark))
    this.#made.set(record, (this.#made.get(record) ?? 0) + 1)
    this.#options.here(edit)
    this.#expect(edit)
  }

  /** One wait for each record at a time: when it resolves, it speaks of every edit made before it began. */
  #expect({ record, mark }: MarkedEdit): void {
    this.#waiting += 1
    const marks = this.#unanswered.get(record)
    if (marks) {
      marks.push(mark)
      return
    }
    this.#unanswered.set(record, [mark])
    void this.#wait(record)
  }

  async #wait(record: string): Promise<void> {
    for (;;) {
      const marks = this.#unanswered.get(record)!.splice(0)
      if (marks.length === 0) break
      if (await this.#isSaved(record)) for (const mark of marks) this.#options.there({ record, mark })
      this.#waiting -= marks.length
      this.#answered()
    }
    this.#unanswered.delete(record)
  }

  /** False when one of its fields was overruled by the other side: an answer, but none that says what became of the mark. */
  async #isSaved(record: string): Promise<boolean> {
    try {
      await this.#options.records.saved(record, this.#options.marking.place)
      return true
    } catch (error) {
      if (error instanceof SaveRefused && error.code === 'overruled') return false
      throw error
    }
  }

  #anyAnswered(): Promise<void> {
    return new Promise((resolve) => {
      const before = this.#answered
      this.#answered = () => {
        this.#answered = () => undefined
        before()
        resolve()
      }
    })
  }
}
