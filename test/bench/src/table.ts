/** Figures for people. */
import { type Figure, isMet, timesBare } from './figure.ts'

const head = ['', 'value', 'goal', '', 'bare limit', 'times bare', 'note']

export function tableOf(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => {
    const { what, unit, value, goal, bare, note } = figure
    const met = isMet(figure)
    const times = timesBare(figure)
    return [
      what,
      `${spelled(value)} ${unit}`,
      goal === undefined ? '–' : `${unit === 'per s' ? '≥' : '≤'} ${spelled(goal)}`,
      met === undefined ? '' : met ? 'met' : 'missed',
      bare === undefined ? '–' : spelled(bare),
      times === undefined ? '–' : `${spelled(times)} ×`,
      note ?? '',
    ]
  })
  return laidOut(head, rows)
}

/** A table of Markdown whose columns stand under each other. */
export function laidOut(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]!.length)))
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`
  return [line(head), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...rows.map(line)].join(
    '\n',
  )
}

/** Three digits that matter; thousands apart. */
export function spelled(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en-US')
  return String(Number(value.toPrecision(value >= 10 ? 3 : 2)))
}
