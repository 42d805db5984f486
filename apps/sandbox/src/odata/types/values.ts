/** Values as they are written: checked against the property, and put into the one form in which they are stored. */
import { isDate } from '../../date.ts'
import { Refusal } from '../refusal.ts'
import { digitsOf } from './decimal.ts'
import { type EntityType, type Property, propertyOf } from './entity-type.ts'
import { canonicalTime } from './time.ts'

export type Value = string | number | boolean | null
/** By property; null and absent are the same. Decimals and Int64 are digits, times as in time.ts. */
export type Values = Record<string, Value>

const guidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

export function guidOf(text: string): string | undefined {
  return guidPattern.test(text) ? text.toLowerCase() : undefined
}

/**
 * The properties of a write; the key is not among them.
 * @param exact decimals come as text (IEEE754Compatible)
 * @throws Refusal unknown-property, invalid-value
 */
export function checkedValues(
  type: EntityType,
  given: Readonly<Record<string, unknown>>,
  exact: boolean,
): Values {
  const named = Object.entries(given).filter(([name]) => !name.includes('@') && name !== type.key)
  return Object.fromEntries(
    named.map(([name, value]) => {
      const property = propertyOf(type, name)
      if (!property)
        throw new Refusal(
          'unknown-property',
          `The property '${name}' does not exist on type '${type.name}'. Make sure to only use property names that are defined by the type.`,
          { target: name },
        )
      if (property.computed) throw wrong(name, `Property '${name}' is read-only`)
      return [name, value === null ? null : checkedValue(name, property, value, exact)]
    }),
  )
}

function checkedValue(name: string, property: Property, value: unknown, exact: boolean): Value {
  const stored = storedForm(property, value, exact)
  if (stored === undefined)
    throw wrong(
      name,
      `Cannot convert the literal '${String(value)}' to the expected type '${property.type}'.`,
    )
  const { maxLength, values } = property
  if (values && !values.includes(String(stored)))
    throw wrong(name, `'${String(value)}' is none of ${values.join(', ')}`)
  if (maxLength !== undefined && typeof stored === 'string' && stored.length > maxLength)
    throw wrong(name, `The length of '${name}' exceeded its maximum of ${maxLength}.`)
  return stored
}

function storedForm({ type, precision = 18, scale = 0 }: Property, value: unknown, exact: boolean) {
  switch (type) {
    case 'Edm.Boolean':
      return typeof value === 'boolean' ? value : undefined
    case 'Edm.Double':
      return typeof value === 'number' ? value : undefined
    case 'Edm.Int32':
      return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 2 ** 31
        ? value
        : undefined
    case 'Edm.Int64':
      return (exact ? typeof value === 'string' : isNumeric(value)) ? digitsOf(`${value}`, 19, 0) : undefined
    case 'Edm.Decimal':
      return (exact ? typeof value === 'string' : isNumeric(value))
        ? digitsOf(`${value}`, precision, scale)
        : undefined
    default:
      return typeof value === 'string' ? textForm(type, value) : undefined
  }
}

/** The digits of a number that no float holds come as text (exact-json.ts). */
function isNumeric(value: unknown): boolean {
  return typeof value === 'number' || (typeof value === 'string' && value.replace(/\D/g, '').length > 15)
}

function textForm(type: Property['type'], value: string): string | undefined {
  if (type === 'Edm.Guid') return guidOf(value)
  if (type === 'Edm.Date') return isDate(value) ? value : undefined
  return type === 'Edm.DateTimeOffset' ? canonicalTime(value) : value
}

function wrong(target: string, message: string): Refusal {
  return new Refusal('invalid-value', message, { target })
}
