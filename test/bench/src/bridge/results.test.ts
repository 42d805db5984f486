import { expect, it } from 'vitest'
import { bridgeResults } from './results.ts'

const run = {
  machine: 'A machine',
  scale: 1,
  loadBefore: 0.25,
  minutes: new Map([['ring', 1.25]]),
  figures: [
    { what: 'fewer', value: 91, unit: '% fewer', goal: { atLeast: 90 }, naive: '1,000 calls' },
    { what: 'lost', value: 1, unit: 'changes', goal: { atMost: 0 } },
    { what: 'beside', value: 2, unit: 'B', note: 'a note' },
  ],
}

it('tells goals that are met and missed, each in its own direction, beside the naive way', () => {
  const text = bridgeResults(run)
  expect(text).toContain('1 of 2 goals are met.')
  expect(text).toContain('ring 1.3')
  const rows = text.split('\n').filter((line) => line.startsWith('| '))
  const cells = rows.slice(1).map((row) => row.split('|').map((cell) => cell.trim()))
  expect(cells.map((row) => row.slice(1, 7))).toEqual([
    ['fewer', '91 % fewer', '≥ 90', 'met', '1,000 calls', ''],
    ['lost', '1 changes', '≤ 0', 'missed', '–', ''],
    ['beside', '2 B', '–', '', '–', 'a note'],
  ])
})

it('says that a try was one', () => {
  expect(bridgeResults(run)).not.toContain('A try')
  expect(bridgeResults({ ...run, scale: 0.01 })).toContain('A try at 0.01 of the size')
})
