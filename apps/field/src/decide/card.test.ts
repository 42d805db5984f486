/** What a person is asked, and what is written when he decides. */
import type { Json, Standing } from '@skerry/core'
import { expect, test } from 'vitest'
import { cardsOf, cardsOfDeleted, concurrentCards, officeAgainst, setAt } from './card.ts'
import type { Deletion } from './deletion.ts'

const touched = { id: 'o1', fields: ['due', 'status'] }
const overruled: Standing = {
  field: 'due',
  state: 'overruled',
  values: { was: '2027-05-06', became: '2027-05-04' },
  at: 5,
}
const never = () => false

test('an edit of his that a place did not take as it was becomes a card; what arrived does not', () => {
  const standing = { hub: [{ field: 'due', state: 'saved' as const }], crm: [overruled] }
  const [card, ...more] = cardsOf(touched, standing, [], never)
  expect(more).toEqual([])
  expect(card).toMatchObject({
    kind: 'answered',
    place: 'crm',
    field: 'due',
    state: 'overruled',
    values: overruled.values,
  })
})

test('what the hub refused is set aside, and told there; what another place refused is told here', () => {
  const refused: Standing = { field: 'due', state: 'refused', reason: 'not so', at: 5 }
  expect(cardsOf(touched, { hub: [refused] }, [], never)).toEqual([])
  expect(cardsOf(touched, { crm: [refused] }, [], never)).toMatchObject([{ place: 'crm', state: 'refused' }])
})

test("others' edits are their matter", () => {
  expect(cardsOf({ ...touched, fields: ['notes'] }, { crm: [overruled] }, [], never)).toEqual([])
})

test('two values at once become a card; once looked at, it is gone until others stand there', () => {
  const values = [
    { value: 'done', author: 'tech:ana', actor: 'aa', time: 1 },
    { value: 'open', author: 'tech:ben', actor: 'bb', time: 2 },
  ]
  const concurrent = [{ path: ['status'], values }]
  const [card] = cardsOf(touched, {}, concurrent, never)
  expect(cardsOf(touched, {}, concurrent, (key) => key === card?.key)).toEqual([])
  const later = [{ path: ['status'], values: [values[0]!, { ...values[1]!, value: 'en_route' }] }]
  expect(cardsOf(touched, {}, later, (key) => key === card?.key)).toHaveLength(1)
})

const ana = { author: 'tech:ana', actor: `00${'aa'.repeat(16)}`, time: 1 }
const ben = { author: 'tech:ben', actor: `00${'bb'.repeat(16)}`, time: 2 }
const at = (path: string, one: Json, other: Json) => ({
  path: path.split('/'),
  values: [
    { ...ana, value: one },
    { ...ben, value: other },
  ],
})
const signed = (name: string, at: number, drawing?: string) => JSON.stringify({ name, at, drawing })
const stamped = (latitude: number, at: number) =>
  JSON.stringify({ latitude, longitude: 13.25, accuracy: at, at })

test.each([
  ['a step that both ticked', at('checklist/c0ffee00/done', true, true)],
  ['a priority', at('priority', 'high', 'high')],
  ['a due date', at('due', '2027-05-04', '2027-05-04')],
  ['nothing, said in two ways', at('due', null, '')],
  ['a part that both added', at('parts/cone/sku', 'cone', 'cone')],
  ['one signature', at('signed', signed('Mr A', 1), signed('Mr A', 2))],
  ['one place', at('stamped', stamped(52.500001, 1), stamped(52.500002, 2))],
])('where both wrote the same there is nothing to choose: %s', (_, both) => {
  expect(concurrentCards('o1', [both])).toEqual([])
})

test.each([
  ['the key of a photo', at('photos/ab/sha256', 'ab', 'ac')],
  ['its reference', at('photos/ab/ref', 'blob:sha256:ab', 'blob:sha256:ac')],
  ['when it was taken', at('photos/ab/takenAt', 1, 2)],
  ['when it was signed, as it was written before', at('signature/at', 1, 2)],
  ['the points of a drawing', at('signature/drawing', 'M1 1', 'M2 2')],
  ['half of a place', at('stamp/latitude', 52.5, 52.75)],
  ['how right it is', at('stamp/accuracy', 5, 8)],
])('what is no word to anybody is not asked about: %s', (_, both) => {
  expect(concurrentCards('o1', [both])).toEqual([])
})

test.each([
  ['the text of a step', at('checklist/c0ffee00/text', 'Look', 'See')],
  ['a step', at('checklist/c0ffee00/done', true, false)],
  ['two names', at('signed', signed('Mr A', 1), signed('Mrs B', 1))],
  ['a name with a drawing, and without', at('signed', signed('Mr A', 1), signed('Mr A', 1, 'M1 1'))],
  ['two places', at('stamped', stamped(52.5, 1), stamped(52.75, 1))],
])('what can be told apart is asked about, once: %s', (_, both) => {
  expect(concurrentCards('o1', [both])).toMatchObject([{ path: both.path, values: both.values }])
})

