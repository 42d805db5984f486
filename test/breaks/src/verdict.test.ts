import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { oracleBreaks, suiteBreaks } from './breaks.ts'
import { type TestReport, verdictOfSeeds, verdictOfTests } from './verdict.ts'

const root = resolve(import.meta.dirname, '../../..')
const failing = (fullName: string, ...failureMessages: string[]) => ({
  fullName,
  status: 'failed',
  failureMessages,
})
const report = (...assertionResults: TestReport['testResults'][number]['assertionResults']): TestReport => ({
  testResults: [{ message: '', assertionResults }],
})
const name = 'G4 keeps it'

test('a break is found when the named test fails by what it asserts', () => {
  const message = 'AssertionError: expected 1 to be 2\n    at x.test.ts:1:1'
  expect(verdictOfTests(report(failing(`guard ${name} whole`, message)), name)).toEqual({
    isFound: true,
    finding: 'AssertionError: expected 1 to be 2',
  })
})

test.each<[what: string, given: TestReport | undefined, finding: string]>([
  [
    'a test that times out',
    report(failing(name, 'TestTimeoutError: Test timed out in 30000ms.')),
    'no assertion failed',
  ],
  [
    'a hook that times out',
    report(failing(name, 'Error: Hook timed out in 30000ms.')),
    'no assertion failed',
  ],
  ['a test that breaks down', report(failing(name, 'TypeError: x of undefined')), 'no assertion failed'],
  ['another test that fails', report(failing('another', 'AssertionError: x')), 'no test is named'],
  [
    'the named one green beside one that fails',
    report({ fullName: name, status: 'passed' }, failing('another', 'AssertionError: x')),
    'stayed green',
  ],
  ['a test that was skipped', report({ fullName: name, status: 'skipped' }), 'no test is named'],
  [
    'a file that does not load',
    { testResults: [{ message: 'SyntaxError: unexpected token', assertionResults: [] }] },
    'SyntaxError',
  ],
  ['a run that hung', undefined, 'hung'],
])('%s is no proof', (_, given, finding) => {
  expect(verdictOfTests(given, name)).toEqual({ isFound: false, finding: expect.stringContaining(finding) })
})

test('the simulator has found a break when a seed failed, not when it broke down', () => {
  expect(verdictOfSeeds('…\nseed 17 failed: converged: two values\nshrinking')).toEqual({
    isFound: true,
    finding: 'seed 17 failed: converged: two values',
  })
  expect(verdictOfSeeds('SyntaxError: unexpected token').isFound).toBe(false)
  expect(verdictOfSeeds('').isFound).toBe(false)
})

test('every suite break names its test', () => {
  for (const one of suiteBreaks) expect(one.test.length).toBeGreaterThan(10)
})

test.each([...oracleBreaks, ...suiteBreaks])('the break "$name" still fits the code', ({ file, find }) => {
  expect(readFileSync(join(root, file), 'utf8').split(find)).toHaveLength(2)
})
