/** The sentence beside a record's fields. An app with another language brings its own words. */
import type { Saved, Stage } from './live-saved.ts'

export type SavedWords = Readonly<Record<Stage, (place: string, reason: string) => string>>

export const englishWords: SavedWords = {
  here: () => 'Saved on this device',
  hub: () => 'Saved at the hub',
  outside: (place) => `Saved in ${place}`,
  refused: (place, reason) => `Refused by ${place === 'hub' ? 'the hub' : place}${reason && `: ${reason}`}`,
  review: (place, reason) => `Somebody decides about it${place && ` in ${place}`}${reason && `: ${reason}`}`,
}

export function savedWords(
  { stage, place = '', reason = '' }: Saved,
  words: SavedWords = englishWords,
): string {
  return words[stage](place, reason)
}
