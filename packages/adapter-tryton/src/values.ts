/** Values between Tryton's JSON, in which dates and decimals are objects with `__class__`, and the plain ones of a row (SPEC TR-10, TR-11). */
import type { Json, JsonObject } from '@skerry/core'

/** What a value must be like to be written to a field. */
export interface FieldType {
  /** For messages: the path under which the field is written. */
  name: string
  type: string
}

/** A value that its field cannot take; nothing was sent. */
export class Unfit extends Error {
  override readonly name = 'Unfit'
  readonly field: string

  constructor(field: string, message: string) {
    super(message)
    this.field = field
  }
}

const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/
const TIME = /^(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?$/
const INSTANT = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)Z$/
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/
/** Tryton's integers are 32 bits, 64 for biginteger; beyond what JSON keeps exactly neither is of use. */
const INTEGER_MAX: Readonly<Record<string, number>> = {
  integer: 2 ** 31 - 1,
  biginteger: Number.MAX_SAFE_INTEGER,
}

export function decoded(value: unknown): Json {
  if (typeof value !== 'object' || value === null) return (value ?? null) as Json
  if (Array.isArray(value)) return value.map(decoded)
  const raw = value as Record<string, unknown>
  switch (raw.__class__) {
    case 'datetime':
      return `${dateOf(raw)}T${timeOf(raw)}Z`
    case 'date':
      return dateOf(raw)
    case 'time':
      return timeOf(raw)
    case 'timedelta':
      return raw.seconds as Json
    case 'Decimal':
      return raw.decimal as Json
    case 'bytes':
      // Python breaks the lines.
      return String(raw.base64).replaceAll('\n', '')
    default:
      return Object.fromEntries(Object.entries(raw).map(([name, inner]) => [name, decoded(inner)]))
  }
}

/** @throws Unfit */
export function encoded(field: FieldType, value: Json): Json {
  if (value === null) return null
  const encode = encoders[field.type]
  if (!encode)
    throw new Unfit(field.name, `${field.name} is a ${field.type}, which this adapter does not write`)
  const result = encode(value, field.type)
  if (result !== undefined) return result
  const wanted = wantedOf[field.type] ?? `a ${field.type}`
  throw new Unfit(
    field.name,
    `${field.name} wants ${wanted}, and got ${JSON.stringify(value)?.slice(0, 200)}`,
  )
}

type Encode = (value: Json, type: string) => Json | undefined

const text: Encode = (value) => (typeof value === 'string' ? value : undefined)
const integer: Encode = (value, type) =>
  Number.isSafeInteger(value) && Math.abs(value as number) <= (INTEGER_MAX[type] ?? 0) ? value : undefined
const reference: Encode = (value) =>
  typeof value === 'string' && /^[\w.]+,\d+$/.test(value) ? value : undefined

const encoders: Readonly<Record<string, Encode>> = {
  char: text,
  text,
  fulltext: text,
  selection: text,
  boolean: (value) => (typeof value === 'boolean' ? value : undefined),
  integer,
  biginteger: integer,
  float: (value) => (typeof value === 'number' ? value : undefined),
  numeric: (value) => {
    const decimal = Number.isSafeInteger(value) ? String(value) : value
    return typeof decimal === 'string' && DECIMAL.test(decimal)
      ? { __class__: 'Decimal', decimal }
      : undefined
  },
  date: (value) => classed('date', dateParts(value)),
  time: (value) => classed('time', timeParts(value)),
  datetime: instant,
  timestamp: instant,
  timedelta: (value) => (typeof value === 'number' ? { __class__: 'timedelta', seconds: value } : undefined),
  binary: (value) =>
    typeof value === 'string' && value.length % 4 === 0 && BASE64.test(value)
      ? { __class__: 'bytes', base64: value }
      : undefined,
  many2one: (value) => (typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : undefined),
  reference,
  multiselection: (value) =>
    Array.isArray(value) && value.every((one) => typeof one === 'string') ? value : undefined,
  dict: (value) => (typeof value === 'object' && !Array.isArray(value) ? value : undefined),
}

const wantedOf: Readonly<Record<string, string>> = {
  char: 'a text',
  text: 'a text',
  selection: 'one of its values',
  integer: 'a whole number of 32 bits',
  float: 'a number',
  numeric: 'a decimal as a text, as in "19.90"',
  date: 'a date, as in "2026-01-31"',
  time: 'a time, as in "10:30:00"',
  datetime: 'a time in UTC, as in "2026-01-31T10:30:00Z"',
  timestamp: 'a time in UTC, as in "2026-01-31T10:30:00Z"',
  timedelta: 'a number of seconds',
  binary: 'base64',
  many2one: 'the id of a row, as a text',
  reference: 'a model and an id, as in "party.party,5"',
  multiselection: 'a list of its values',
  dict: 'an object',
}

function instant(value: Json): Json | undefined {
  const [, date, time] = (typeof value === 'string' && INSTANT.exec(value)) || []
  const [day, moment] = [dateParts(date ?? null), timeParts(time ?? null)]
  return classed('datetime', day && moment && { ...day, ...moment })
}

function classed(name: string, parts: JsonObject | undefined): Json | undefined {
  return parts && { __class__: name, ...parts }
}

function dateParts(value: Json): JsonObject | undefined {
  const match = typeof value === 'string' ? DATE.exec(value) : null
  // `Date` turns 31 February into March; Python refuses it.
  if (!match || new Date(`${value}T00:00:00Z`).getUTCDate() !== Number(match[3])) return undefined
  return { year: Number(match[1]), month: Number(match[2]), day: Number(match[3]) }
}

function timeParts(value: Json): JsonObject | undefined {
  const match = typeof value === 'string' ? TIME.exec(value) : null
  if (!match) return undefined
  const [hour, minute, second] = [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)]
  if (hour > 23 || minute > 59 || second > 59) return undefined
  return { hour, minute, second, microsecond: Number((match[4] ?? '').padEnd(6, '0')) }
}

function dateOf({ year, month, day }: Record<string, unknown>): string {
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`
}

function timeOf({ hour, minute, second, microsecond }: Record<string, unknown>): string {
  const fraction = microsecond ? `.${String(microsecond).padStart(6, '0')}` : ''
  return `${two(hour)}:${two(minute)}:${two(second)}${fraction}`
}

function two(value: unknown): string {
  return String(value).padStart(2, '0')
}
