/** Values as they are written: checked against the property, and put into the one form in which they are stored, which is text. */
import { type ErrorDetail, type Refusal, validation } from '../refusal.ts'
import type { ObjectType, Property } from './object-type.ts'
import { propertiesOf } from './system-properties.ts'

/** By property; an empty one is not there. */
export type Values = Record<string, string>

type Wrong = { name: string; code: string; message: string }

/**
 * The properties of a write; an empty text empties one. `null` is not documented, so that it is refused here.
 * @throws Refusal VALIDATION_ERROR that names all that are wrong
 */
export function checkedValues(type: ObjectType, given: Readonly<Record<string, unknown>>): Values {
  const known = propertiesOf(type)
  const wrong: Wrong[] = []
  const values: Values = {}
  for (const [name, value] of Object.entries(given)) {
    const stored = storedValue(name, known[name], value)
    if (typeof stored === 'string') values[name] = stored
    else wrong.push(stored)
  }
  if (wrong.length > 0) throw notValid(wrong)
  return values
}

export function notValid(wrong: readonly Wrong[]): Refusal {
  const told = wrong.map(({ name, code, message }) => ({ isValid: false, message, error: code, name }))
  const errors = wrong.map(
    ({ name, code, message }): ErrorDetail => ({ message, code, context: { propertyName: [name] } }),
  )
  return validation(`Property values were not valid: ${JSON.stringify(told)}`, { errors })
}

function storedValue(name: string, property: Property | undefined, value: unknown): string | Wrong {
  const wrong = (code: string, message: string): Wrong => ({ name, code, message })
  if (!property) return wrong('PROPERTY_DOESNT_EXIST', `Property "${name}" does not exist`)
  if (property.readOnly)
    return wrong('READ_ONLY_VALUE', `"${name}" is a read only property; its value cannot be set.`)
  if (!['string', 'number', 'boolean'].includes(typeof value))
    return wrong('INVALID_VALUE', `${JSON.stringify(value)} is no value of a property`)
  const text = String(value)
  return text === '' ? text : (checkedText(property, text) ?? wrong(...refused(property, text)))
}

/** Undefined for what the property does not take. */
function checkedText({ type, fieldType, options }: Property, text: string): string | undefined {
  switch (type) {
    case 'string':
      return text.length <= 65_536 ? text : undefined
    case 'number':
      return /^-?\d{1,30}(\.\d{1,20})?$/.test(text) ? text : undefined
    case 'bool':
      return text === 'true' || text === 'false' ? text : undefined
    case 'date':
      return dateOf(text)
    case 'datetime':
      return timeOf(text)
    case 'enumeration': {
      const chosen = fieldType === 'checkbox' ? text.split(';').filter(Boolean) : [text]
      return chosen.every((one) => !options || options.includes(one)) ? chosen.join(';') : undefined
    }
  }
}

function refused({ type, options = [] }: Property, text: string): [string, string] {
  if (type === 'number') return ['INVALID_NUMERIC_FORMAT', `${text} was not a valid number.`]
  if (type === 'date') return ['INVALID_DATE', `${text} is at ${text}. Dates are at midnight UTC.`]
  if (type === 'datetime') return ['INVALID_LONG', `${text} was not a valid long.`]
  if (type === 'string') return ['INVALID_STRING_LENGTH', 'The value is longer than 65536 characters.']
  return ['INVALID_OPTION', `${text} was not one of the allowed options: [${options.join(', ')}]`]
}

/** A day, or milliseconds of its midnight. */
function dateOf(text: string): string | undefined {
  const at = /^-?\d{1,15}$/.test(text) ? Number(text) : Date.parse(`${text}T00:00:00Z`)
  if (Number.isNaN(at) || at % 86_400_000 !== 0) return undefined
  const day = new Date(at).toISOString().slice(0, 10)
  return /^\d{4}-\d\d-\d\d$/.test(text) && day !== text ? undefined : day
}

/** Milliseconds, or a time with its zone. */
function timeOf(text: string): string | undefined {
  if (/^-?\d{1,15}$/.test(text)) return new Date(Number(text)).toISOString()
  const at = /^\d{4}-\d\d-\d\d(T.*(Z|[+-]\d\d:\d\d))?$/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? undefined : new Date(at).toISOString()
}
