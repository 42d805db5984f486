/** Who is named as whoever wrote something. */
import { expect, test } from 'vitest'
import { spokenIn } from '../words/languages.ts'
import { authorName, personName } from './values.ts'

const en = spokenIn('en', []).words
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