test('of three who wrote, two the same, there are two values to choose between', () => {
  const { path, values } = at('priority', 'high', 'low')
  const eva = { author: 'tech:eva', actor: `00${'ee'.repeat(16)}`, time: 3, value: 'low' }
  expect(concurrentCards('o1', [{ path, values: [...values, eva] }])).toMatchObject([{ values }])
})

test('a place that has the same is nothing to choose either', () => {
  const same = { ...overruled, values: { was: '2027-05-04', became: '2027-05-04' } }
  expect(cardsOf(touched, { crm: [same] }, [], never)).toEqual([])
})

test('a value of the office beside his own is put to him as such; among others everybody is named', () => {
  const mine = { value: '2027-05-06', author: 'tech:ana', actor: `00${'aa'.repeat(16)}`, time: 1 }
  const theirs = { value: '2027-05-04', author: undefined, actor: `02${'bb'.repeat(16)}`, time: undefined }
  const bens = { ...mine, author: 'tech:ben', actor: `00${'cc'.repeat(16)}` }
  for (const values of [
    [mine, theirs],
    [theirs, mine],
  ])
    expect(officeAgainst(values, 'tech:ana')).toEqual({ theirs: theirs.value, mine: mine.value })
  expect(officeAgainst([mine, theirs], undefined)).toBe(undefined)
  expect(officeAgainst([bens, theirs], 'tech:ana')).toBe(undefined)
  expect(officeAgainst([bens, mine], 'tech:ana')).toBe(undefined)
  expect(officeAgainst([mine, theirs, bens], 'tech:ana')).toBe(undefined)
})

test('two values that stand at once are asked about once, also where a place has told that one of them was overruled', () => {
  const value = (of: string, actor: string) => ({ value: of, author: undefined, actor, time: undefined })
  const concurrent = [{ path: ['due'], values: [value('2027-05-04', 'bb'), value('2027-05-06', 'aa')] }]
  const cards = cardsOf(touched, { crm: [overruled] }, concurrent, never)
  expect(cards.map(({ kind }) => kind)).toEqual(['concurrent'])
  expect(cardsOf(touched, { crm: [overruled] }, concurrent, (key) => key === cards[0]?.key)).toEqual([])
  const others = [{ path: ['due'], values: [value('2027-05-04', 'bb'), value('2027-05-09', 'cc')] }]
  expect(cardsOf(touched, { crm: [overruled] }, others, never)).toHaveLength(2)
})

test('a decision is written where the value is, also in a row of a list', () => {
  const draft: Json = { status: 'open', checklist: [{ id: 's1', text: 'a', done: false }] }
  setAt(draft, ['status'], 'done')
  setAt(draft, ['checklist', 's1', 'done'], true)
  setAt(draft, ['checklist', 'gone', 'done'], true)
  expect(draft).toEqual({ status: 'done', checklist: [{ id: 's1', text: 'a', done: true }] })
})

const deletion: Deletion = {
  id: 'o1',
  title: 'Pump',
  by: { hash: 'dd', actor: 'aa', seq: 2, author: 'hub', time: 5, fields: [] },
  isOwn: false,
  written: { hash: 'ee', order: { id: 'o1', notes: 'Mine.' }, fields: ['notes'], others: [], both: [] },
}

test('an order that somebody deleted is one card to whoever wrote in it; left deleted, it is none until it is deleted again, or he wrote more', () => {
  const [card, ...more] = cardsOfDeleted(deletion, [], never)
  expect(more).toEqual([])
  expect(card).toMatchObject({ kind: 'deleted', id: 'o1', deletion })
  const isLeft = (key: string) => key === card?.key
  expect(cardsOfDeleted(deletion, [], isLeft)).toEqual([])
  const again = { ...deletion, by: { ...deletion.by, hash: 'd2' } }
  expect(cardsOfDeleted(again, [], isLeft)).toHaveLength(1)
  const rewritten = { ...deletion, written: { ...deletion.written!, hash: 'e2' } }
  expect(cardsOfDeleted(rewritten, [], isLeft)).toHaveLength(1)
})

test('who deleted an order himself is not asked, nor who wrote nothing in it', () => {
  const { written: _, ...unwritten } = deletion
  expect(cardsOfDeleted({ ...deletion, isOwn: true }, [], never)).toEqual([])
  expect(cardsOfDeleted(unwritten, [], never)).toEqual([])
})

test('of a deleted order nothing is to be chosen between, and what a rule changed is told still', () => {
  const mended: Standing = { field: 'status', state: 'mended', reason: 'no hours', at: 5 }
  const concurrent = [at('priority', 'high', 'low')]
  const cards = cardsOf(touched, { hub: [mended], crm: [overruled] }, concurrent, never)
  expect(cards).toHaveLength(3)
  expect(cardsOfDeleted(deletion, cards, never).map(({ kind }) => kind)).toEqual(['deleted', 'answered'])
})
