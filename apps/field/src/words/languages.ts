/** The languages there are. Another one is its dictionary and a line here. */
import { de } from './de.ts'
import { en, type Words } from './en.ts'
import { type Format, formatFor } from './format.ts'

export const languages = {
  en: { name: 'English', words: en, direction: 'ltr' },
  de: { name: 'Deutsch', words: de, direction: 'ltr' },
} as const

export type Language = keyof typeof languages

export interface Spoken {
  language: Language
  words: Words
  format: Format
}

export function isLanguage(tag: string): tag is Language {
  return Object.hasOwn(languages, tag)
}

/** The first of these that there is: browsers list `de-AT` before `de`. */
export function languageOf(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const primary = tag.split('-')[0]!.toLowerCase()
    if (isLanguage(primary)) return primary
  }
  return 'en'
}

/** @param locale the region's form of it, where the browser named one: dates differ between `en-GB` and `en-US` */
export function spokenIn(language: Language, wanted: readonly string[]): Spoken {
  const locale = wanted.find((tag) => tag.split('-')[0]!.toLowerCase() === language) ?? language
  const format = formatFor(locale)
  return { language, format, words: languages[language].words(format) }
}
