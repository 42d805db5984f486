/** Who is named as whoever wrote something, and how what was written is called and shown. */
import { expect, test } from 'vitest'
import { spokenIn } from '../words/languages.ts'
import { authorName, nameOf, personName, shownValue } from './values.ts'

const { words: en, format } = spokenIn('en', [])
const de = spokenIn('de', []).words
const run = `00${'aa'.repeat(16)}`
const imported = `02${'bb'.repeat(16)}`

test.each([
  ['a technician', { author: 'tech:ana', actor: run }, 'Ana', 'Ana'],
  ['the hub, by a rule', { author: 'hub', actor: run }, 'The hub', 'Die Zentrale'],
  ['the system of the office', { author: undefined, actor: imported }, 'The office', 'Das Büro'],
  ['its adapter node', { author: 'adapter:crm', actor: run }, 'The office', 'Das Büro'],
  ['another adapter node', { author: 'adapter:erp', actor: run }, 'erp', 'erp'],
  ['nobody who is known here', { author: undefined, actor: run }, 'somebody', 'jemand'],
])('%s', (_, written, english, german) => {
  expect(authorName(written, en)).toBe(english)
  expect(authorName(written, de)).toBe(german)
})

test('a technician may have the name of a place', () => {
  expect(personName('tech:hub', en)).toBe('Hub')
})

test('a row is called by its words: what a step says, the number of a part', () => {
  const order = { checklist: [{ id: 'c0ffee00', text: 'Look at the gate', done: false }] }
  expect(nameOf(en, ['checklist', 'c0ffee00', 'done'], order)).toBe('Step “Look at the gate”')
  expect(nameOf(de, ['checklist', 'c0ffee00', 'done'], order)).toBe('Schritt „Look at the gate“')
  expect(nameOf(en, ['checklist', 'gone', 'done'], order)).toBe('Checklist')
  expect(nameOf(en, ['checklist', 'c0ffee00', 'done'], undefined)).toBe('Checklist')
  expect(nameOf(en, ['parts', 'cone', 'qty'], order)).toBe('Part cone')
  expect(nameOf(en, ['photos', 'ab'.repeat(32), 'ref'], order)).toBe('Photo')
  expect(nameOf(en, ['status'], order)).toBe('Status')
})

test.each([
  ['signed', JSON.stringify({ name: 'Mr A', at: 1 }), 'Mr A'],
  ['signed', JSON.stringify({ name: 'Mrs B', at: 1, drawing: 'M1 1' }), 'Mrs B, drawn'],
  ['signature', { name: 'Mrs B', at: 1, drawing: 'M1 1' }, 'Mrs B, drawn'],
  ['stamped', JSON.stringify({ latitude: 52.5, longitude: 13.25, accuracy: 5, at: 1 }), '52.50000, 13.25000'],
  ['photos', [], 'nothing'],
])('%s is shown without what a machine says: %j', (field, value, shown) => {
  expect(shownValue(en, format, field, value)).toBe(shown)
})

test('photos are told by their number, since none of them says a word', () => {
  const photos = ['ab', 'cd'].map((byte) => ({ sha256: byte.repeat(32), ref: 'x', takenAt: 1 }))
  const [one] = photos
  expect(shownValue(en, format, 'photos', photos)).toBe('2 photos')
  expect(shownValue(de, format, 'photos', photos)).toBe('2 Fotos')
  expect(shownValue(en, format, 'photos', [one!])).toBe('1 photo')
  expect(shownValue(de, format, 'photos', [one!])).toBe('1 Foto')
})
