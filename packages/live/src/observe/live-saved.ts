/** How far the edits of a record have come, field by field at each place, and in one sentence for all of it. */
import type { FieldState, Standing } from '@skerry/core'
import type { LiveReplica } from '../port.ts'
import { liveValue } from './live-value.ts'
import type { Observable, Snapshot } from './observable.ts'

export const HUB = 'hub'

/**
 * `here`: durable on this device. `hub`: at the hub, and on its way to the systems that were asked about. `outside`: in all of them. `refused` and `review`: at least one field is, at `place`. Places are `hub`, or external systems.
 */
export type Stage = 'here' | 'hub' | 'outside' | 'refused' | 'review'

export interface Saved {
  readonly stage: Stage
  /** That the stage speaks of, undefined of `here`; of `outside` all that were asked about, as a list. */
  readonly place: string | undefined
  /** Why, in the place's own words, of `refused` and `review`. */
  readonly reason: string | undefined
  /** What became of each place's fields. */
  readonly standing: Readonly<Record<string, readonly Standing[]>>
}

/** Where the newest edits of the record stand: at the hub, and in these external systems. */
export function liveSaved(
  replica: LiveReplica | undefined,
  collection: string,
  id: string,
  systems: readonly string[] = [],
): Observable<Snapshot<Saved>> {
  const places = [HUB, ...systems]
  return liveValue(replica, `saved ${JSON.stringify([collection, id, systems])}`, (from, told, failed) =>
    from.watchStanding({ collection, id, places }, (standing) => told(savedOf(standing, places)), failed),
  )
}

function savedOf(standing: Readonly<Record<string, readonly Standing[]>>, places: readonly string[]): Saved {
  const found = (state: FieldState) => {
    for (const place of places)
      for (const one of standing[place] ?? []) if (one.state === state) return { place, reason: one.reason }
    return undefined
  }
  for (const stage of ['refused', 'review'] as const) {
    const at = found(stage)
    if (at) return { stage, ...at, standing }
  }
  const pending = places.find((place) => (standing[place] ?? []).some(({ state }) => state === 'pending'))
  const none = { reason: undefined, standing }
  if (pending === HUB) return { stage: 'here', place: undefined, ...none }
  if (pending !== undefined || places.length === 1) return { stage: 'hub', place: HUB, ...none }
  return { stage: 'outside', place: places.slice(1).join(', '), ...none }
}
