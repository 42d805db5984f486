/** Records in a component, typed from their collection. A record that did not change is the same object, so that `memo` rows render only when theirs did. */
import type { Collection, Seen } from '@skerry/core'
import {
  live,
  liveRecord,
  narrowing,
  type QuerySnapshot,
  type RecordSnapshot,
  type RecordsQuery,
} from '@skerry/live'
import { useMemo, useSyncExternalStore } from 'react'
import { useReplica } from './provider.ts'

/**
 * The records of a query, kept up to date: `useRecords(orders, (all) => all.where({ status: 'open' }).orderBy('title'))`. Filters may be written in place; the component renders again only when what they leave is another.
 */
export function useRecords<Value extends object>(
  collection: Collection<Value>,
  build: (all: RecordsQuery<Value>) => RecordsQuery<Value> = (all) => all,
): QuerySnapshot<Seen<Value>> {
  const replica = useReplica()
  const query = build(live(replica, collection))
  const { key } = query
  // biome-ignore lint/correctness/useExhaustiveDependencies: the source is that of the replica and the key
  const { source, narrow } = useMemo(
    () => ({ source: query.source, narrow: narrowing<Value>() }),
    [replica, key],
  )
  return useSyncExternalStore(
    source.subscribe,
    () => narrow(query, source.get()),
    () => narrow(query, source.initial),
  )
}

/** One record. With `select`, only what it gives is looked at: a value, or a part of the record, never an object of its own making. */
export function useRecord<Value extends object>(
  collection: Collection<Value>,
  id: string,
): RecordSnapshot<Seen<Value>>
export function useRecord<Value extends object, Selected>(
  collection: Collection<Value>,
  id: string,
  select: (record: Seen<Value>) => Selected,
): Selected | undefined
export function useRecord<Value extends object, Selected>(
  { name }: Collection<Value>,
  id: string,
  select?: (record: Seen<Value>) => Selected,
): RecordSnapshot<Seen<Value>> | Selected | undefined {
  const replica = useReplica()
  const { subscribe, get, initial } = useMemo(() => liveRecord(replica, name, id), [replica, name, id])
  const shown = (snapshot: RecordSnapshot) => {
    const { record } = snapshot as RecordSnapshot<Seen<Value>>
    if (!select) return snapshot as RecordSnapshot<Seen<Value>>
    return record && select(record)
  }
  return useSyncExternalStore(
    subscribe,
    () => shown(get()),
    () => shown(initial),
  )
}
