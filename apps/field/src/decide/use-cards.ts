/** Cards of all orders that were edited here lately, looked after once for the whole app. */

import type { ConcurrentValues } from '@skerry/core'
import { createContext, useContext, useEffect, useState, useSyncExternalStore } from 'react'
import { ORDERS, PLACES } from '../order/order.ts'
import { useTouched } from '../order/use-touched.ts'
import { useReplica } from '../replica/replica-context.ts'
import type { StandingByPlace } from '../replica/use-states.ts'
import { type Card, cardsOf } from './card.ts'
import { dismissedCards, onDismissed } from './dismissed.ts'

/** Orders looked after: each costs the engine a look when it changes. */
const WATCHED_MAX = 12

const CardsContext = createContext<readonly Card[]>([])

export const CardsProvider = CardsContext.Provider

export function useCards(): readonly Card[] {
  return useContext(CardsContext)
}

interface Known {
  standing: StandingByPlace
  concurrent: readonly ConcurrentValues[]
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
    let isOver = false
    const stops = ids.map((id) =>
      replica.watchStanding(
        { collection: ORDERS, id, places: PLACES },
        (standing) => {
          replica.concurrent(ORDERS, id).then(
            (concurrent) => {
              if (!isOver) setKnown((before) => new Map(before).set(id, { standing, concurrent }))
            },
            // The order has left this device meanwhile: nobody is to decide about it here.
            () => undefined,
          )
        },
        () => undefined,
      ),
    )
    return () => {
      isOver = true
      for (const stop of stops) stop()
    }
  }, [replica, key])
  return touched.flatMap((one) => {
    const seen = known.get(one.id)
    return seen ? cardsOf(one, seen.standing, seen.concurrent, (card) => dismissed.has(card)) : []
  })
}
