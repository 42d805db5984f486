/** All that cards of one order are made of, told again whenever the order or an answer about it changes. */
import type { ConcurrentValues } from '@skerry/core'
import type { LiveReplica, Stop } from '@skerry/live'
import { ORDERS, PLACES } from '../order/order.ts'
import type { StandingByPlace } from '../replica/use-states.ts'

export interface Known {
  standing: StandingByPlace
  concurrent: readonly ConcurrentValues[]
}

export function watchOrder(replica: LiveReplica, id: string, told: (known: Known) => void): Stop {
  let standing: StandingByPlace = {}
  let asks = 0
  let isOver = false
  const look = async () => {
    asks += 1
    const ask = asks
    try {
      const concurrent = await replica.concurrent(ORDERS, id)
      // A later look knows better.
      if (!isOver && ask === asks) told({ standing, concurrent })
    } catch {
      // The order has left this device: nobody is to decide about it here.
      if (!isOver) told({ standing: {}, concurrent: [] })
    }
  }
  // A watch that fails has nothing to ask anybody; the page's own watches say why.
  const failed = () => undefined
  const stops = [
    replica.watch(
      { collection: ORDERS, where: { id: { wanted: id } }, orderBy: [] },
      () => void look(),
      failed,
    ),
    replica.watchStanding(
      { collection: ORDERS, id, places: PLACES },
      (now) => {
        standing = now
        void look()
      },
      failed,
    ),
  ]
  return () => {
    isOver = true
    for (const stop of stops) stop()
  }
}
