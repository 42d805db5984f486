/** Edits that their mapping's mode keeps waiting, let go because somebody asks (SPEC B-88). */
import type { Shared } from './bridge-life.ts'
import { RECORDS_PER_PAGE } from './limits.ts'

/** @param collection only its records @returns how many */
export async function release(shared: Shared, collection: string | undefined): Promise<number> {
  const records = shared.index
    .notBegun()
    .filter((record) => collection === undefined || record.startsWith(`${collection}/`))
  let released = 0
  for (let from = 0; from < records.length; from += RECORDS_PER_PAGE)
    released += await shared.transact(async (tables) => {
      let count = 0
      for (const record of records.slice(from, from + RECORDS_PER_PAGE)) {
        const item = await tables.item(record)
        // After a first try it is the system that is waited for, and asking does not help.
        if (item?.state !== 'waiting' || item.attempts > 0) continue
        tables.putItem(record, { state: 'waiting', dueAt: shared.context.host.now(), attempts: 0 })
        count += 1
      }
      return count
    })
  return released
}
