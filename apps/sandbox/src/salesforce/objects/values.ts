/** Values as they are written: checked against the field, and put into the one form in which they are stored. */
import { Refusal } from '../refusal.ts'
import { isDate, timeOf, timeText } from '../time.ts'
import { type Field, isNumber, isText, type ObjectType } from './object-type.ts'
import { checkedId } from './record-id.ts'
import { systemFields } from './system-fields.ts'

/** By field; null and absent are the same. Numbers are kept as digits, times as text. */
export type Values = Record<string, string | boolean | null>

/**
 * The fields of a write.
 * @throws Refusal the first that is wrong
 */
export function checkedValues(type: ObjectType, given: Readonly<Record<string, unknown>>): Values {
  const readOnly = Object.keys(given).filter((name) => name in systemFields || type.compounds?.[name])
  if (readOnly.length > 0)
    throw new Refusal(
      'INVALID_FIELD_FOR_INSERT_UPDATE',
      `Unable to create/update fields: ${readOnly.join(', ')}. Please check the security settings of this field and verify that it is read/write for your profile or permission set.`,
      readOnly,
    )
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      const field = type.fields[name]
      if (!field)
        throw new Refusal('INVALID_FIELD', `No such column '${name}' on sobject of type ${type.name}`)
      return [name, checkedValue(name, field, value)]
    }),
  )
}

function checkedValue(name: string, field: Field, value: unknown): string | boolean | null {
  if (value === null || value === '') return field.type === 'boolean' ? false : null
  if (field.type === 'boolean') return flagOf(field, value)
  if (isNumber(field)) return digitsOf(name, field, value)
  if (typeof value === 'object') throw wrongForm(field, value)
  const text = String(value)
  if (isText(field)) return checkedText(name, field, text)
  if (field.type === 'reference') return checkedId(text, labelOf(name, field), name)
  if (field.type === 'date') {
    if (isDate(text)) return text
    throw wrongForm(field, value)
  }
  const time = timeOf(text)
  if (time === undefined) throw wrongForm(field, value)
  return timeText(time)
}

function checkedText(name: string, field: Field, text: string): string {
  const { length = 255, values, type } = field
  if (values && !values.includes(text))
    throw new Refusal(
      'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
      `${labelOf(name, field)}: bad value for restricted picklist field: ${text}`,
      [name],
    )
  if (text.length > length)
    throw new Refusal(
      'STRING_TOO_LONG',
      `${labelOf(name, field)}: data value too large: ${text.slice(0, 255)} (max length=${length})`,
      [name],
    )
  if (type === 'email' && !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(text))
    throw new Refusal('INVALID_EMAIL_ADDRESS', `${labelOf(name, field)}: invalid email address: ${text}`, [
      name,
    ])
  return text
}

function flagOf(field: Field, value: unknown): boolean {
  if (typeof value === 'boolean') return value
  if (value === 'true' || value === 'false') return value === 'true'
  throw wrongForm(field, value)
}

/** One way to write a number: no sign of plus, no zeros that say nothing, no exponent. */
function digitsOf(name: string, field: Field, value: unknown): string {
  const [match, sign, front = '', behind = '', exponent = '0'] =
    /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,2}))?$/.exec(String(value)) ?? []
  if (match === undefined || front + behind === '' || typeof value === 'boolean')
    throw wrongForm(field, value)
  const point = front.length + Number(exponent)
  const all = (front + behind).padStart(front.length + behind.length - Math.min(0, point), '0')
  const at = Math.max(0, point)
  const whole = all.slice(0, at).padEnd(at, '0').replace(/^0+/, '')
  const fraction = all.slice(at).replace(/0+$/, '')
  const { precision = 18, scale = 0 } = field
  if (whole.length > precision - scale)
    throw new Refusal(
      'NUMBER_OUTSIDE_VALID_RANGE',
      `${labelOf(name, field)}: value outside of valid range on numeric field: ${match}`,
      [name],
    )
  if (fraction.length > scale) throw wrongForm(field, value)
  const digits = `${whole || '0'}${fraction && `.${fraction}`}`
  return sign === '-' && digits !== '0' ? `-${digits}` : digits
}

export function labelOf(name: string, { label }: Pick<Field, 'label'>): string {
  return label ?? name.replace(/__c$/, '').replaceAll('_', ' ')
}

function wrongForm({ type }: Field, value: unknown): Refusal {
  const kind = typeof value === 'object' ? 'START_OBJECT' : `VALUE_${typeof value}`.toUpperCase()
  return new Refusal(
    'JSON_PARSER_ERROR',
    `Cannot deserialize instance of ${type} from ${kind} value ${String(value)} or request may be missing a required field`,
  )
}
