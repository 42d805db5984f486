/** A page: each line of a table with what it tells, whether it holds, and what shows it. */
import { injectionOf } from './injection.ts'
import type { Shown } from './shown.ts'
import { groupOf, type Line, type Table } from './table.ts'

/** Lines for one line of the table of one file; more are counted. */
const LINES_PER_FILE_MAX = 3

export type Verdict = 'holds' | 'in part' | 'fails' | 'not run' | 'without' | 'no test'

export function verdictOf({ without, missing }: Line, shown: readonly Shown[]): Verdict {
  if (shown.some(({ failed }) => failed > 0)) return 'fails'
  if (shown.some(({ passed }) => passed > 0)) {
    if (shown.some(({ skipped }) => skipped > 0)) return 'not run'
    return missing === undefined ? 'holds' : 'in part'
  }
  if (shown.length > 0) return 'not run'
  return without === undefined ? 'no test' : 'without'
}

interface Row {
  line: Line
  by: Shown[]
  verdict: Verdict
}

export function page(table: Table, shown: readonly Shown[]): string {
  const rows = table.lines.map((line): Row => {
    const by = shown.filter(({ id }) => id === line.id)
    return { line, by, verdict: verdictOf(line, by) }
  })
  const counts = new Map<Verdict, number>()
  for (const { verdict } of rows) counts.set(verdict, (counts.get(verdict) ?? 0) + 1)
  const told = [...counts].map(([verdict, count]) => `${count} ${wordFor(table, verdict)}`)
  const sections = Object.entries(table.groups).map(([letters, name]) =>
    section(
      table,
      `${letters}: ${name}`,
      rows.filter(({ line }) => groupOf(line.id) === letters),
    ),
  )
  return [table.heading, `Of ${rows.length} lines: ${told.join(', ')}.\n`, ...sections].join('\n')
}

function wordFor(table: Table, verdict: Verdict): string {
  return verdict === 'without' ? table.without : verdict
}

function section(table: Table, title: string, rows: readonly Row[]): string {
  const lines = rows.map(
    ({ line, by, verdict }) =>
      `| ${[line.id, ...line.told, verdictText(table, line, verdict), by.length > 0 ? byFile(by) : ''].join(' | ')} |`,
  )
  const columns = ['id', ...table.columns, 'verdict', 'shown by']
  return [
    `## ${title}\n`,
    `| ${columns.join(' | ')} |`,
    `|${columns.map(() => '---|').join('')}`,
    ...lines,
    '',
  ].join('\n')
}

function verdictText(table: Table, { without, missing, untested }: Line, verdict: Verdict): string {
  const reasons: Partial<Record<Verdict, string | undefined>> = {
    without,
    'in part': missing,
    'no test': untested,
  }
  const reason = reasons[verdict]
  return `**${wordFor(table, verdict)}**${reason === undefined ? '' : `: ${reason}`}`
}

function byFile(by: readonly Shown[]): string {
  const files = [...new Set(by.map(({ file }) => file))].sort()
  return files
    .map((file) => {
      const ones = by.filter((one) => one.file === file)
      const told = ones.slice(0, LINES_PER_FILE_MAX).map(({ says, passed, failed, skipped }) => {
        const state =
          failed > 0 ? ' (FAILS)' : skipped > 0 ? ' (not run)' : passed > 1 ? ` (${passed} tests)` : ''
        return cell(`${says}${state}`)
      })
      const more = ones.length > told.length ? [`and ${ones.length - told.length} more`] : []
      return `\`${file}\` (${injectionOf(file) ?? 'unknown'}): ${[...told, ...more].join('; ')}`
    })
    .join('<br>')
}

/** Text in a cell of a table. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('`', "'").replaceAll('\n', ' ')
}
