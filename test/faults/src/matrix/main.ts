/** `npm run matrix`: runs every test that names a line of a table (faults, capabilities), and writes the table's page. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { commandLine } from '@skerry/command-line'
import { page, verdictOf } from './page.ts'
import { brokenFiles, shownBy, type TestReport } from './shown.ts'
import type { Table } from './table.ts'
import { tables } from './tables.ts'
import { claims, root } from './titles.ts'

/** Milliseconds for a test without a limit of its own: whether a line holds does not depend on who else uses the machine. */
const TEST_MS_MAX = 240_000

const names = tables.map(({ name }) => name)

const usage = `npm run matrix -- [${names.join('] [')}] [--print]

  ${names.join(', ')}   only this table
  --print                does not write the page, and prints it

Ends with 1 when a line fails, or has neither a test nor a reason.
`

const { values, positionals } = commandLine(usage, (words) => {
  const parsed = parseArgs({
    args: [...words],
    options: { print: { type: 'boolean', default: false } },
    allowPositionals: true,
  })
  const unknown = parsed.positionals.find((name) => !names.includes(name))
  if (unknown !== undefined)
    throw new TypeError(`no table is called '${unknown}': there are ${names.join(', ')}`)
  return parsed
})
const chosen = tables.filter(({ name }) => positionals.length === 0 || positionals.includes(name))

function runTests(files: readonly string[]): TestReport {
  const pattern = chosen.map(({ titles }) => titles.pattern).join('|')
  const folder = mkdtempSync(join(tmpdir(), 'skerry-matrix-'))
  const report = join(folder, 'report.json')
  try {
    const vitest = join(root, 'node_modules/vitest/vitest.mjs')
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
    spawnSync(
      process.execPath,
      [vitest, 'run', ...reporters, `--testTimeout=${TEST_MS_MAX}`, '-t', pattern, ...files],
      {
        cwd: root,
        stdio: ['ignore', 'inherit', 'inherit'],
      },
    )
    return JSON.parse(readFileSync(report, 'utf8')) as TestReport
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function write(table: Table, report: TestReport): void {
  const shown = shownBy(table.titles, report, (file) => relative(root, file))
  const text = page(table, shown)
  if (values.print) console.log(text)
  else writeFileSync(join(root, table.page), text)
  for (const line of table.lines) {
    const verdict = verdictOf(
      line,
      shown.filter(({ id }) => id === line.id),
    )
    if (verdict === 'holds' || verdict === 'without') continue
    console.log(`${line.id} ${verdict}: ${line.told[0]}`)
    if (verdict !== 'in part' && !(verdict === 'no test' && line.untested !== undefined)) process.exitCode = 1
  }
}

const files = [...new Set(chosen.flatMap(({ titles }) => claims(titles).map(({ file }) => file)))]
const report = runTests(files)
for (const { name, message } of brokenFiles(report)) {
  console.error(`${relative(root, name)} did not load: ${message}`)
  process.exitCode = 1
}
for (const table of chosen) write(table, report)
