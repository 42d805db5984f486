/** The catalogue against the tests: every case has a test or a reason, and no test names a case that there is not. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Case, catalogue, groups } from './catalogue.ts'
import { readFaultTitle } from './fault-title.ts'
import { injectionOf } from './injection.ts'
import { page, verdictOf } from './page.ts'
import { type Shown, shownBy } from './shown.ts'
import { claims, claimsIn, root } from './titles.ts'

const ids = catalogue.map(({ id }) => id)
const claimed = claims()

describe('the catalogue', () => {
  test('has each case once, in groups that there are', () => {
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.filter((id) => !(id[0]! in groups))).toEqual([])
  })

  test('every case has a test or a reason, and none has both', () => {
    const tested = new Set(claimed.map(({ id }) => id))
    const lacking = catalogue.filter(
      ({ id, notInjected, untested }) => !tested.has(id) && (notInjected ?? untested) === undefined,
    )
    expect(lacking.map(({ id }) => id)).toEqual([])
    const both = catalogue.filter(({ id, notInjected }) => tested.has(id) && notInjected !== undefined)
    expect(both.map(({ id }) => id)).toEqual([])
  })

  test('no test names a case that there is not, or a case in another way', () => {
    expect(claimed.filter(({ id }) => !ids.includes(id))).toEqual([])
  })

  test('of every file with such a test it is said how it brings faults about', () => {
    expect(claimed.filter(({ file }) => injectionOf(file) === undefined)).toEqual([])
  })

  test('MATRIX.md tells every case, and no file that does not show it any more (npm run matrix makes it)', () => {
    const lines = readFileSync(join(root, 'test/faults/MATRIX.md'), 'utf8').split('\n')
    const told = lines.flatMap((line) => {
      const id = /^\| ([A-Z]\d+) \|/.exec(line)?.[1]
      return id === undefined
        ? []
        : [{ id, files: line.match(/(?:packages|apps|test)\/\S+\.test\.ts/g) ?? [] }]
    })
    expect(told.map(({ id }) => id)).toEqual(ids)
    const gone = told.flatMap(({ id, files }) =>
      files.filter((file) => !claimed.some((claim) => claim.id === id && claim.file === file)),
    )
    expect(gone).toEqual([])
  })
})

describe('titles', () => {
  test.each([
    ['fault P1: an edge is killed', ['P1'], 'an edge is killed'],
    ['fault S1, S2: full', ['S1', 'S2'], 'full'],
  ])('%s', (title, expected, says) => {
    expect(readFaultTitle(title)).toEqual({ ids: expected, says })
  })

  test.each(['fault: P1', 'fault P1 an edge', 'fault P1:', 'a fault P1: here', 'fault P1,S2: both'])(
    'not %s',
    (title) => {
      expect(readFaultTitle(title)).toBeUndefined()
    },
  )

  test('are found in sources, and one that is written otherwise is told', () => {
    const text = ["it('fault P1: a', f)", 'describe(`fault S1, S2: b`, f)', "it('fault P2 c', f)"].join('\n')
    expect(claimsIn('x', text).map(({ id }) => id)).toEqual(['P1', 'S1', 'S2', ''])
  })
})

describe('the page', () => {
  const one: Case = { id: 'P1', fault: 'f', expected: 'e' }
  const shown = (counts: Partial<Shown>): Shown => ({
    id: 'P1',
    file: 'test/faults/x.test.ts',
    says: 'kept',
    passed: 0,
    failed: 0,
    skipped: 0,
    ...counts,
  })

  test.each<[string, Case, Shown[], string]>([
    ['holds', one, [shown({ passed: 2 })], 'holds'],
    [
      'in part, where something is known to be missing',
      { ...one, missing: 'm' },
      [shown({ passed: 1 })],
      'in part',
    ],
    ['fails, whatever else passes', one, [shown({ passed: 1 }), shown({ failed: 1 })], 'fails'],
    ['not run, though others did', one, [shown({ passed: 1 }), shown({ skipped: 1 })], 'not run'],
    ['not injected, with the reason', { ...one, notInjected: 'r' }, [], 'not injected'],
    ['no test', one, [], 'no test'],
  ])('says: %s', (_, of, by, verdict) => {
    expect(verdictOf(of, by)).toBe(verdict)
    expect(page([of], by)).toContain(`| P1 | f | e | **${verdict}**`)
  })

  test('is made of what a report says, whether the group or the test has the title', () => {
    const result = (ancestorTitles: string[], title: string, status = 'passed') => ({
      ancestorTitles,
      title,
      status,
    })
    const report = {
      testResults: [
        {
          name: 'tree/test/faults/x.test.ts',
          status: 'passed',
          assertionResults: [
            result(['fault P1: kept'], 'by a test'),
            result([], 'fault P1, S1: kept', 'failed'),
            result(['others'], 'not this'),
          ],
        },
      ],
    }
    expect(shownBy(report, (file) => file.replace('tree/', ''))).toEqual([
      shown({ passed: 1, failed: 1 }),
      shown({ id: 'S1', failed: 1 }),
    ])
  })
})
