/**
 * Which rows a search finds from a time on, oldest first, and where the next search begins (SPEC HS-11). HubSpot sorts by one property, so that rows of one time come in no order:
 *
 *   from a time on, by time ── a page of several times ──▶ from the last of them on (its rows come again)
 *                           └─ a page of one time ───────▶ its rows by id ── to their end ──▶ from the next millisecond on
 */
import type { Call, Failure } from '@skerry/bridge'
import * as z from 'zod'
import { type Client, failureTold } from './client.ts'
import type { KnownType } from './definitions.ts'
import { SEARCH_ROWS_MAX } from './limits.ts'
import { pathOf } from './reader.ts'
import { timePropertyOf } from './types.ts'

/** From this time on; with an id: among the rows of just this time, those with a larger id. */
export interface Place {
  time: number
  id?: string | undefined
}

export interface FoundIds {
  kind: 'ids'
  ids: string[]
  /** Undefined at the end. */
  next: Place | undefined
}

const foundSchema = z.object({
  results: z.array(z.object({ id: z.string(), properties: z.record(z.string(), z.string().nullable()) })),
})

export async function changedIds(
  client: Client,
  known: KnownType,
  place: Place,
  limit: number,
  call: Call,
): Promise<FoundIds | Failure> {
  const property = timePropertyOf(known.type)
  const most = Math.min(limit, SEARCH_ROWS_MAX)
  const body = { ...question(property, place), properties: [property], limit: most }
  const path = `${pathOf(known)}/search`
  const answer = await client.send({ method: 'POST', path, body, purpose: 'read' }, call)
  if (answer.kind !== 'told') return answer
  if (answer.meaning !== 'done') return failureTold(answer)
  const { data } = foundSchema.safeParse(answer.body)
  const found = data?.results.map(({ id, properties }) => ({
    id,
    time: Date.parse(properties[property] ?? ''),
  }))
  if (!found || found.some(({ time }) => Number.isNaN(time)))
    return {
      kind: 'unknown',
      reason: `${answer.about}: the answer holds something that is no result of a search`,
    }
  return { kind: 'ids', ids: found.map(({ id }) => id), next: nextPlace(place, found, found.length < most) }
}

function question(property: string, { time, id }: Place) {
  const filter = (propertyName: string, operator: string, value: string) => ({
    propertyName,
    operator,
    value,
  })
  if (id === undefined)
    return {
      filterGroups: [{ filters: [filter(property, 'GTE', String(time))] }],
      sorts: [{ propertyName: property, direction: 'ASCENDING' }],
    }
  return {
    filterGroups: [{ filters: [filter(property, 'EQ', String(time)), filter('hs_object_id', 'GT', id)] }],
    sorts: [{ propertyName: 'hs_object_id', direction: 'ASCENDING' }],
  }
}

function nextPlace(
  { time, id }: Place,
  found: readonly { id: string; time: number }[],
  isEnd: boolean,
): Place | undefined {
  const [first, last] = [found[0], found.at(-1)]
  if (id !== undefined) return isEnd || !last ? { time: time + 1 } : { time, id: last.id }
  if (isEnd || !first || !last) return undefined
  return first.time === last.time ? { time: last.time, id: '0' } : { time: last.time }
}
