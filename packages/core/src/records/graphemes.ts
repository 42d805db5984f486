/** What people take for one letter, as the engine does: an emoji of several code points, a letter with its accent, a flag. Half of one is another letter, or none. */

const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' })
/** Each unit of such a text is a letter of its own (UAX #29: no mark, joiner or emoji stands below U+0300, and of line ends only CR joins). */
const plain = /^[\t\n -\u02ff]*$/

export function graphemesOf(text: string): string[] {
  if (plain.test(text)) return text.split('')
  return Array.from(segmenter.segment(text), ({ segment }) => segment)
}

/** The last place up to `index` at which no letter of the text is cut. */
export function boundaryBefore(text: string, index: number): number {
  if (index <= 0 || index >= text.length || plain.test(text.slice(index - 1, index + 1))) return index
  return segmenter.segment(text).containing(index)?.index ?? index
}

/** The first one from `index` on. */
export function boundaryAfter(text: string, index: number): number {
  const before = boundaryBefore(text, index)
  if (before === index) return index
  return before + (segmenter.segment(text).containing(before)?.segment.length ?? index - before)
}
