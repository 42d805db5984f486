import { expect, test } from 'vitest'
import { FILES_LOOKED_AT_AGAIN_MAX, filesToLookAtAgain, withSecondLook } from './second-look.ts'
import { tallyOf } from './test-tally.ts'

const file = (name: string, ...statuses: string[]) => ({
  name,
  status: statuses.includes('failed') || statuses.length === 0 ? 'failed' : 'passed',
  message: '',
  assertionResults: statuses.map((status, index) => ({
    status,
    fullName: `test ${index}`,
    failureMessages: status === 'failed' ? ['too late'] : [],
  })),
})
const report = (...testResults: ReturnType<typeof file>[]) => ({ success: false, testResults })

test('a few files that failed are looked at again, many are not, nor any when the run failed beside its tests', () => {
  const few = report(file('a', 'passed'), file('b', 'passed', 'failed'), file('c'))
  expect(filesToLookAtAgain(few, false)).toEqual(['b', 'c'])
  expect(filesToLookAtAgain(few, true)).toEqual([])
  const many = Array.from({ length: FILES_LOOKED_AT_AGAIN_MAX + 1 }, (_, i) => file(`f${i}`, 'failed'))
  expect(filesToLookAtAgain(report(...many), false)).toEqual([])
  expect(filesToLookAtAgain(undefined, false)).toEqual([])
})

test('what passed alone counts as passed, and is told as unsteady', () => {
  const first = report(file('a', 'passed'), file('b', 'passed', 'failed'))
  const { report: merged, unsteady } = withSecondLook(first, report(file('b', 'passed', 'passed')))
  expect(tallyOf(merged, 0)).toEqual({ passed: 3, failed: 0, skipped: 0 })
  expect(unsteady).toEqual(['UNSTEADY b > test 1\n  too late'])
})

test('what fails twice has failed, also when another test of the file fails the second time', () => {
  const first = report(file('a', 'failed', 'passed'), file('b', 'failed'))
  const { report: merged, unsteady } = withSecondLook(
    first,
    report(file('a', 'passed', 'failed'), file('b', 'passed')),
  )
  expect(tallyOf(merged, 0)).toEqual({ passed: 2, failed: 1, skipped: 0 })
  expect(unsteady).toEqual(['UNSTEADY b > test 0\n  too late'])
})

test('a second look that ran nothing, or none at all, changes nothing', () => {
  const first = report(file('a', 'failed'))
  for (const again of [undefined, report(), report(file('a'))])
    expect(tallyOf(withSecondLook(first, again).report, 0)).toEqual({ passed: 0, failed: 1, skipped: 0 })
})

test('a run that failed without a failed file stays failed', () => {
  const { report: merged } = withSecondLook(report(file('a', 'passed')), report(file('a', 'passed')))
  expect(tallyOf(merged, 0).failed).toBe(1)
})
