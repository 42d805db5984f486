/** Every tool of the folder above says what it may be told, and does nothing else then. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const tools: Record<string, string> = {
  simulate: 'simulation/src/main.ts',
  kill: 'faults/src/main.ts',
  matrix: 'faults/src/matrix/main.ts',
  breaks: 'breaks/src/main.ts',
  size: 'size/src/main.ts',
  check: 'check/check.ts',
  'build:packages': 'release/src/main.ts',
  bench: 'bench/src/main.ts',
  herd: 'bench/src/herd.ts',
  soak: 'bench/src/soak.ts',
  'bench:browser': 'bench/src/browser/main.ts',
  'bench:bridge': 'bench/src/bridge/main.ts',
  'bench:peers': 'bench/peers/src/main.ts',
}

function told(file: string, ...words: string[]) {
  const path = join(import.meta.dirname, '../..', file)
  const { status, stdout, stderr } = spawnSync(process.execPath, [path, ...words], { encoding: 'utf8' })
  return { status, stdout, stderr }
}

describe.each(Object.entries(tools))('npm run %s', (name, file) => {
  test('--help shows its usage', () => {
    const { status, stdout, stderr } = told(file, '--help')
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toMatch(new RegExp(`^npm run ${name}\\b`))
    expect(stdout).not.toContain('NAMES')
  })

  test('says of an option that there is not, in one line and with the usage, that there is none', () => {
    const { status, stdout, stderr } = told(file, '--no-such-option')
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    const [line, between, usage] = stderr.split('\n')
    expect(line).toContain("'--no-such-option'")
    expect([between, usage]).toEqual(['', expect.stringMatching(new RegExp(`^npm run ${name}\\b`))])
  })
})

test.each([
  ['simulation/src/main.ts', ['--seeds', 'many'], '--seeds many: '],
  ['faults/src/main.ts', ['--target', 'moon'], '--target moon: '],
  ['faults/src/main.ts', ['--rounds', '0'], '--rounds 0: '],
  ['faults/src/matrix/main.ts', ['dreams'], "no table is called 'dreams'"],
  ['bench/src/herd.ts', ['--sessions', 'x'], '--sessions x: '],
  ['bench/src/soak.ts', ['--minutes=0'], '--minutes 0: '],
  ['bench/src/soak.ts', ['--minutes', '-1'], "Option '--minutes' argument is ambiguous.\n\n"],
])('%s %j: says what is wrong in one line', (file, words, line) => {
  const { status, stderr } = told(file, ...words)
  expect(status).toBe(2)
  expect(stderr.startsWith(line)).toBe(true)
  expect(stderr).not.toMatch(/^ {4}at /m)
})
