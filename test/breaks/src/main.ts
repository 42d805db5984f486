/**
 * `npm run breaks` copies the project, breaks the copy in one way after the other, and ends with 0 only if the suite turns red under each, and is
 * green without any.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { breaks } from './breaks.ts'

const root = resolve(import.meta.dirname, '../../..')
const copy = mkdtempSync(join(tmpdir(), 'skerry-breaks-'))
/** One suite on a busy machine; a break that makes it hang is red as well. */
const SUITE_MS_MAX = 240_000

function suiteIsGreen(suites: readonly string[]): boolean {
  const run = spawnSync(
    'node',
    [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--bail', '1', ...suites],
    {
      cwd: copy,
      env: { ...process.env, SKERRY_SEEDS: '50' },
      encoding: 'utf8',
      timeout: SUITE_MS_MAX,
    },
  )
  return run.status === 0
}

try {
  for (const folder of ['packages', 'test', 'apps'])
    cpSync(join(root, folder), join(copy, folder), { recursive: true, verbatimSymlinks: true })
  for (const file of ['package.json', 'vitest.config.ts', 'tsconfig.json'])
    cpSync(join(root, file), join(copy, file))
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  const suites = [...new Set(breaks.flatMap((one) => one.suites))]
  const green = suiteIsGreen(suites)
  console.log(`unbroken: ${green ? 'green' : 'RED, so nothing below means anything'}`)
  let stayedGreen = 0
  for (const one of breaks) {
    const file = join(copy, one.file)
    const whole = readFileSync(file, 'utf8')
    if (whole.split(one.find).length !== 2)
      throw new Error(`${one.name}: '${one.find}' does not stand exactly once in ${one.file}`)
    writeFileSync(file, whole.replace(one.find, one.replace))
    const stays = suiteIsGreen(one.suites)
    writeFileSync(file, whole)
    console.log(`${one.name}: ${stays ? 'STAYED GREEN' : 'red'}`)
    if (stays) stayedGreen += 1
  }
  process.exitCode = green && stayedGreen === 0 ? 0 : 1
} finally {
  rmSync(copy, { recursive: true, force: true })
}
