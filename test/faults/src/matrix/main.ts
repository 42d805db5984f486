/**
 * `npm run matrix` runs every test that names a case of the fault catalogue and writes test/faults/MATRIX.md. Ends with 1 when a case fails, or has neither a test nor a reason.
 *
 *   --print   does not write the page, and prints it
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { catalogue } from './catalogue.ts'
import { TITLE_PATTERN } from './fault-title.ts'
import { page, verdictOf } from './page.ts'
import { brokenFiles, shownBy, type TestReport } from './shown.ts'
import { claims, root } from './titles.ts'

/** Milliseconds for a test without a limit of its own: whether a case holds does not depend on who else uses the machine. */
const TEST_MS_MAX = 120_000

const { values } = parseArgs({ options: { print: { type: 'boolean', default: false } } })

function runTests(files: readonly string[]): TestReport {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-matrix-'))
  const report = join(folder, 'report.json')
  try {
    const vitest = join(root, 'node_modules/vitest/vitest.mjs')
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
    spawnSync(
      process.execPath,
      [vitest, 'run', ...reporters, `--testTimeout=${TEST_MS_MAX}`, '-t', TITLE_PATTERN, ...files],
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

const files = [...new Set(claims().map(({ file }) => file))]
const report = runTests(files)
for (const { name, message } of brokenFiles(report)) {
  console.error(`${relative(root, name)} did not load: ${message}`)
  process.exitCode = 1
}
const shown = shownBy(report, (file) => relative(root, file))
const text = page(catalogue, shown)
if (values.print) console.log(text)
else writeFileSync(join(root, 'test/faults/MATRIX.md'), text)
for (const one of catalogue) {
  const verdict = verdictOf(
    one,
    shown.filter(({ id }) => id === one.id),
  )
  if (verdict === 'holds' || verdict === 'not injected') continue
  console.log(`${one.id} ${verdict}: ${one.fault}`)
  if (verdict !== 'in part' && !(verdict === 'no test' && one.untested !== undefined)) process.exitCode = 1
}
