import { expect, test } from 'vitest'
import { failuresOf, slowestOf, sumOf, tallyLine, tallyOf } from './test-tally.ts'

const file = (status: string, ...tests: string[]) => ({
  name: 'some.test.ts',
  status,
  message: status === 'failed' && tests.length === 0 ? 'cannot be read' : '',
  assertionResults: tests.map((each, index) => ({
    status: each,
    fullName: `test ${index}`,
    failureMessages: each === 'failed' ? ['expected 1 to be 2\n    at some.test.ts:7'] : [],
  })),
})

test('counts what passed, failed and was skipped', () => {
  const report = {
    success: false,
    testResults: [file('passed', 'passed', 'passed', 'skipped'), file('failed', 'failed', 'passed', 'todo')],
  }
  expect(tallyLine(tallyOf(report, 1))).toBe('3 passed, 1 failed, 2 skipped')
})

test('says nothing of skipped tests when there are none', () => {
  expect(tallyLine(tallyOf({ success: true, testResults: [file('passed', 'passed')] }, 0))).toBe(
    '1 passed, 0 failed',
  )
})

test('a file that could not be loaded is one failure', () => {
  const report = { success: false, testResults: [file('passed', 'passed'), file('failed')] }
  expect(tallyOf(report, 1)).toEqual({ passed: 1, failed: 1, skipped: 0 })
})

test.each([
  ['an unhandled error', { success: true, testResults: [file('passed', 'passed')] }, 1, 1],
  ['a run that calls itself unsuccessful', { success: false, testResults: [file('passed', 'passed')] }, 0, 1],
  ['no report at all', undefined, 0, 0],
])('%s is one failure', (_name, report, exitCode, passed) => {
  expect(tallyOf(report, exitCode)).toEqual({ passed, failed: 1, skipped: 0 })
})

test('runs are added up, and one that left no report fails all of them', () => {
  const good = tallyOf({ success: true, testResults: [file('passed', 'passed', 'skipped')] }, 0)
  expect(sumOf([good, good])).toEqual({ passed: 2, failed: 0, skipped: 2 })
  expect(sumOf([good, tallyOf(undefined, 1)])).toEqual({ passed: 1, failed: 1, skipped: 1 })
})

test('a folder without tests of one kind is none, and without tests of any kind a failure', () => {
  const none = tallyOf({ success: true, testResults: [] }, 0)
  const some = tallyOf({ success: true, testResults: [file('passed', 'passed')] }, 0)
  expect(sumOf([some, none])).toEqual({ passed: 1, failed: 0, skipped: 0 })
  expect(sumOf([none, none])).toEqual({ passed: 0, failed: 1, skipped: 0 })
})

test('what failed is told with its file, its name and its message', () => {
  const report = {
    success: false,
    testResults: [file('failed', 'passed', 'failed'), file('failed'), file('passed', 'passed')],
  }
  expect(failuresOf(report)).toEqual([
    'FAILED some.test.ts > test 1\n  expected 1 to be 2\n      at some.test.ts:7',
    'FAILED some.test.ts\n  cannot be read',
  ])
  expect(failuresOf(undefined)).toEqual([])
})

test('a long message is cut', () => {
  const long = {
    ...file('failed'),
    message: Array.from({ length: 100 }, (_, line) => `line ${line}`).join('\n'),
  }
  expect(failuresOf({ success: false, testResults: [long] })[0]?.split('\n')).toHaveLength(13)
})

test('the slowest files are told first', () => {
  const took = (name: string, ms: number) => ({
    ...file('passed', 'passed'),
    name,
    startTime: 5_000,
    endTime: 5_000 + ms,
  })
  const testResults = Array.from({ length: 20 }, (_, i) => took(`${i}.test.ts`, i * 1_000))
  const slowest = slowestOf({ success: true, testResults })
  expect(slowest).toHaveLength(10)
  expect(slowest[0]).toBe('SLOW 19 s 19.test.ts')
})
