// The last step of .ci/run: node test/check/tally.ts [<report.json> <exit code of vitest> <report.json of the second look> …]. Prints
// what failed, then one tally of all runs, alone on its line, and fails if anything failed.

import { existsSync, readFileSync } from 'node:fs'
import { withSecondLook } from './src/second-look.ts'
import { failuresOf, slowestOf, sumOf, tallyLine, tallyOf, type VitestReport } from './src/test-tally.ts'

const words = process.argv.slice(2)
const tallies = Array.from({ length: Math.ceil(words.length / 3) }, (_, run) => {
  const [file = '', exitCode = '1', againFile = ''] = words.slice(run * 3)
  const first = reportIn(file)
  if (!first) console.error(`tally: the test run left no report in "${file}"`)
  const again = reportIn(againFile)
  const { report, unsteady } = withSecondLook(first, again)
  for (const line of [...slowestOf(first), ...unsteady, ...failuresOf(report)]) console.log(line)
  return tallyOf(report, report?.success && again ? 0 : Number(exitCode))
})
const tally = sumOf(tallies)
console.log(tallyLine(tally))
process.exitCode = tally.failed > 0 ? 1 : 0

function reportIn(file: string): VitestReport | undefined {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
  return text === '' ? undefined : JSON.parse(text)
}
