/** MATRIX.md: each case of the catalogue with what is expected, whether it holds, and what shows it. */
import { type Case, groups } from './catalogue.ts'
import { injectionOf } from './injection.ts'
import type { Shown } from './shown.ts'

/** Lines for one case of one file; more are counted. */
const LINES_PER_FILE_MAX = 3

export type Verdict = 'holds' | 'in part' | 'fails' | 'not run' | 'not injected' | 'no test'

export function verdictOf({ notInjected, missing }: Case, shown: readonly Shown[]): Verdict {
  if (shown.some(({ failed }) => failed > 0)) return 'fails'
  if (shown.some(({ passed }) => passed > 0)) {
    if (shown.some(({ skipped }) => skipped > 0)) return 'not run'
    return missing === undefined ? 'holds' : 'in part'
  }
  if (shown.length > 0) return 'not run'
  return notInjected === undefined ? 'no test' : 'not injected'
}

export function page(cases: readonly Case[], shown: readonly Shown[]): string {
  const rows = cases.map((one) => ({ one, by: shown.filter(({ id }) => id === one.id) }))
  const counts = new Map<Verdict, number>()
  for (const { one, by } of rows) counts.set(verdictOf(one, by), (counts.get(verdictOf(one, by)) ?? 0) + 1)
  const sections = Object.entries(groups).map(([letter, name]) =>
    section(
      `${letter}: ${name}`,
      rows.filter(({ one }) => one.id.startsWith(letter)),
    ),
  )
  return [
    '# Faults, and what holds\n',
    'Made by `npm run matrix`, which runs every test whose title begins with `fault` and the id of a case; not to be edited by hand. The cases stand in `test/faults/src/matrix/catalogue.ts`.',
    'In all of them: no acknowledged edit is lost, nobody else is disturbed, and nobody has to mend a file by hand.\n',
    `Of ${cases.length} cases: ${[...counts].map(([verdict, count]) => `${count} ${verdict}`).join(', ')}.\n`,
    ...sections,
  ].join('\n')
}

interface Row {
  one: Case
  by: Shown[]
}

function section(title: string, rows: readonly Row[]): string {
  const lines = rows.map(
    ({ one, by }) =>
      `| ${one.id} | ${one.fault} | ${one.expected} | ${verdictText(one, by)} | ${by.length > 0 ? byFile(by) : ''} |`,
  )
  return [
    `## ${title}\n`,
    '| id | fault | expected | verdict | shown by |',
    '|---|---|---|---|---|',
    ...lines,
    '',
  ].join('\n')
}

function verdictText(one: Case, by: readonly Shown[]): string {
  const verdict = verdictOf(one, by)
  const reason =
    verdict === 'not injected' ? one.notInjected : verdict === 'in part' ? one.missing : undefined
  return `**${verdict}**${reason === undefined ? '' : `: ${reason}`}`
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
