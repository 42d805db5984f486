/** A query as SQLite is asked it. Text is compared without regard to case, as Salesforce does; ids are not. */
import { isNumber, type ObjectType } from '../objects/object-type.ts'
import { recordId } from '../objects/record-id.ts'
import { systemFields } from '../objects/system-fields.ts'
import { Refusal } from '../refusal.ts'
import { isFieldOf } from '../rows/told-row.ts'
import { timeOf, timeText } from '../time.ts'
import type { Condition, Literal, Query } from './query.ts'

type Bound = string | number | null

export type Sql = { where: string; orderBy: string; limit: string; bound: Bound[] }

/** @param all with deleted rows, as `queryAll` @throws Refusal INVALID_FIELD, INVALID_QUERY_FILTER_OPERATOR */
export function sqlOf(type: ObjectType, query: Query, all: boolean): Sql {
  const bound: Bound[] = [type.name]
  const parts = ['type = ?', 'hidden = 0']
  if (!all) parts.push('deleted = 0')
  if (query.where) parts.push(conditionOf(type, query.where, bound))
  const order = query.orderBy.map(({ field, descending, nullsLast }) => {
    const nulls = nullsLast ? 'NULLS LAST' : 'NULLS FIRST'
    return `${columnOf(type, field).sql} ${descending ? 'DESC' : 'ASC'} ${nulls}`
  })
  return {
    where: parts.join(' AND '),
    orderBy: order.length > 0 ? order.join(', ') : 'id',
    limit: `LIMIT ${query.limit ?? -1} OFFSET ${query.offset}`,
    bound,
  }
}

function conditionOf(type: ObjectType, condition: Condition, bound: Bound[]): string {
  switch (condition.op) {
    case 'and':
    case 'or': {
      const parts = condition.parts.map((part) => conditionOf(type, part, bound))
      return `(${parts.join(condition.op === 'and' ? ' AND ' : ' OR ')})`
    }
    case 'not':
      return `NOT coalesce(${conditionOf(type, condition.part, bound)}, 0)`
    case 'in':
    case 'not in':
      return membership(type, condition.field, condition.values, condition.op === 'not in', bound)
    case 'like': {
      const column = columnOf(type, condition.field)
      bound.push(boundOf(column, condition.field, condition.value))
      return `${column.sql} LIKE ? ESCAPE '\\'`
    }
    default:
      return comparison(type, condition, bound)
  }
}

function comparison(
  type: ObjectType,
  { op, field, value }: Extract<Condition, { value: Literal }>,
  bound: Bound[],
): string {
  const column = columnOf(type, field)
  if (value.kind === 'null') {
    if (op === '=' || op === '!=') return `${column.sql} IS ${op === '=' ? '' : 'NOT '}NULL`
    throw new Refusal('INVALID_QUERY_FILTER_OPERATOR', `${field} ${op} null`)
  }
  if (op === '=' && column.isKey) return membership(type, field, [value], false, bound)
  bound.push(boundOf(column, field, value))
  // An empty field is not what it is compared with, so it counts as different.
  return op === '!=' ? `${column.sql} IS NOT ?` : `${column.sql} ${op} ?`
}

function membership(
  type: ObjectType,
  field: string,
  values: readonly Literal[],
  negated: boolean,
  bound: Bound[],
): string {
  const column = columnOf(type, field)
  const marks = values.map(() => '?').join(', ')
  if (column.isKey && !negated) {
    bound.push(type.name, field, ...values.map((value) => boundOf(column, field, value)))
    return `id IN (SELECT id FROM keys WHERE type = ? AND field = ? AND value IN (${marks}))`
  }
  bound.push(...values.map((value) => boundOf(column, field, value)))
  return negated ? `coalesce(${column.sql} NOT IN (${marks}), 1)` : `${column.sql} IN (${marks})`
}

type Column = { sql: string; kind: 'text' | 'number' | 'flag' | 'time' | 'stamp' | 'id'; isKey: boolean }

function columnOf(type: ObjectType, name: string): Column {
  if (!isFieldOf(type, name) || type.compounds?.[name])
    throw new Refusal(
      'INVALID_FIELD',
      `\n${name}\n^\nERROR at Row:1:Column:1\nNo such column '${name}' on entity '${type.name}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.`,
    )
  const system = systemFields[name]
  if (system) {
    const kind = system.type === 'datetime' ? 'stamp' : system.type === 'boolean' ? 'flag' : ('id' as const)
    return { sql: system.column, kind, isKey: false }
  }
  const field = type.fields[name]!
  const json = `json_extract(fields, '$."${name}"')`
  if (isNumber(field)) return { sql: `CAST(${json} AS REAL)`, kind: 'number', isKey: false }
  if (field.type === 'boolean') return { sql: json, kind: 'flag', isKey: false }
  if (field.type === 'datetime') return { sql: json, kind: 'time', isKey: false }
  if (field.type === 'reference') return { sql: json, kind: 'id', isKey: false }
  return {
    sql: `${json} COLLATE NOCASE`,
    kind: 'text',
    isKey: field.externalId === true || field.unique === true,
  }
}

function boundOf({ kind }: Column, field: string, value: Literal): Bound {
  if (value.kind === 'null') return null
  if (kind === 'flag' && value.kind === 'boolean') return value.value ? 1 : 0
  if (kind === 'number' && value.kind === 'number') return Number(value.text)
  if ((kind === 'stamp' || kind === 'time') && value.kind === 'time') {
    const ms = timeOf(value.text) ?? Number.NaN
    return kind === 'stamp' ? ms : timeText(ms)
  }
  if (kind === 'id' && value.kind === 'string') return idBound(field, value.text)
  if (kind === 'text' && (value.kind === 'string' || value.kind === 'date')) return value.text
  throw new Refusal(
    'INVALID_FIELD',
    `\n${field}\n^\nERROR at Row:1:Column:1\nvalue of filter criterion for field '${field}' must be of type ${kind} and should ${kind === 'text' ? '' : 'not '}be enclosed in quotes`,
  )
}

function idBound(field: string, text: string): string {
  const id = text === '' ? '' : recordId(text)
  if (id !== undefined) return id
  throw new Refusal(
    'INVALID_QUERY_FILTER_OPERATOR',
    `\n${field}\n^\nERROR at Row:1:Column:1\ninvalid ID field: ${text}`,
  )
}
