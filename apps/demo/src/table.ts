/** The table that closes the story. */
import type { Row } from './report.ts'
import type { Style } from './style.ts'

/** Characters; longer texts are cut, and stand in full in the lines above. */
const CLAIM_LENGTH_MAX = 52
const VALUE_LENGTH_MAX = 36

export function table(rows: readonly Row[], style: Style): string {
  const head = ['step', 'what', 'expected', 'seen', '', 'ms']
  const cells = rows.map(({ step, claim, expected, seen, held, ms }, i) => [
    step === rows[i - 1]?.step ? '' : step,
    cut(claim, CLAIM_LENGTH_MAX),
    cut(expected, VALUE_LENGTH_MAX),
    cut(seen, VALUE_LENGTH_MAX),
    held ? 'ok' : 'NO',
    String(Math.round(ms)),
  ])
  const widths = head.map((title, i) => Math.max(title.length, ...cells.map((row) => row[i]!.length)))
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => (i === row.length - 1 ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
  const rule = '-'.repeat(widths.reduce((sum, width) => sum + width + 2, -2))
  const body = cells.map((row, i) => (rows[i]!.held ? line(row) : style.red(line(row))))
  return [style.bold(line(head)), rule, ...body, rule].join('\n')
}

function cut(text: string, lengthMax: number): string {
  const flat = text.replaceAll('\n', ' ')
  return flat.length > lengthMax ? `${flat.slice(0, lengthMax - 1)}…` : flat
}
