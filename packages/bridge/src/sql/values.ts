/** Values between JSON and the text that databases write (SPEC SQ-10 to SQ-13). */
import type { Json } from '@skerry/core'
import type { Dialect } from './dialect.ts'
import type { ColumnFacts } from './facts.ts'
import type { Cell } from './statement.ts'

const INTEGER = /^[+-]?\d+$/
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i
const DATE = /^\d{4}-\d{2}-\d{2}$/
const TIME = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(\.\d{1,9})?(Z|[+-]\d{2}:?\d{2})$/

/** A cell as JSON; what the database writes and no JSON has (`infinity`, `NaN`) stays text. */
export function decoded({ kind }: ColumnFacts, cell: Cell): Json {
  if (cell === null) return null
  switch (kind) {
    case 'integer': {
      const number = Number(cell)
      return Number.isSafeInteger(number) ? number : cell
    }
    case 'number': {
      const number = Number(cell)
      return Number.isFinite(number) ? number : cell
    }
    case 'boolean':
      return cell === 't' || cell === 'true' || cell === '1'
    case 'time':
      return isoOf(cell)
    case 'json':
      return JSON.parse(cell) as Json
    default:
      return cell
  }
}

/** A value as the database takes it, or what is wrong with it. */
export function encoded(
  column: ColumnFacts,
  value: Json,
  encoding: Dialect['encoding'],
): { cell: Cell } | { fault: string } {
  if (value === null) return { cell: null }
  const { kind, sqlType } = column
  const wrong = (want: string) => ({ fault: `${column.name} is ${sqlType} and wants ${want}` })
  switch (kind) {
    case 'integer':
      if (typeof value === 'number' && Number.isSafeInteger(value)) return { cell: String(value) }
      if (typeof value === 'string' && INTEGER.test(value)) return { cell: value }
      return wrong('a whole number, or one as text')
    case 'decimal':
      if (typeof value === 'number' && Number.isSafeInteger(value)) return { cell: String(value) }
      if (typeof value === 'string' && DECIMAL.test(value)) return { cell: value }
      return wrong('a decimal as text: a fraction as a number has lost digits already')
    case 'number':
      return typeof value === 'number' ? { cell: String(value) } : wrong('a number')
    case 'boolean':
      return typeof value === 'boolean' ? { cell: encoding[`${value}`] } : wrong('true or false')
    case 'date':
      return typeof value === 'string' && DATE.test(value) ? { cell: value } : wrong('a date as 2026-01-31')
    case 'time': {
      const iso = typeof value === 'string' ? utcOf(value) : undefined
      return iso === undefined ? wrong('a time as 2026-01-31T10:00:00Z') : { cell: encoding.time(iso) }
    }
    case 'json':
      return { cell: JSON.stringify(value) }
    default:
      return typeof value === 'string' ? { cell: value } : wrong('a text')
  }
}

/** `2026-01-31 10:00:00.5+00` as `2026-01-31T10:00:00.5Z`. */
function isoOf(cell: string): string {
  const [, day, time, fraction = ''] =
    /^(\d{4,}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})(\.\d+)?(?:\+00)?$/.exec(cell) ?? []
  return day === undefined ? cell : `${day}T${time}${fraction}Z`
}

/** The same moment in UTC, with all digits of its second. */
function utcOf(text: string): string | undefined {
  const [, day, time, fraction = '', zone = ''] = TIME.exec(text) ?? []
  const at = Date.parse(`${day}T${time}${zone}`)
  return Number.isNaN(at) ? undefined : `${new Date(at).toISOString().slice(0, 19)}${fraction}Z`
}
