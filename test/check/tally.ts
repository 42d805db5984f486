// The last step of .ci/run: node test/check/tally.ts <report.json> <exit code of vitest> [<report.json> <exit code> …]. Prints
// what failed, then one tally of all runs, alone on its line, and fails if anything failed.

import { existsSync, readFileSync } from 'node:fs'
import { failuresOf, sumOf, tallyLine, tallyOf, type VitestReport } from './src/test-tally.ts'

const words = process.argv.slice(2)
const tallies = Array.from({ length: Math.ceil(words.length / 2) }, (_, run) => {
  const [file = '', exitCode = '1'] = words.slice(run * 2)
  const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
  if (text === '') console.error(`tally: the test run left no report in "${file}"`)
  const report: VitestReport | undefined = text === '' ? undefined : JSON.parse(text)
  for (const failure of failuresOf(report)) console.log(failure)
  return tallyOf(report, Number(exitCode))
})
const tally = sumOf(tallies)
console.log(tallyLine(tally))
process.exitCode = tally.failed > 0 ? 1 : 0
