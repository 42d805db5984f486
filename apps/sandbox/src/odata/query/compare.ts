/** Rows and conditions: whether one fits the other, and which of two rows comes first. */
import { Refusal } from '../refusal.ts'
import type { Row } from '../rows/row.ts'
import { compareDigits } from '../types/decimal.ts'
import { type EntityType, type Property, propertyOf } from '../types/entity-type.ts'
import { canonicalTime } from '../types/time.ts'
import { guidOf, type Value } from '../types/values.ts'
import type { Condition, Literal } from './filter.ts'
import { unquoted } from './tokens.ts'

export type Compared = { type: EntityType; foldsCase: boolean }

/** @throws Refusal bad-query */
export function fits(compared: Compared, condition: Condition, row: Row): boolean {
  switch (condition.op) {
    case 'and':
      return condition.parts.every((part) => fits(compared, part, row))
    case 'or':
      return condition.parts.some((part) => fits(compared, part, row))
    case 'not':
      return !fits(compared, condition.part, row)
    case 'in':
      return condition.values.some((value) => fits(compared, { ...condition, op: 'eq', value }, row))
    case 'contains':
    case 'startswith':
    case 'endswith': {
      const [text, part] = [valueIn(compared.type, row, condition.property), literalOf(compared, condition)]
      if (typeof text !== 'string' || typeof part !== 'string') return false
      const [whole, inner] = [folded(compared, text), folded(compared, part)]
      if (condition.op === 'contains') return whole.includes(inner)
      return condition.op === 'startswith' ? whole.startsWith(inner) : whole.endsWith(inner)
    }
    default:
      return compares(compared, condition, row)
  }
}

/** Whether properties and literals fit each other, also where there is no row to tell. @throws Refusal bad-query */
export function checkCondition(compared: Compared, condition: Condition): void {
  switch (condition.op) {
    case 'and':
    case 'or':
      for (const part of condition.parts) checkCondition(compared, part)
      return
    case 'not':
      checkCondition(compared, condition.part)
      return
    case 'in':
      for (const value of condition.values) literalOf(compared, { ...condition, value })
      return
    default:
      literalOf(compared, condition)
  }
}

function compares(compared: Compared, condition: Extract<Condition, { value: Literal }>, row: Row): boolean {
  const wanted = literalOf(compared, condition)
  const value = valueIn(compared.type, row, condition.property)
  if (wanted === null || value === null) {
    if (condition.op === 'eq') return wanted === value
    return condition.op === 'ne' && wanted !== value
  }
  const order = compareValues(compared, propertyIn(compared.type, condition.property), value, wanted)
  switch (condition.op) {
    case 'eq':
      return order === 0
    case 'ne':
      return order !== 0
    case 'gt':
      return order > 0
    case 'ge':
      return order >= 0
    case 'lt':
      return order < 0
    default:
      return order <= 0
  }
}

/** Null comes first. */
export function compareValues(compared: Compared, { type }: Property, one: Value, other: Value): number {
  if (one === null || other === null) return Number(one !== null) - Number(other !== null)
  if (type === 'Edm.Decimal' || type === 'Edm.Int64') return compareDigits(String(one), String(other))
  if (typeof one === 'number' && typeof other === 'number') return one - other
  const [a, b] = [folded(compared, String(one)), folded(compared, String(other))]
  return a < b ? -1 : a > b ? 1 : 0
}

export function valueIn({ key, modified }: EntityType, row: Row, property: string): Value {
  if (property === key) return row.id
  return property === modified ? row.modifiedAt : (row.fields[property] ?? null)
}

/** @throws Refusal bad-query */
export function propertyIn(type: EntityType, name: string): Property {
  const property = propertyOf(type, name)
  if (property) return property
  throw new Refusal('bad-query', `Could not find a property named '${name}' on type '${type.name}'.`, {
    target: name,
  })
}

function folded({ foldsCase }: Compared, text: string): string {
  return foldsCase ? text.toLowerCase() : text
}

/** A literal as the property's values are stored. @throws Refusal bad-query */
function literalOf(
  { type }: Compared,
  { property: name, value }: { property: string; value: Literal },
): Value {
  const property = propertyIn(type, name)
  if (value.kind === 'name' && value.text === 'null') return null
  const found = literalAs(property, value)
  if (found !== undefined) return found
  throw new Refusal(
    'bad-query',
    `A binary operator with incompatible types was detected: '${name}' is ${property.type}, ${value.text} is not.`,
    { target: name },
  )
}

function literalAs({ type }: Property, { kind, text }: Literal): Value | undefined {
  switch (type) {
    case 'Edm.Boolean':
      return text === 'true' ? true : text === 'false' ? false : undefined
    case 'Edm.Guid':
      return kind === 'guid' ? guidOf(text) : undefined
    case 'Edm.DateTimeOffset':
      return kind === 'time' ? canonicalTime(text) : undefined
    case 'Edm.Date':
      return kind === 'date' ? text : undefined
    case 'Edm.String':
      return kind === 'string' ? unquoted(text) : undefined
    case 'enum':
      return kind === 'string' || kind === 'enum' ? unquoted(text) : undefined
    case 'Edm.Decimal':
    case 'Edm.Int64':
      return kind === 'number' ? text : undefined
    default:
      return kind === 'number' ? Number(text) : undefined
  }
}
