// The last step of .ci/run: node test/check/tally.ts <report.json> <exit code of vitest>. Prints the tally, alone on its line, and
// fails if anything failed.

import { existsSync, readFileSync } from 'node:fs'
import { tallyLine, tallyOf } from './src/test-tally.ts'

const [file = '', exitCode = '1'] = process.argv.slice(2)
const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
if (text === '') console.error(`tally: the test run left no report in "${file}"`)
const tally = tallyOf(text === '' ? undefined : JSON.parse(text), Number(exitCode))
console.log(tallyLine(tally))
process.exitCode = tally.failed > 0 ? 1 : 0
