/** Whose change a place did not take. */
import { expect, test } from 'vitest'
import { otherWriter, type Written } from './other-writer.ts'

const run = `00${'aa'.repeat(16)}`
const wrote = (author: string | undefined, field: string, actor = run) => ({
  actor,
  author,
  fields: [[field]],
})
const written: Written = {
  history: [
    wrote('tech:ana', 'status'),
    wrote('tech:ana', 'notes'),
    wrote('tech:ben', 'notes'),
    wrote('hub', 'status'),
    wrote(undefined, 'status', `02${'cc'.repeat(16)}`),
  ],
  aside: [
    { author: 'tech:ben', edits: [{ op: 'put', path: ['due'], value: '2027-05-04' }] },
    { author: 'tech:ana', edits: [{ op: 'put', path: ['due'], value: '2027-05-06' }] },
    { edits: [{ op: 'put', path: ['title'], value: 'Pump' }] },
  ],
}

test.each([
  ['what a rule changed is told of who wrote it', 'status', 'hub', 'mended', 'tech:ana'],
  ['what the office overruled is told of who wrote last', 'notes', 'crm', 'overruled', undefined],
  ['what the hub refused is told of whose it is', 'due', 'hub', 'refused', 'tech:ana'],
  ['what was set aside by an earlier build is nobody’s', 'title', 'hub', 'refused', undefined],
  ['what arrived needs no name', 'status', 'crm', 'saved', undefined],
] as const)('%s', (_, field, place, state, wanted) => {
  expect(otherWriter({ field, place, state }, written, 'tech:ben')).toBe(wanted)
})

test('nobody is told of himself as of another', () => {
  const refused = { field: 'due', place: 'hub', state: 'refused' } as const
  expect(otherWriter(refused, written, 'tech:ana')).toBeUndefined()
  expect(otherWriter({ ...refused, field: 'notes', place: 'crm' }, written, 'tech:ana')).toBe('tech:ben')
})
