/** A search as it is asked for, checked, as a question in SQL. */
import * as z from 'zod'
import {
  filterGroupsMax,
  filtersMax,
  groupFiltersMax,
  searchLengthMax,
  searchRowsDefault,
  searchRowsMax,
  sortsMax,
} from '../limits.ts'
import { modifiedPropertyOf, type ObjectType } from '../objects/object-type.ts'
import { propertiesOf } from '../objects/system-properties.ts'
import { validation } from '../refusal.ts'
import type { Question } from './search-index.ts'

const comparisons = { EQ: '=', NEQ: '<>', LT: '<', LTE: '<=', GT: '>', GTE: '>=' } as const
const operators = [
  ...(Object.keys(comparisons) as (keyof typeof comparisons)[]),
  'BETWEEN',
  'IN',
  'NOT_IN',
  'HAS_PROPERTY',
  'NOT_HAS_PROPERTY',
  'CONTAINS_TOKEN',
  'NOT_CONTAINS_TOKEN',
] as const

const value = z.union([z.string(), z.number()]).transform(String)
const filterSchema = z.object({
  propertyName: z.string(),
  operator: z.enum(operators),
  value: value.optional(),
  highValue: value.optional(),
  values: z.array(value).optional(),
})
const sortSchema = z.union([
  z.string().transform((propertyName) => ({ propertyName, direction: 'ASCENDING' })),
  z.object({ propertyName: z.string(), direction: z.enum(['ASCENDING', 'DESCENDING']).default('ASCENDING') }),
])

export const searchSchema = z.object({
  filterGroups: z
    .array(z.object({ filters: z.array(filterSchema).max(groupFiltersMax) }))
    .max(filterGroupsMax)
    .default([]),
  sorts: z.array(sortSchema).max(sortsMax).default([]),
  query: z.string().max(searchLengthMax).optional(),
  properties: z.array(z.string()).optional(),
  limit: z.int().min(0).max(searchRowsMax).default(searchRowsDefault),
  after: value.pipe(z.string().regex(/^\d{0,9}$/)).optional(),
})

type Search = z.output<typeof searchSchema>
type Filter = z.output<typeof filterSchema>
type Sql = { sql: string; values: unknown[] }

/** Rows of one value come in no order that anybody could rely on; it is the same each time. */
const noOrder = '(id * 7919) % 10007, id'

/**
 * @param resultsMax results that can be paged to
 * @throws Refusal VALIDATION_ERROR
 */
export function questionOf(
  type: ObjectType,
  { filterGroups, sorts, query, limit, after }: Search,
  resultsMax: number,
): Question {
  const offset = Number(after ?? 0)
  if (offset + limit > resultsMax)
    throw validation(
      `There was a problem with the request. Paging past ${resultsMax} results is not supported.`,
    )
  if (filterGroups.flatMap(({ filters }) => filters).length > filtersMax)
    throw validation(`There was a problem with the request. ${filtersMax} filters are the most.`)
  const groups = filterGroups.map(({ filters }) =>
    joined(
      filters.map((one) => filterSql(type, one)),
      'AND',
    ),
  )
  const parts = [
    ...(groups.length > 0 ? [joined(groups, 'OR')] : []),
    ...(query ? [{ sql: 'instr(lower(properties), lower(?)) > 0', values: [query] }] : []),
  ]
  const { sql, values } = joined(parts, 'AND')
  const [sort] = sorts
  const order = sort
    ? `${column(type, sort.propertyName).sql} ${sort.direction === 'ASCENDING' ? 'ASC' : 'DESC'}, ${noOrder}`
    : 'id'
  return { where: sql, values, order, limit, offset }
}

function joined(parts: readonly Sql[], word: 'AND' | 'OR'): Sql {
  if (parts.length === 0) return { sql: '1 = 1', values: [] }
  return {
    sql: `(${parts.map(({ sql }) => sql).join(` ${word} `)})`,
    values: parts.flatMap(({ values }) => values),
  }
}

function filterSql(type: ObjectType, filter: Filter): Sql {
  const { propertyName, operator, value, highValue, values = [] } = filter
  const { sql, given } = column(type, propertyName)
  const wanted = (one: string | undefined) => {
    if (one === undefined) throw validation(`operator ${operator} of ${propertyName} wants a value`)
    return given(one)
  }
  switch (operator) {
    case 'HAS_PROPERTY':
      return { sql: `${sql} IS NOT NULL`, values: [] }
    case 'NOT_HAS_PROPERTY':
      return { sql: `${sql} IS NULL`, values: [] }
    case 'BETWEEN':
      return { sql: `${sql} BETWEEN ? AND ?`, values: [wanted(value), wanted(highValue)] }
    case 'IN':
    case 'NOT_IN': {
      const list = values.map(() => '?').join(', ')
      return { sql: `${sql} ${operator === 'IN' ? 'IN' : 'NOT IN'} (${list})`, values: values.map(given) }
    }
    case 'CONTAINS_TOKEN':
    case 'NOT_CONTAINS_TOKEN': {
      const part = wanted(value?.replaceAll('*', ''))
      return { sql: `instr(${sql}, ?) ${operator === 'CONTAINS_TOKEN' ? '> 0' : '= 0'}`, values: [part] }
    }
    default:
      return { sql: `${sql} ${comparisons[operator]} ?`, values: [wanted(value)] }
  }
}

/** How a property is compared, and how a value that it is compared with is written. @throws Refusal for one that is none */
function column(type: ObjectType, name: string): { sql: string; given: (value: string) => string | number } {
  const property = propertiesOf(type)[name]
  if (!property) throw validation(`There was a problem with the request. Property ${name} does not exist.`)
  if (name === modifiedPropertyOf(type)) return { sql: 'modifiedAt', given: timeOf }
  if (name === 'hs_object_id') return { sql: 'id', given: Number }
  // The name is one of the type's own: nothing of the caller's stands in the question.
  const text = `json_extract(properties, '$.${name}')`
  if (property.type === 'number') return { sql: `CAST(${text} AS REAL)`, given: Number }
  if (property.type === 'datetime')
    return { sql: text, given: (value) => new Date(timeOf(value)).toISOString() }
  return { sql: `lower(${text})`, given: (value) => value.toLowerCase() }
}

/** Milliseconds, or a time as text. @throws Refusal VALIDATION_ERROR */
function timeOf(value: string): number {
  const at = /^-?\d{1,15}$/.test(value) ? Number(value) : Date.parse(value)
  if (Number.isNaN(at)) throw validation(`There was a problem with the request. ${value} is no time.`)
  return at
}
