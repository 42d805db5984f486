/**
 * Conversion by declaration (SPEC B-72 to B-74): a kind says what the value is, the record holds it in one canonical form, and the row in the form that its system likes. What does not
 * fit is an error and never a guess.
 */
import { equalJson, type Json, nearest, type Scalar } from '@skerry/core'
import { canonicalDecimal, floatOfDecimal } from './decimal.ts'
import { canonicalTime, checkedDate, dateOfMs, dateOfTime, timeOfMs } from './instant.ts'

export const kinds = [
  'text',
  'integer',
  'number',
  'decimal',
  'boolean',
  'date',
  'time',
  'enum',
  'json',
] as const
export type Kind = (typeof kinds)[number]

/** How a row holds a value, where that is not what the kind does by default. */
export const forms = ['number', 'seconds', 'milliseconds', 'iso-without-zone'] as const
export type Form = (typeof forms)[number]

/** Forms besides the default one, by kind. */
export const formsOf: Readonly<Partial<Record<Kind, readonly Form[]>>> = {
  decimal: ['number'],
  date: ['seconds', 'milliseconds'],
  time: ['seconds', 'milliseconds', 'iso-without-zone'],
}

export interface Conversion {
  kind: Kind
  as?: Form | undefined
  /** Digits behind the point, of a decimal. */
  scale?: number | undefined
  /** Of an enum, or a boolean (`true`, `false`): the row's value by the record's. */
  values?: Readonly<Record<string, Scalar>> | undefined
}

/** Neither is called for what is empty. Both throw RangeError, saying what is there and what would fit. */
export interface Converter {
  to(value: Json): Json
  from(value: Json): Json
}

export function converterOf({ kind, as, scale, values }: Conversion): Converter {
  switch (kind) {
    case 'text':
      return { to: wantText, from: (value) => (isNumberOrBoolean(value) ? String(value) : wantText(value)) }
    case 'integer':
      return { to: wantInteger, from: (value) => wantInteger(numberIn(value)) }
    case 'number':
      return { to: wantNumber, from: (value) => wantNumber(numberIn(value)) }
    case 'decimal':
      return decimal(scale, as)
    case 'boolean':
      return values
        ? booleanTable(values)
        : { to: wantBoolean, from: (value) => wantBoolean(booleanIn(value)) }
    case 'date':
      return date(as)
    case 'time':
      return time(as)
    case 'enum':
      return values ? table(values) : { to: wantText, from: wantText }
    case 'json':
      return { to: (value) => value, from: (value) => value }
  }
}

function decimal(scale: number | undefined, as: Form | undefined): Converter {
  const canonical = (value: Json) => {
    if (typeof value === 'string' || typeof value === 'number') return canonicalDecimal(value, scale)
    throw misfit(value, 'a decimal')
  }
  const to = (value: Json) => {
    // A float in a record has been through arithmetic already: 0.1 + 0.2 is not 0.3.
    if (typeof value !== 'string') throw misfit(value, "a decimal as text, such as '19.90'")
    return canonicalDecimal(value, scale)
  }
  return { to: as === 'number' ? (value) => floatOfDecimal(to(value)) : to, from: canonical }
}

const msPer: Partial<Record<Form, number>> = { seconds: 1_000, milliseconds: 1 }

function date(as: Form | undefined): Converter {
  const unit = as && msPer[as]
  const to = (value: Json) => checkedDate(wantText(value))
  if (unit)
    return {
      to: (value) => Date.parse(`${to(value)}T00:00:00Z`) / unit,
      from: (value) => dateOfMs(wantInteger(numberIn(value)) * unit),
    }
  return { to, from: (value) => (wantText(value).length > 10 ? dateOfTime(wantText(value)) : to(value)) }
}

function time(as: Form | undefined): Converter {
  const unit = as && msPer[as]
  const to = (value: Json) => canonicalTime(wantText(value))
  if (unit)
    return {
      to: (value) => Math.floor(Date.parse(to(value)) / unit),
      from: (value) => timeOfMs(wantInteger(numberIn(value)) * unit),
    }
  if (as === 'iso-without-zone')
    return {
      to: (value) => to(value).slice(0, -1),
      from: (value) => canonicalTime(wantText(value), 'Z'),
    }
  return { to, from: to }
}

/** The first of two that are written alike there is what comes back (a warning says so, round-trip.ts). */
function table(values: Readonly<Record<string, Scalar>>): Converter {
  const entries = Object.entries(values)
  const known = Object.keys(values)
  return {
    to: (value) => {
      const word = wantText(value)
      if (Object.hasOwn(values, word)) return values[word]!
      throw new RangeError(`'${word}' is not in the table; ${meantOrKnown(word, known)}`)
    },
    from: (value) => {
      const found = entries.find(([, other]) => equalJson(other, value))
      if (found) return found[0]
      const theirs = entries.map(([, other]) => String(other))
      throw new RangeError(
        `${JSON.stringify(value)} is not in the table; ${meantOrKnown(String(value), theirs)}`,
      )
    },
  }
}

function booleanTable(values: Readonly<Record<string, Scalar>>): Converter {
  const { to, from } = table(values)
  return { to: (value) => to(String(wantBoolean(value))), from: (value) => from(value) === 'true' }
}

function meantOrKnown(word: string, known: readonly string[]): string {
  const meant = nearest(word, known)
  return meant === undefined ? `it has ${known.join(', ')}` : `did you mean '${meant}'?`
}

function wantText(value: Json): string {
  if (typeof value === 'string') return value
  throw misfit(value, 'text')
}

function wantBoolean(value: Json): boolean {
  if (typeof value === 'boolean') return value
  throw misfit(value, 'true or false')
}

function wantNumber(value: Json): number {
  if (typeof value === 'number') return value
  throw misfit(value, 'a number')
}

function wantInteger(value: Json): number {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value
  throw misfit(value, 'a whole number below 2^53')
}

function isNumberOrBoolean(value: Json): value is number | boolean {
  return typeof value === 'number' || typeof value === 'boolean'
}

/** Systems that know only text send numbers as text. */
function numberIn(value: Json): Json {
  return typeof value === 'string' && /^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$/.test(value)
    ? Number(value)
    : value
}

function booleanIn(value: Json): Json {
  return value === 'true' ? true : value === 'false' ? false : value
}

function misfit(value: Json, wanted: string): RangeError {
  const shown = JSON.stringify(value)
  return new RangeError(`${shown.length > 80 ? `${shown.slice(0, 80)}…` : shown} is not ${wanted}`)
}
