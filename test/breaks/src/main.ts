/**
 * `npm run breaks` copies the project, breaks the copy in one way after the other, and ends with 0 only if red is seen under each, and green without any: by the simulator alone where an oracle must
 * bite, by the named suites for the rest. `npm run breaks -- --simulator` and `-- --suites` do one half, `-- --only word` those whose names have it.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type Break, oracleBreaks, suiteBreaks } from './breaks.ts'

const { values } = parseArgs({
  options: {
    simulator: { type: 'boolean', default: false },
    suites: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    seeds: { type: 'string', default: '600' },
  },
})
const root = resolve(import.meta.dirname, '../../..')
const copy = mkdtempSync(join(tmpdir(), 'skerry-breaks-'))
/** One suite on a busy machine; a break that makes it hang is red as well. */
const RUN_MS_MAX = 600_000
const chosen = (one: Break) => one.name.includes(values.only)

interface Outcome {
  isGreen: boolean
  /** The first thing that was wrong. */
  finding: string
}

function run(args: readonly string[], env: Record<string, string> = {}): Outcome {
  const { status, stdout, stderr, signal } = spawnSync('node', args, {
    cwd: copy,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    timeout: RUN_MS_MAX,
  })
  const finding = /seed \d+ failed: [^\n]*/.exec(`${stdout}${stderr}`)?.[0] ?? (signal ? 'it hung' : '')
  return { isGreen: status === 0, finding: finding.slice(0, 160) }
}

function simulate(): Outcome {
  return run(['test/simulation/src/main.ts', '--seeds', values.seeds, '--no-shrink'])
}

function test(suites: readonly string[]): Outcome {
  return run([join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--bail', '1', ...suites])
}

/** @returns whether red was seen */
function isFound(one: Break, look: () => Outcome): boolean {
  const file = join(copy, one.file)
  const whole = readFileSync(file, 'utf8')
  if (whole.split(one.find).length !== 2)
    throw new Error(`${one.name}: '${one.find}' does not stand exactly once in ${one.file}`)
  writeFileSync(
    file,
    whole.replace(one.find, () => one.replace),
  )
  const { isGreen, finding } = look()
  writeFileSync(file, whole)
  console.log(`${one.name}: ${isGreen ? 'STAYED GREEN' : `red ${finding}`}`)
  return !isGreen
}

/** Not asked when only some breaks are looked at. */
function isGreenUnbroken(look: () => Outcome): boolean {
  if (values.only !== '') return true
  const { isGreen, finding } = look()
  console.log(`unbroken: ${isGreen ? 'green' : `RED, so nothing below means anything. ${finding}`}`)
  return isGreen
}

function breakOracles(): boolean {
  const found = oracleBreaks.filter(chosen).map((one) => isFound(one, simulate))
  return isGreenUnbroken(simulate) && found.every(Boolean)
}

function breakSuites(): boolean {
  const ones = suiteBreaks.filter(chosen)
  const isGreen = isGreenUnbroken(() => test([...new Set(ones.flatMap(({ suites }) => suites))]))
  return ones.map((one) => isFound(one, () => test(one.suites))).every(Boolean) && isGreen
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
