/** Listing a set: filtered, sorted, page by page. A page leads to the next by where it ended, so that rows that come and go do not move the others. */

import { type Compared, compareValues, fits, propertyIn, valueIn } from '../query/compare.ts'
import { optionsOf, type QueryOptions } from '../query/options.ts'
import { Refusal } from '../refusal.ts'
import type { Row } from '../rows/row.ts'
import type { EntityType } from '../types/entity-type.ts'
import { toldRow } from '../types/told-row.ts'
import type { Value } from '../types/values.ts'
import type { ODataWorld } from '../world.ts'
import { changedRows, deltaLink } from './delta.ts'
import type { Ask, Reply } from './endpoint.ts'
import { linkOf, pageRowsOf, readToken, writeToken } from './links.ts'
import { contextOf, tellingOf } from './reading.ts'

/** Where a listing goes on. */
type Place = {
  kind: 'page'
  /** Of the last row told: what it was sorted by, its key last. */
  after: Value[]
  /** Rows that may still be told. */
  left?: number
  /** The changes are told later from this version on. */
  since?: number
}

export function listRows(ask: Ask, type: EntityType): Reply {
  const { world, query, preferences } = ask
  const delta = query.get('$deltatoken')
  if (delta !== null) return changedRows(ask, type, delta)
  const place = placeOf(query.get('$skiptoken'))
  const compared = { type, foldsCase: world.profile.foldsCase }
  const options = optionsOf(compared, query)
  const tracks =
    world.profile.delta !== null && (preferences.has('track-changes') || place?.since !== undefined)
  if (tracks) assertTrackable(query)
  const since = tracks ? (place?.since ?? world.rows.lastVersion()) : undefined
  const found = sortedRows(world, compared, options)
  const order = orderOf(compared, options.orderBy)
  const isAfter = (row: Row, after: readonly Value[]) =>
    order(sortedBy(type, options.orderBy, row), after) > 0
  const rest = found.filter((row) => !place || isAfter(row, place.after))
  const left = place?.left ?? options.top
  const allowed = place ? rest : rest.slice(options.skip)
  const most = Math.min(pageRowsOf(ask), left ?? Number.POSITIVE_INFINITY)
  const rows = allowed.slice(0, most)
  const isLast = rows.length === allowed.length || rows.length === left
  const telling = tellingOf(ask, options.select)
  const body = {
    '@odata.context': contextOf(ask, tracks ? `${type.set}/$delta` : type.set),
    ...(options.count && { '@odata.count': found.length }),
    value: rows.map((row) => toldRow(type, row, telling)),
    ...(!isLast && {
      '@odata.nextLink': linkOf(ask, type, {
        $skiptoken: writeToken({
          kind: 'page',
          after: sortedBy(type, options.orderBy, rows.at(-1)!),
          ...(left !== undefined && { left: left - rows.length }),
          ...(since !== undefined && { since }),
        }),
      }),
    }),
    ...(isLast && since !== undefined && { '@odata.deltaLink': deltaLink(ask, type, since) }),
  }
  const applied = [
    ...(preferences.has('maxpagesize') ? [`odata.maxpagesize=${preferences.get('maxpagesize')}`] : []),
    ...(tracks ? ['odata.track-changes'] : []),
  ]
  return {
    status: 200,
    headers: applied.length > 0 ? { 'preference-applied': applied.join(',') } : {},
    body,
  }
}

function sortedRows(world: ODataWorld, compared: Compared, { filter, orderBy }: QueryOptions): Row[] {
  const { type } = compared
  const rows = world.rows.living(type.set).filter((row) => !filter || fits(compared, filter, row))
  if (orderBy.length === 0) return rows
  const order = orderOf(compared, orderBy)
  return rows.sort((one, other) => order(sortedBy(type, orderBy, one), sortedBy(type, orderBy, other)))
}

/** What a row is sorted by, its key last. */
function sortedBy(type: EntityType, orderBy: QueryOptions['orderBy'], row: Row): Value[] {
  return [...orderBy.map(({ property }) => valueIn(type, row, property)), row.id]
}

function orderOf(compared: Compared, orderBy: QueryOptions['orderBy']) {
  const { type } = compared
  const keys = [...orderBy, { property: type.key, descending: false }]
  return (one: readonly Value[], other: readonly Value[]): number => {
    for (const [i, { property, descending }] of keys.entries()) {
      const order = compareValues(compared, propertyIn(type, property), one[i] ?? null, other[i] ?? null)
      if (order !== 0) return descending ? -order : order
    }
    return 0
  }
}

function placeOf(token: string | null): Place | undefined {
  if (token === null) return undefined
  const place = readToken<Place>(token, 'page')
  if (place) return place
  throw new Refusal('bad-query', 'The $skiptoken is malformed.')
}

/** @throws Refusal bad-query */
function assertTrackable(query: URLSearchParams): void {
  const refused = ['$filter', '$orderby', '$top'].find((name) => query.has(name))
  if (refused !== undefined)
    throw new Refusal('bad-query', `${refused} is not supported when changes are tracked.`)
}
