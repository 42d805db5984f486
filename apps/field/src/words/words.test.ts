/** Every language says everything, and says it by its own rules. */
import { expect, test } from 'vitest'
import { languageOf, languages, spokenIn } from './languages.ts'

type Said = string | ((...args: never[]) => string) | { [name: string]: Said }

function leaves(said: Said, path: string): [string, string][] {
  if (typeof said === 'string') return [[path, said]]
  if (typeof said === 'function') return [[path, `function of ${said.length}`]]
  return Object.entries(said).flatMap(([name, inner]) => leaves(inner, `${path}.${name}`))
}

const named = Object.keys(languages) as (keyof typeof languages)[]

test.each(named)('%s has a word for everything, and no empty one', (language) => {
  const said = leaves(spokenIn(language, []).words, '')
  const wanted = leaves(spokenIn('en', []).words, '').map(([path]) => path)
  expect(said.map(([path]) => path).sort()).toEqual(wanted.sort())
  expect(said.filter(([, text]) => text.trim() === '')).toEqual([])
})

test('plurals, dates, numbers and lists are those of the language', () => {
  const { words, format } = spokenIn('de', ['de-AT'])
  expect(words.today.count(1)).toBe('1 Auftrag')
  expect(words.today.count(1234)).toMatch(/^1.234 Aufträge$/)
  expect(format.day('2027-05-04')).toBe('4. Mai 2027')
  expect(format.list(['Ana', 'Ben'])).toBe('Ana und Ben')
  expect(spokenIn('en', ['en-GB']).format.day('2027-05-04')).toBe('4 May 2027')
})

test.each([
  [75, '1 hr 15 min'],
  [0, '0 min'],
  [120, '2 hr'],
])('%i minutes are %s', (minutes, wanted) => {
  expect(spokenIn('en', ['en-US']).format.duration(minutes)).toBe(wanted)
})

test('the first language there is is taken, English if there is none', () => {
  expect(languageOf(['fr-FR', 'de-CH', 'en'])).toBe('de')
  expect(languageOf(['fr'])).toBe('en')
})

test('whoever reads it is told of himself by the right verb', () => {
  const { keep, deleted } = spokenIn('de', ['de']).words
  expect(keep.by(undefined)).toBe('Sie schrieben')
  expect(keep.byAt(undefined, 0)).toMatch(/^Sie schrieben, /)
  expect(keep.by('Ben')).toBe('Ben schrieb')
  expect(deleted.title(undefined, 'Pumpe')).toBe('Sie haben „Pumpe“ gelöscht')
  expect(deleted.title('Ben', 'Pumpe')).toBe('Ben hat „Pumpe“ gelöscht')
  expect(spokenIn('en', ['en']).words.keep.by(undefined)).toBe('You wrote')
})

test('whose change was refused is told by name, where it is not that of whoever reads it', () => {
  const { decide } = spokenIn('de', ['de']).words
  expect(decide.asideTitle(undefined, 'Pumpe')).toBe('Ihre Änderung an „Pumpe“ wurde abgelehnt')
  expect(decide.asideTitle('Ana', 'Pumpe')).toBe('Die Änderung von Ana an „Pumpe“ wurde abgelehnt')
  expect(decide.refusal['read-only']?.(undefined)).toBe('Sie dürfen lesen, aber nichts ändern.')
  expect(decide.refusal['read-only']?.('Ana')).toBe('Ana darf lesen, aber nichts ändern.')
  const english = spokenIn('en', ['en']).words.decide
  expect(english.what(undefined)).toBe('What you had changed')
  expect(english.what('Ana')).toBe('What Ana had changed')
  for (const { refusal } of [decide, english])
    for (const reason of Object.values(refusal))
      expect(reason('Ana')).not.toMatch(/\b(you|Sie dürfen|dürfen Sie)\b/i)
})
