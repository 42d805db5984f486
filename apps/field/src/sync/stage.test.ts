/** The three stages of the chip. */
import type { Standing } from '@skerry/core'
import { expect, test } from 'vitest'
import { stageOf, stageOfOrder } from './stage.ts'

const saved: Standing = { field: 'notes', state: 'saved' }
const pending: Standing = { field: 'notes', state: 'pending' }

test.each([
  ['nothing known yet', undefined, undefined, 'here'],
  ['something waits', 1, { hub: [saved], crm: [saved] }, 'here'],
  ['nothing was edited here', 0, undefined, 'hub'],
  ['the hub has not answered', 0, { hub: [pending], crm: [pending] }, 'here'],
  ['the hub has it', 0, { hub: [saved], crm: [pending] }, 'hub'],
  ['the office has it', 0, { hub: [saved], crm: [saved] }, 'office'],
  [
    'the office refused it: it has answered',
    0,
    { hub: [saved], crm: [{ ...saved, state: 'refused' as const }] },
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
