import { describe, expect, test } from 'vitest'
import { CLOCK_MARGIN_MS } from './limits.ts'
import { behind, momentOf, readPosition, rewound, type StagePosition, writePosition } from './position.ts'

const at = (seconds: number, micros = 0) =>
  `${new Date(Date.UTC(2026, 0, 31) + seconds * 1000).toISOString().slice(0, 19)}.${String(micros).padStart(6, '0')}`
const fresh: StagePosition = { since: null, newest: null }
const stages = ['write_date', 'create_date']

describe('TR-32: positions', () => {
  test('begin at the beginning, and are read as they were written', () => {
    const position = readPosition(undefined, stages)!
    expect(position).toEqual({ of: 'write_date create_date', at: 0, stages: [fresh, fresh] })
    position.stages[0] = behind(fresh, { moment: at(5), id: 17 }, at(9))
    position.at = 1
    expect(readPosition(writePosition(position), stages)).toEqual(position)
  })

  test.each<[string, string]>([
    ['no JSON', 'nonsense'],
    ['not ours', '{"since":5}'],
    ['of other stages', writePosition(readPosition(undefined, ['write_date'])!)],
    ['beyond its stages', writePosition({ ...readPosition(undefined, stages)!, at: 2 })],
    ['with too few stages', writePosition({ ...readPosition(undefined, stages)!, stages: [fresh] })],
  ])('%s: none', (_, text) => {
    expect(readPosition(text, stages)).toBeUndefined()
  })
})

describe('TR-31: where the next pass begins', () => {
  test('behind the last row of a full page, with the time at which the pass began', () => {
    const first = behind(fresh, { moment: at(5), id: 17 }, at(100))
    expect(first).toEqual({ since: at(5), newest: at(5), after: 17, began: at(100) })
    expect(behind(first, { moment: at(6), id: 3 }, at(101))).toEqual({
      since: at(6),
      newest: at(6),
      after: 3,
      began: at(100),
    })
  })

  test('before the newest row by the overlap, to the microsecond', () => {
    expect(rewound(fresh, at(50, 123_456), at(60), 10_000)).toEqual({
      since: at(40, 123_456),
      newest: at(50, 123_456),
    })
  })

  test('not before the newest row but before its own beginning, when people went on writing meanwhile', () => {
    const during = behind(fresh, { moment: at(5), id: 1 }, at(60))
    expect(rewound(during, at(300), at(290), 10_000)).toEqual({ since: at(50), newest: at(300) })
  })

  test('by the clock where nobody writes: a system at rest lists nothing again', () => {
    const margin = CLOCK_MARGIN_MS / 1000
    const resting: StagePosition = { since: at(40), newest: at(50) }
    expect(rewound(resting, undefined, at(50 + margin), 10_000).since).toBe(at(40))
    expect(rewound(resting, undefined, at(50 + margin + 30), 10_000).since).toBe(at(70))
  })

  test('at the beginning while there has been no row', () => {
    expect(rewound(fresh, undefined, at(1_000), 10_000)).toEqual(fresh)
  })

  test('moments have six digits, and are ordered as texts', () => {
    expect(momentOf(Date.UTC(2026, 0, 31, 10, 0, 0, 7))).toBe('2026-01-31T10:00:00.007000')
  })
})
