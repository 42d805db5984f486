import { describe, expect, test } from 'vitest'
import { ownsSeq, runOwning } from './cursor.ts'

/** The second run wrote nothing; the third began where it did. */
const runs = [
  { run: 'a', first: 1 },
  { run: 'b', first: 5 },
  { run: 'c', first: 5 },
  { run: 'd', first: 9 },
]

describe('L-8: who owns a sequence', () => {
  test.each([
    [0, undefined],
    [-1, undefined],
    [1, 'a'],
    [4, 'a'],
    [5, 'c'],
    [8, 'c'],
    [9, 'd'],
    [12, 'd'],
    [13, undefined],
  ])('%j with head 12 is owned by %j', (seq, owner) => {
    expect(runOwning(runs, seq, 12)?.run).toBe(owner)
    for (const { run } of runs) expect(ownsSeq(runs, run, seq, 12)).toBe(run === owner)
  })

  test('without a head, the last run owns all that follows', () => {
    expect(runOwning(runs, 10 ** 9)?.run).toBe('d')
  })

  test('what stands before the oldest run listed is owned by none', () => {
    expect(runOwning(runs.slice(2), 4)).toBeUndefined()
    expect(runOwning([], 1)).toBeUndefined()
  })

  test('a run that is not listed owns nothing', () => {
    expect(ownsSeq(runs, 'x', 5)).toBe(false)
  })
})
