/** What filters leave of a snapshot. The same object as before, when they leave the same records, so that whoever shows them need not look. */
import type { Seen } from '@skerry/core'
import type { QuerySnapshot } from './live-query.ts'

/** Decides on the page, for every record of the query. */
export type Filter<Value> = (record: Seen<Value>) => boolean

interface Narrowing<Value> {
  readonly filters: readonly Filter<Value>[]
  readonly limitHere: number
}

/** Remembers what it gave last; one for each place that shows it. */
export function narrowing<Value extends object>(): (
  by: Narrowing<Value>,
  source: QuerySnapshot<Seen<Value>>,
) => QuerySnapshot<Seen<Value>> {
  let last:
    | { by: Narrowing<Value>; source: QuerySnapshot<Seen<Value>>; given: QuerySnapshot<Seen<Value>> }
    | undefined
  return (by, source) => {
    if (by.filters.length === 0) return source
    if (last?.by === by && last.source === source) return last.given
    const records = source.records.filter((record) => by.filters.every((filter) => filter(record)))
    const narrowed = { ...source, records: records.slice(0, by.limitHere) }
    const given = last && isSame(last.given, narrowed) ? last.given : narrowed
    last = { by, source, given }
    return given
  }
}

function isSame<Value>(a: QuerySnapshot<Value>, b: QuerySnapshot<Value>): boolean {
  if (a.state !== b.state || a.error !== b.error || a.records.length !== b.records.length) return false
  return a.records.every((record, i) => record === b.records[i])
}
