/** The records of a collection as they are shown: those whose id begins with what is searched, and what is to be said of each beside its value. */
import type { LiveError, LiveQuery, LiveRecord, LiveReplica, Stop } from '@skerry/live'
import { Changing } from './changing.ts'

/** Records listed: who looks for another one searches. */
export const LISTED_MAX = 200
/** Of the outbox, read for its marks. */
const OUTBOX_MAX = 1_000
/** Above every character that an id has. */
const LAST_CHARACTER = '\uffff'

export interface Chosen {
  collection: string
  id: string
}

/** What is to be said of a record. */
export interface Marks {
  /** Edits that the hub has not answered. */
  unanswered: number
  /** Why edits of it were refused. */
  aside: readonly string[]
  /** Why it is not loaded. */
  quarantined: string | undefined
}

export const noMarks: Marks = { unanswered: 0, aside: [], quarantined: undefined }

export interface RecordsState {
  records: readonly LiveRecord[]
  isLoading: boolean
  failed: string | undefined
}

export class RecordsModel {
  readonly state = new Changing<RecordsState>({ records: [], isLoading: true, failed: undefined })
  readonly marks = new Changing<ReadonlyMap<string, Marks>>(new Map())
  readonly #replica: LiveReplica
  #stop: Stop = () => undefined

  constructor(replica: LiveReplica) {
    this.#replica = replica
  }

  /** Shows these from now on. */
  search(collection: string, prefix: string): void {
    this.#stop()
    this.state.set({ ...this.state.value, isLoading: true, failed: undefined })
    const records: LiveRecord[] = []
    this.#stop = this.#replica.watch(
      queryOf(collection, prefix.trim()),
      ({ at, removed, inserted, more }) => {
        records.splice(at, removed, ...inserted)
        if (!more) this.state.set({ records: [...records], isLoading: false, failed: undefined })
      },
      ({ message }) => this.state.set({ records: [], isLoading: false, failed: message }),
    )
  }

  /** Marks are told from now on, until what is returned is called; then the records too. */
  start(): Stop {
    const marks = new MarksOf((all) => this.marks.set(all))
    const failed = ({ message }: LiveError) => this.state.set({ ...this.state.value, failed: message })
    const stops = [
      this.#replica.watchAside((edits) => {
        marks.aside = edits.map(({ record, code, reason }) => [record, `${code}: ${reason}`])
        marks.told()
      }, failed),
      this.#replica.watchQuarantine((records) => {
        marks.quarantined = records.map(({ record, code, reason }) => [record, `${code}: ${reason}`])
        marks.told()
      }, failed),
      this.#replica.watchOutbox(
        OUTBOX_MAX,
        (waiting) => {
          marks.unanswered = waiting.map(({ collection, id, edits }) => [`${collection}/${id}`, edits])
          marks.told()
        },
        failed,
      ),
    ]
    return () => {
      for (const stop of stops) stop()
      this.#stop()
    }
  }
}

class MarksOf {
  aside: [string, string][] = []
  quarantined: [string, string][] = []
  unanswered: [string, number][] = []
  readonly #changed: (marks: ReadonlyMap<string, Marks>) => void

  constructor(changed: (marks: ReadonlyMap<string, Marks>) => void) {
    this.#changed = changed
  }

  told(): void {
    const all = new Map<string, Marks>()
    const add = (record: string, change: (marks: Marks) => Partial<Marks>) => {
      const marks = all.get(record) ?? noMarks
      all.set(record, { ...marks, ...change(marks) })
    }
    for (const [record, why] of this.aside) add(record, ({ aside }) => ({ aside: [...aside, why] }))
    for (const [record, quarantined] of this.quarantined) add(record, () => ({ quarantined }))
    for (const [record, unanswered] of this.unanswered) add(record, () => ({ unanswered }))
    this.#changed(all)
  }
}

function queryOf(collection: string, prefix: string): LiveQuery {
  const wanted = { from: prefix, to: `${prefix}${LAST_CHARACTER}` }
  return {
    collection,
    where: prefix === '' ? {} : { id: { wanted } },
    orderBy: [{ field: 'id', direction: 'ascending' }],
    limit: LISTED_MAX,
  }
}
