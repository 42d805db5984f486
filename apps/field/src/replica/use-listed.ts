/** What a query finds, live. */
import type { LiveQuery, LiveRecord, Splice } from '@skerry/live'
import { useReplica } from './replica-context.ts'
import { type Told, useTold } from './told.ts'

/** Undefined until the whole result is there. */
export function useListed<Row>(query: LiveQuery): Told<readonly Row[]> {
  const replica = useReplica()
  return useTold<readonly Row[]>(JSON.stringify(query), (told, failed) => {
    let records: LiveRecord[] = []
    const take = ({ at, removed, inserted, more }: Splice) => {
      records = records.toSpliced(at, removed, ...inserted)
      if (!more) told(records as unknown as Row[])
    }
    return replica.watch(query, take, failed)
  })
}
