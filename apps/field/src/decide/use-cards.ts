/** Cards of all orders that were edited here lately, looked after once for the whole app. */

import { createContext, useContext, useEffect, useState, useSyncExternalStore } from 'react'
import { useTouched } from '../order/use-touched.ts'
import { useReplica } from '../replica/replica-context.ts'
import { type Card, cardsOf } from './card.ts'
import { dismissedCards, onDismissed } from './dismissed.ts'
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
  const touched = useTouched().slice(0, WATCHED_MAX)
  const dismissed = useSyncExternalStore(onDismissed, dismissedCards)
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
  return touched.flatMap((one) => {
    const seen = known.get(one.id)
    return seen ? cardsOf(one, seen.standing, seen.concurrent, (card) => dismissed.has(card)) : []
  })
}
