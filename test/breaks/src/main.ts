/**
 * `npm run breaks` copies the project, breaks the copy in one way after the other, and ends with 0 only if each is found, and all is green without any: by the simulator alone where an oracle must
 * bite, by the named test for the rest (verdict.ts says what counts).
 */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { commandLine, wholeNumber } from '@skerry/command-line'
import { type Break, oracleBreaks, type SuiteBreak, suiteBreaks } from './breaks.ts'
import { type TestReport, type Verdict, verdictOfSeeds, verdictOfTests } from './verdict.ts'

const usage = `npm run breaks -- [--simulator] [--suites] [--only word] [--seeds 600]

  --simulator   only what an oracle of the simulator must find, within so many seeds (--seeds)
  --suites      only what a named test must find
  --only        breaks whose names have this word

Ends with 0 only if each break is found, and all is green without any.
`

const values = commandLine(usage, (words) => {
  const { values } = parseArgs({
    args: [...words],
    options: {
      simulator: { type: 'boolean', default: false },
      suites: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      seeds: { type: 'string', default: '600' },
    },
  })
  return { ...values, seeds: String(wholeNumber('--seeds', values.seeds, 1)) }
})
const root = resolve(import.meta.dirname, '../../..')
const copy = mkdtempSync(join(tmpdir(), 'skerry-breaks-'))
/** One suite on a busy machine; a run that takes longer is ended, and proves nothing. */
const RUN_MS_MAX = 600_000
const chosen = (one: Break) => one.name.includes(values.only)

interface Run {
  isGreen: boolean
  output: string
}

function run(args: readonly string[]): Run {
  const { status, stdout, stderr } = spawnSync('node', args, {
    cwd: copy,
    encoding: 'utf8',
    timeout: RUN_MS_MAX,
  })
  return { isGreen: status === 0, output: `${stdout}${stderr}` }
}

function simulate(): Run {
  return run(['test/simulation/src/main.ts', '--seeds', values.seeds, '--no-shrink'])
}

const vitest = (...args: string[]) => run([join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...args])

/** Only the named test, and what the report says of it. */
function testNamed({ suites, test }: SuiteBreak): Verdict {
  const file = join(copy, 'report.json')
  rmSync(file, { force: true })
  const pattern = test.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
  vitest('--reporter=json', `--outputFile=${file}`, '-t', pattern, ...suites)
  const report = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as TestReport) : undefined
  return verdictOfTests(report, test)
}

function isFound(one: Break, look: () => Verdict): boolean {
  const file = join(copy, one.file)
  const whole = readFileSync(file, 'utf8')
  if (whole.split(one.find).length !== 2)
    throw new Error(`${one.name}: '${one.find}' does not stand exactly once in ${one.file}`)
  writeFileSync(
    file,
    whole.replace(one.find, () => one.replace),
  )
  const { isFound, finding } = look()
  writeFileSync(file, whole)
  console.log(`${one.name}: ${isFound ? 'found' : 'NOT FOUND'}: ${finding}`)
  return isFound
}

/** Not asked when only some breaks are looked at. */
function isGreenUnbroken(look: () => Run): boolean {
  if (values.only !== '') return true
  const { isGreen, output } = look()
  console.log(
    `unbroken: ${isGreen ? 'green' : `RED, so nothing else means anything. ${output.slice(-2_000)}`}`,
  )
  return isGreen
}

function breakOracles(): boolean {
  const found = oracleBreaks
    .filter(chosen)
    .map((one) => isFound(one, () => verdictOfSeeds(simulate().output)))
  return isGreenUnbroken(simulate) && found.every(Boolean)
}

function breakSuites(): boolean {
  const ones = suiteBreaks.filter(chosen)
  const isGreen = isGreenUnbroken(() =>
    vitest('--bail', '1', ...new Set(ones.flatMap(({ suites }) => suites))),
  )
  return ones.map((one) => isFound(one, () => testNamed(one))).every(Boolean) && isGreen
}

try {
  for (const folder of ['packages', 'test', 'apps'])
    cpSync(join(root, folder), join(copy, folder), { recursive: true, verbatimSymlinks: true })
  for (const file of ['package.json', 'vitest.config.ts', 'tsconfig.json'])
    cpSync(join(root, file), join(copy, file))
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  const both = values.simulator === values.suites
  const results = [
    ...(both || values.simulator ? [breakOracles()] : []),
    ...(both || values.suites ? [breakSuites()] : []),
  ]
  process.exitCode = results.every(Boolean) ? 0 : 1
} finally {
  rmSync(copy, { recursive: true, force: true })
}
