/** Observables of records: the result of a query, and one record. A record that did not change is the same object in the next snapshot. */
import type { LiveError, LiveQuery, LiveRecord, LiveReplica } from '../port.ts'
import type { Observable, Phase } from './observable.ts'
import { shared } from './running.ts'

export interface QuerySnapshot<Value = LiveRecord> {
  readonly state: Phase
  /** Empty while `loading`. */
  readonly records: readonly Value[]
  readonly error: LiveError | undefined
}

export interface RecordSnapshot<Value = LiveRecord> {
  readonly state: Phase
  /** Undefined while `loading`; when `ready`: there is no such record here. */
  readonly record: Value | undefined
  readonly error: LiveError | undefined
}

const loadingQuery: QuerySnapshot<never> = { state: 'loading', records: [], error: undefined }
const loadingRecord: RecordSnapshot<never> = { state: 'loading', record: undefined, error: undefined }

export function liveQuery(replica: LiveReplica | undefined, query: LiveQuery): Observable<QuerySnapshot> {
  return shared<QuerySnapshot>(replica, {
    key: keyOf(query),
    initial: loadingQuery,
    start: (from, told, failed) => {
      const records: LiveRecord[] = []
      return from.watch(
        query,
        ({ at, removed, inserted, more }) => {
          records.splice(at, removed, ...inserted)
          if (!more) told({ state: 'ready', records: records.slice(), error: undefined })
        },
        failed,
      )
    },
    afterFailure: ({ records }, error) => ({ state: 'failed', records, error }),
  })
}

export function liveRecord(
  replica: LiveReplica | undefined,
  collection: string,
  id: string,
): Observable<RecordSnapshot> {
  return shared<RecordSnapshot>(replica, {
    key: `record ${collection}/${id}`,
    initial: loadingRecord,
    start: (from, told, failed) => {
      let record: LiveRecord | undefined
      return from.watch(
        { collection, where: { id: { wanted: id } }, orderBy: [] },
        ({ removed, inserted, more }) => {
          if (removed > 0) record = undefined
          record = inserted[0] ?? record
          if (!more) told({ state: 'ready', record, error: undefined })
        },
        failed,
      )
    },
    afterFailure: ({ record }, error) => ({ state: 'failed', record, error }),
  })
}

/** The same for two queries that ask the same in another order. */
export function keyOf({ collection, where, orderBy, limit }: LiveQuery): string {
  const fields = Object.keys(where).sort()
  return `query ${JSON.stringify([collection, fields.map((field) => [field, where[field]]), orderBy, limit])}`
}
