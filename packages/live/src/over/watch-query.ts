/**
 * One watch of a query: its first result in parts, with a pause between them where they take long, so that neither this thread nor the one that is told has a long task; then what each commit
 * changes, at once.
 *
 *   reading ──► telling (parts, `more`) ──► following
 *      └─ commits meanwhile wait, and are told as the last parts of the first result
 */
import type { Followed, Query, ReplicaBase } from '@skerry/core'
import type { LiveQuery, LiveRecord, Splice, Stop } from '../port.ts'
import { inParts, SortedResult } from './sorted-result.ts'
import { whereOf } from './where-of.ts'

export interface QueryWatch {
  query: LiveQuery
  /** Resolves when other work had its turn, at once where there is no need. */
  pause(): Promise<void>
  told(splice: Splice): void
  failed(error: unknown): void
}

export function watchQuery(replica: ReplicaBase, watch: QueryWatch): Stop {
  let query: Query<LiveRecord>
  try {
    query = queryOf(replica, watch.query)
  } catch (error) {
    watch.failed(error)
    return () => undefined
  }
  let following: SortedResult | undefined
  let isEnded = false
  let missed: Followed<LiveRecord>[] = []
  const stop = replica.onCommit((commit) => {
    const changes = query.changesBy(commit)
    if (!following) missed.push(...changes)
    else tell(inParts(following.apply(changes)))
  })
  const tell = (splices: readonly Splice[]) => {
    for (const [i, splice] of splices.entries())
      if (!isEnded) watch.told(i < splices.length - 1 ? { ...splice, more: true } : splice)
  }
  const end = () => {
    isEnded = true
    stop()
  }
  const begin = async () => {
    const records = await query.read(() => watch.pause())
    await watch.pause()
    const result = new SortedResult(records, (a, b) => query.compare(a, b), watch.query.limit)
    await watch.pause()
    let parts = inParts([{ at: 0, removed: 0, inserted: result.shown }])
    while (parts.length > 1 && !isEnded) {
      watch.told({ ...parts.shift()!, more: true })
      await watch.pause()
    }
    const late = inParts(result.apply(missed))
    missed = []
    parts = [...parts, ...late]
    following = result
    tell(parts)
  }
  begin().catch((error: unknown) => {
    if (isEnded) return
    end()
    watch.failed(error)
  })
  return end
}

function queryOf(replica: ReplicaBase, query: LiveQuery): Query<LiveRecord> {
  const records = replica.collection(query.collection)
  const where = whereOf(replica.collections.get(query.collection)!, query)
  let ordered = records.where(where as Parameters<typeof records.where>[0]) as unknown as Query<LiveRecord>
  for (const { field, direction } of query.orderBy) ordered = ordered.orderBy(field, direction)
  return ordered
}
