/** Which of some orders were deleted, told again whenever one of them goes or comes back. */
import type { LiveRecord, LiveReplica, Stop } from '@skerry/live'
import { ORDERS } from '../order/order.ts'
import { type Deletion, deletionOf } from './deletion.ts'

export type DeletedById = ReadonlyMap<string, Deletion>

/** @param ids at most as many as a query looks up (LOOKUPS_MAX of core) */
export function watchDeleted(
  replica: LiveReplica,
  ids: readonly string[],
  told: (deleted: DeletedById) => void,
): Stop {
  let records: readonly LiveRecord[] | undefined
  let me: string | undefined
  let isOver = false
  /** Of orders that are not shown; null of those that were not deleted. */
  const known = new Map<string, Deletion | null>()
  const tell = () => {
    if (!isOver) told(new Map([...known].flatMap(([id, one]) => (one ? [[id, one] as const] : []))))
  }
  const look = async (id: string) => {
    known.set(id, null)
    const asked = me
    try {
      const deletion = await deletionOf(replica, id, me)
      // It came back meanwhile, or somebody else has signed in and it is asked anew.
      if (!known.has(id) || asked !== me) return
      known.set(id, deletion)
      tell()
    } catch {
      // Its own page asks too, and says why it cannot be told. The next change of these orders asks again.
      known.delete(id)
    }
  }
  const lookAll = () => {
    if (!records) return
    const shown = new Set(records.map(({ id }) => id))
    const back = [...known.keys()].filter((id) => shown.has(id))
    for (const id of back) known.delete(id)
    if (back.length > 0) tell()
    for (const id of ids) if (!shown.has(id) && !known.has(id)) void look(id)
  }
  let coming: readonly LiveRecord[] = []
  // A watch that fails has nothing to ask anybody; the page's own watches say why.
  const failed = () => undefined
  const stops = [
    replica.watchSync(({ credential }) => {
      if (me === credential?.subject) return
      me = credential?.subject
      known.clear()
      lookAll()
    }, failed),
    replica.watch(
      { collection: ORDERS, where: { id: { wanted: { oneOf: [...ids] } } }, orderBy: [] },
      ({ at, removed, inserted, more }) => {
        coming = coming.toSpliced(at, removed, ...inserted)
        if (more) return
        records = coming
        lookAll()
      },
      failed,
    ),
  ]
  return () => {
    isOver = true
    for (const stop of stops) stop()
  }
}
