import { expect, it } from 'vitest'
import { resultsText } from './results.ts'

const met = { what: 'a wait', value: 3, unit: 'ms', goal: 4, section: 'waiting' } as const
const missed = { what: 'a rate', value: 3, unit: 'per s', goal: 4, section: 'rating' } as const
const run = {
  machine: 'A machine',
  quick: false,
  loadBefore: 0.25,
  minutes: 6,
  costs: new Map([['rating', 'rating, hub']]),
}

it('counts the goals that are met, and profiles only those that are not', () => {
  const text = resultsText({ ...run, figures: [met, missed, { what: 'c', value: 1, unit: 'B' }] })
  expect(text).toContain('`npm run bench` wrote this part of the file. A machine.')
  expect(text).toContain('1 of 2 goals are met.')
  expect(text).toContain('- a rate\n\n```\nrating, hub\n```')
  expect(text).not.toContain('- a wait')
})

it('says that a run was quick', () => {
  expect(resultsText({ ...run, quick: true, figures: [met] })).toContain(
    '`npm run bench -- --quick --results`',
  )
})

it('says nothing of profiles when all goals are met', () => {
  expect(resultsText({ ...run, figures: [met] })).not.toContain('Where the time goes')
})
