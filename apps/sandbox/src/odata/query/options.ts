/** The query options of one request, checked against the type. */
import { Refusal } from '../refusal.ts'
import type { EntityType } from '../types/entity-type.ts'
import { type Compared, checkCondition, propertyIn } from './compare.ts'
import { type Condition, parseFilter } from './filter.ts'

export type QueryOptions = {
  /** Undefined: every property. */
  select: readonly string[] | undefined
  filter: Condition | undefined
  orderBy: readonly { property: string; descending: boolean }[]
  top: number | undefined
  skip: number
  count: boolean
}

const known = [
  '$select',
  '$filter',
  '$orderby',
  '$top',
  '$skip',
  '$count',
  '$format',
  '$skiptoken',
  '$deltatoken',
]

/** Options without a `$` are the service's own, and nothing to this one. @throws Refusal bad-query */
export function optionsOf(compared: Compared, query: URLSearchParams): QueryOptions {
  const { type } = compared
  const unknown = [...query.keys()].find((name) => name.startsWith('$') && !known.includes(name))
  if (unknown === '$expand' || unknown === '$apply' || unknown === '$search')
    throw new Refusal('not-implemented', `${unknown} is not supported.`)
  if (unknown !== undefined)
    throw new Refusal('bad-query', `The query parameter '${unknown}' is not supported.`)
  const filter = query.get('$filter')
  return {
    select: selectOf(type, query),
    filter: filter === null ? undefined : filterOf(compared, filter),
    orderBy: orderOf(type, query.get('$orderby')),
    top: wholeOf(query, '$top'),
    skip: wholeOf(query, '$skip') ?? 0,
    count: query.get('$count') === 'true',
  }
}

function filterOf(compared: Compared, text: string): Condition {
  const filter = parseFilter(text)
  checkCondition(compared, filter)
  return filter
}

export function selectOf(type: EntityType, query: URLSearchParams): readonly string[] | undefined {
  const select = query.get('$select')
  if (select === null || select === '*') return undefined
  const names = select.split(',').map((name) => name.trim())
  for (const name of names) propertyIn(type, name)
  return names
}

function orderOf(type: EntityType, text: string | null): QueryOptions['orderBy'] {
  if (text === null || text === '') return []
  return text.split(',').map((part) => {
    const [property = '', direction = 'asc', ...rest] = part.trim().split(/ +/)
    if (rest.length > 0 || (direction !== 'asc' && direction !== 'desc'))
      throw new Refusal('bad-query', `Syntax error in $orderby at '${part}'.`)
    propertyIn(type, property)
    return { property, descending: direction === 'desc' }
  })
}

function wholeOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null) return undefined
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new Refusal('bad-query', `Invalid value '${text}' for ${name}: a whole number is wanted.`)
}
