/** Edits that their mapping's mode keeps waiting, let go because somebody asks (SPEC B-88). */
import type { Shared } from './bridge-life.ts'
import { RECORDS_PER_PAGE } from './limits.ts'
import type { OutboxItem, Waiting } from './outbox.ts'

/** @param collection only its records @returns how many */
export async function release(shared: Shared, collection: string | undefined): Promise<number> {
  const { now } = shared.context.host
  const records = shared.index
    .notBegun()
    .filter((record) => collection === undefined || record.startsWith(`${collection}/`))
  let released = 0
  for (let from = 0; from < records.length; from += RECORDS_PER_PAGE)
    released += await shared.transact(async (tables) => {
      let count = 0
      for (const record of records.slice(from, from + RECORDS_PER_PAGE)) {
        const item = await tables.item(record)
        if (!isKept(item, now())) continue
        const { deferred: _, ...waiting } = item
        tables.putItem(record, { ...waiting, dueAt: now() })
        count += 1
      }
      return count
    })
  return released
}

/** By the mode of its mapping: after a first try it is the system that is waited for, and asking does not help. */
function isKept(item: OutboxItem | undefined, now: number): item is Waiting {
  return item?.state === 'waiting' && item.attempts === 0 && (item.deferred === true || item.dueAt > now)
}
