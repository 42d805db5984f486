/** Cards of all orders that who is signed in edited here lately, looked after once for the whole app. */

import { createContext, useContext, useEffect, useState } from 'react'
import { useTouched } from '../order/use-touched.ts'
import { useReplica } from '../replica/replica-context.ts'
import { type Card, cardsOf, cardsOfDeleted } from './card.ts'
import { useDismissed } from './use-dismissed.ts'
import { type DeletedById, watchDeleted } from './watch-deleted.ts'
import { type Known, watchOrder } from './watch-order.ts'

/** Orders looked after: each costs the engine a look when it changes. */
const WATCHED_MAX = 12

const CardsContext = createContext<readonly Card[]>([])

export const CardsProvider = CardsContext.Provider

export function useCards(): readonly Card[] {
  return useContext(CardsContext)
}

/** For the app alone; everybody else calls `useCards`. */
export function useWatchedCards(): readonly Card[] {
  const replica = useReplica()
  const all = useTouched()
  const touched = all.slice(0, WATCHED_MAX)
  const isDismissed = useDismissed()
  const [known, setKnown] = useState<ReadonlyMap<string, Known>>(new Map())
  const ids = touched.map(({ id }) => id).sort()
  const key = ids.join(' ')
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` stands for the ids
  useEffect(() => {
    const stops = ids.map((id) =>
      watchOrder(replica, id, (one) => setKnown((before) => new Map(before).set(id, one))),
    )
    return () => {
      for (const stop of stops) stop()
    }
  }, [replica, key])
  const deleted = useDeleted(all.map(({ id }) => id))
  return all.flatMap((one, index) => {
    // What was known of one that is not looked after any more is not true for ever.
    const seen = index < WATCHED_MAX ? known.get(one.id) : undefined
    const cards = seen ? cardsOf(one, seen.standing, seen.concurrent, isDismissed) : []
    const deletion = deleted.get(one.id)
    return deletion ? cardsOfDeleted(deletion, cards, isDismissed) : cards
  })
}

/** Of all orders that he edited here: they cost one watch together. */
function useDeleted(edited: readonly string[]): DeletedById {
  const replica = useReplica()
  const [deleted, setDeleted] = useState<DeletedById>(new Map())
  const key = edited.toSorted().join(' ')
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` stands for the ids
  useEffect(() => watchDeleted(replica, edited, setDeleted), [replica, key])
  return deleted
}
