// Between two runs of .ci/run: node test/check/failed-files.ts <report.json> <note of unhandled errors>. Prints the files to run again, a line each.

import { existsSync, readFileSync } from 'node:fs'
import { filesToLookAtAgain } from './src/second-look.ts'

const [report = '', note = ''] = process.argv.slice(2)
if (existsSync(report))
  for (const file of filesToLookAtAgain(JSON.parse(readFileSync(report, 'utf8')), existsSync(note)))
    console.log(file)
