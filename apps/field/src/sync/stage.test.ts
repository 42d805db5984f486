/** The three stages of the chip. */
import type { Standing } from '@skerry/core'
import { expect, test } from 'vitest'
import { stageOf, stageOfOrder } from './stage.ts'

const saved: Standing = { field: 'notes', state: 'saved' }
const pending: Standing = { field: 'notes', state: 'pending' }
const refused: Standing = { field: 'notes', state: 'refused' }

test.each([
  ['nothing known yet', undefined, undefined, 'here'],
  ['something waits', 1, { hub: [saved], crm: [saved] }, 'here'],
  ['nothing was edited here', 0, undefined, 'hub'],
  ['the hub has not answered', 0, { hub: [pending], crm: [pending] }, 'here'],
  ['the hub has it', 0, { hub: [saved], crm: [pending] }, 'hub'],
  ['the office has it', 0, { hub: [saved], crm: [saved] }, 'office'],
  ['the hub refused it', 0, { hub: [saved, refused], crm: [saved] }, 'here'],
  ['a rule mended it', 0, { hub: [{ ...saved, state: 'mended' as const }], crm: [saved] }, 'office'],
  ['the office refused it', 0, { hub: [saved], crm: [refused] }, 'hub'],
  ['the office thinks about it', 0, { hub: [saved], crm: [{ ...saved, state: 'review' as const }] }, 'hub'],
  [
    'the value of the office stands',
    0,
    { hub: [saved], crm: [{ ...saved, state: 'overruled' as const }] },
    'office',
  ],
])('%s', (_, waiting, standing, wanted) => {
  expect(stageOf(waiting === undefined ? undefined : { pending: waiting }, standing)).toBe(wanted)
})

test('an order without an answer is here', () => {
  expect(stageOfOrder(undefined)).toBe('here')
  expect(stageOfOrder({ hub: [saved, pending], crm: [] })).toBe('here')
  expect(stageOfOrder({ hub: [saved], crm: [] })).toBe('hub')
})
