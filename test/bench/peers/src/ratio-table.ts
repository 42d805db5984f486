/** The table that is printed: one row a figure, one column a contender, each value with how many times ours it is. */
import { spelled } from '../../src/table.ts'
import type { Contender } from './contender.ts'
import { OURS } from './contenders.ts'
import type { Exchange, Outcome } from './outcome.ts'

interface Row {
  what: string
  unit: string
  /** Undefined where it was not reached. */
  of(outcome: Outcome): number | undefined
}

const messages = ({ traffic }: Exchange) => traffic.messagesUp + traffic.messagesDown
const exchangeRows = (what: string, of: (outcome: Outcome) => Exchange | undefined): Row[] => [
  { what, unit: 'ms', of: (outcome) => of(outcome)?.ms },
  { what: `${what}: messages`, unit: '', of: (outcome) => mapped(of(outcome), messages) },
  { what: `${what}: to the device`, unit: 'B', of: (outcome) => of(outcome)?.traffic.bytesDown },
  { what: `${what}: to the server`, unit: 'B', of: (outcome) => of(outcome)?.traffic.bytesUp },
]

const rows: readonly Row[] = [
  ...exchangeRows('first sync', ({ firstSync }) => firstSync),
  ...exchangeRows('reconnect, nothing changed', ({ unchanged }) => unchanged),
  ...exchangeRows('reconnect, 50 changed', ({ changed }) => changed),
  { what: 'live edit, p50', unit: 'ms', of: ({ live }) => live?.p50Ms },
  { what: 'live edit, p99', unit: 'ms', of: ({ live }) => live?.p99Ms },
  {
    what: "server's memory",
    unit: 'MB',
    of: ({ serverBytes }) => mapped(serverBytes, (value) => value / 1e6),
  },
]

/** One table for all outcomes of one number of records. */
export function ratioTable(contenders: readonly Contender[], outcomes: readonly Outcome[]): string {
  const columns = contenders.filter(({ name }) => outcomes.some(({ contender }) => contender === name))
  const outcomeOf = (name: string) => outcomes.find(({ contender }) => contender === name)
  const body = rows
    .filter((row) => outcomes.some((outcome) => row.of(outcome) !== undefined))
    .map((row) => {
      const ours = mapped(outcomeOf(OURS), row.of)
      return [row.what, ...columns.map(({ name }) => cell(row, mapped(outcomeOf(name), row.of), ours))]
    })
  return markdown([['', ...columns.map(({ title }) => title)], ...body])
}

function cell({ unit }: Row, value: number | undefined, ours: number | undefined): string {
  if (value === undefined) return '–'
  const told = `${spelled(value)}${unit && ` ${unit}`}`
  if (ours === undefined || ours === 0) return told
  return `**${ratio(value / ours)}** (${told})`
}

function ratio(value: number): string {
  return value === 1 ? '1' : spelled(value)
}

function mapped<From, To>(value: From | undefined, map: (value: From) => To): To | undefined {
  return value === undefined ? undefined : map(value)
}

function markdown([head, ...body]: string[][]): string {
  const all = [head!, ...body]
  const widths = head!.map((_, column) => Math.max(...all.map((row) => row[column]!.length)))
  const line = (row: readonly string[]) =>
    `| ${row.map((text, column) => text.padEnd(widths[column]!)).join(' | ')} |`
  return [line(head!), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...body.map(line)].join(
    '\n',
  )
}
