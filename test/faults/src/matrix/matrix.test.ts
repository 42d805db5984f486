/** The tables against the tests: every line has a test or a reason, and no test names a line that there is not. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { capabilityTable } from './capability-table.ts'
import { faultTable } from './fault-table.ts'
import { injectionOf } from './injection.ts'
import { page, verdictOf } from './page.ts'
import { type Shown, shownBy } from './shown.ts'
import { groupOf, type Line, type Table } from './table.ts'
import { tables } from './tables.ts'
import { claims, claimsIn, root } from './titles.ts'

describe.each(tables)('the table of $name', (table) => {
  const ids = table.lines.map(({ id }) => id)
  const claimed = claims(table.titles)

  test('has each line once, in groups that there are', () => {
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.filter((id) => !(groupOf(id) in table.groups))).toEqual([])
  })

  test('has the lines of each group numbered without holes', () => {
    for (const group of Object.keys(table.groups)) {
      const numbers = ids.filter((id) => groupOf(id) === group).map((id) => Number(/\d+/.exec(id)))
      expect([group, numbers]).toEqual([group, numbers.map((_, i) => i + 1)])
      expect(numbers.length).toBeGreaterThan(0)
    }
  })

  test('has a test or a reason for every line, and for none both', () => {
    const tested = new Set(claimed.map(({ id }) => id))
    const lacking = table.lines.filter(
      ({ id, without, untested }) => !tested.has(id) && (without ?? untested) === undefined,
    )
    expect(lacking.map(({ id }) => id)).toEqual([])
    const both = table.lines.filter(({ id, without }) => tested.has(id) && without !== undefined)
    expect(both.map(({ id }) => id)).toEqual([])
  })

  test('has every line that a test names, and a test names it in the one way', () => {
    expect(claimed.filter(({ id }) => !ids.includes(id))).toEqual([])
  })

  test('says of every file with such a test by which means it shows anything', () => {
    expect(claimed.filter(({ file }) => injectionOf(file) === undefined)).toEqual([])
  })

  test('is told whole by its page, and by no file that does not show it any more (npm run matrix makes it)', () => {
    const lines = readFileSync(join(root, table.page), 'utf8').split('\n')
    const told = lines.flatMap((line) => {
      const id = /^\| ([A-Z]+-?\d+) \|/.exec(line)?.[1]
      return id === undefined
        ? []
        : [{ id, files: line.match(/(?:packages|apps|test)\/[\w./-]+\.test\.ts/g) ?? [] }]
    })
    expect(told.map(({ id }) => id)).toEqual(ids)
    const gone = told.flatMap(({ id, files }) =>
      files.filter((file) => !claimed.some((claim) => claim.id === id && claim.file === file)),
    )
    expect(gone).toEqual([])
  })
})

describe('titles of faults', () => {
  test.each([
    ['fault P1: an edge is killed', ['P1'], 'an edge is killed'],
    ['fault S1, S2: full', ['S1', 'S2'], 'full'],
  ])('%s', (title, expected, says) => {
    expect(faultTable.titles.read(title)).toEqual({ ids: expected, says })
  })

  test.each(['fault: P1', 'fault P1 an edge', 'fault P1:', 'a fault P1: here', 'fault P1,S2: both'])(
    'not %s',
    (title) => {
      expect(faultTable.titles.read(title)).toBeUndefined()
    },
  )

  test('are found in sources, and one that is written otherwise is told', () => {
    const text = ["it('fault P1: a', f)", 'describe(`fault S1, S2: b`, f)', "it('fault P2 c', f)"].join('\n')
    const found = claimsIn(faultTable.titles, 'x', text)
    expect(found.map(({ id }) => id)).toEqual(['P1', 'S1', 'S2', ''])
  })
})

describe('titles of capabilities', () => {
  test.each([
    ['CDC-6: pushes are lost', ['CDC-6'], 'pushes are lost'],
    ['EVT-13, CDC-4: an edit', ['EVT-13', 'CDC-4'], 'an edit'],
    ['MAP-3 B-70 paths', ['MAP-3'], 'paths'],
    ['B-06 to B-12, B-55 RES-6: the power goes', ['RES-6'], 'the power goes'],
    ['EVT-7 FOLLOW-1: DIF-3: O11: once', ['EVT-7', 'DIF-3'], 'once'],
    ['API-4 SCA-3 B-66 calls', ['API-4'], 'calls'],
    ['fault I1, I2: RES-1 B-44 a wait', ['RES-1'], 'a wait'],
  ])('%s', (title, expected, says) => {
    expect(capabilityTable.titles.read(title)).toEqual({ ids: expected, says })
  })

  test.each(['pushes are lost (CDC-6)', 'CDC-6:', 'CDC-6', 'CDC-6: as in CDC-7', 'fault I1: a wait, RES-1'])(
    'not %s',
    (title) => {
      expect(capabilityTable.titles.mentions(title)).toBe(true)
      expect(capabilityTable.titles.read(title)).toBeUndefined()
    },
  )

  test.each(['B-06 a rule alone', 'SCA-3: of another list', 'RESTORE-1 and XRES-1'])(
    'nothing of %s',
    (title) => {
      expect(capabilityTable.titles.mentions(title)).toBe(false)
    },
  )

  test('are found in sources, and one that is written otherwise is told', () => {
    const text = ["it('CDC-6: a', f)", "describe('B-1 MAP-3 b', f)", "it('c (CDC-7)', f)", "it('d', f)"]
    const found = claimsIn(capabilityTable.titles, 'x', text.join('\n'))
    expect(found.map(({ id }) => id)).toEqual(['CDC-6', 'MAP-3', ''])
  })
})

describe('the page', () => {
  const line: Line = { id: 'P1', told: ['f', 'e'] }
  const shown = (counts: Partial<Shown>): Shown => ({
    id: 'P1',
    file: 'test/faults/x.test.ts',
    says: 'kept',
    passed: 0,
    failed: 0,
    skipped: 0,
    ...counts,
  })

  test.each<[string, Line, Shown[], string]>([
    ['holds', line, [shown({ passed: 2 })], 'holds'],
    [
      'in part, where something is known to be missing',
      { ...line, missing: 'm' },
      [shown({ passed: 1 })],
      'in part',
    ],
    ['fails, whatever else passes', line, [shown({ passed: 1 }), shown({ failed: 1 })], 'fails'],
    ['not run, though others did', line, [shown({ passed: 1 }), shown({ skipped: 1 })], 'not run'],
    ['why it is not there', { ...line, without: 'r' }, [], 'without'],
    ['no test, and why', { ...line, untested: 'u' }, [], 'no test'],
  ])('says: %s', (_, of, by, verdict) => {
    const table: Table = { ...faultTable, lines: [of] }
    expect(verdictOf(of, by)).toBe(verdict)
    const reasons: Record<string, string> = { without: ': r', 'in part': ': m', 'no test': ': u' }
    const word = verdict === 'without' ? 'not injected' : verdict
    expect(page(table, by)).toContain(`| P1 | f | e | **${word}**${reasons[verdict] ?? ''} |`)
  })

  test('is the same in whatever order the files ran', () => {
    const table: Table = { ...faultTable, lines: [line] }
    const by = ['a', 'b', 'c'].map((name) => shown({ file: `test/faults/${name}.test.ts`, passed: 1 }))
    expect(page(table, by.toReversed())).toBe(page(table, by))
    expect(page(table, by)).toMatch(/faults\/a\.test.*faults\/b\.test.*faults\/c\.test/)
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
    expect(shownBy(faultTable.titles, report, (file) => file.replace('tree/', ''))).toEqual([
      shown({ passed: 1, failed: 1 }),
      shown({ id: 'S1', failed: 1 }),
    ])
  })
})
