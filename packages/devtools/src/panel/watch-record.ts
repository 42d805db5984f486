/** Word of a record's changes, also of those that leave its view as it was: a value that loses to another one is in the log and in the history, and no query tells of it. */
import type { LogPage, Stop } from '@skerry/live'
import type { Chosen } from '../models/records-model.ts'
import type { PanelContext } from './view.ts'

/** Newest entries that are looked at: what came in the fifth of a second since the last look, mostly. */
const LOOKED_AT = 50

export function watchRecord(
  { replica, inspect }: PanelContext,
  { collection, id }: Chosen,
  changed: () => void,
  failed: (words: string) => void,
): Stop {
  const record = `${collection}/${id}`
  let seen: number | undefined
  const look = ({ head, entries, older }: LogPage) => {
    const last = seen
    seen = head
    if (last === undefined) return
    const isBurst = older !== undefined && older > last + 1
    if (isBurst || entries.some((entry) => entry.seq > last && entry.record === record)) changed()
  }
  const stop = replica.watch(
    { collection, where: { id: { wanted: id } }, orderBy: [] },
    ({ more }) => !more && changed(),
    ({ message }) => failed(message),
  )
  const stopLog = inspect?.watchLog(LOOKED_AT, look, ({ message }) => failed(message))
  return () => {
    stop()
    stopLog?.()
  }
}
