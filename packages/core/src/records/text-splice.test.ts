import { describe, expect, test } from 'vitest'
import { SeededRandom } from '../testing/seeded-random.ts'
import { graphemesOf } from './graphemes.ts'
import { isEditWithin, TEXT_COMPARISONS_MAX, TEXT_EDIT_LETTERS_MAX, textSplice } from './text-splice.ts'

const LETTERS = [
  'a',
  'b',
  '😀',
  '😁',
  'e\u0301',
  '\u{1F1E9}\u{1F1EA}',
  '\u{1F1EB}\u{1F1EA}',
  '\u{1F468}\u200D\u{1F467}',
  '\u{1F468}\u200D\u{1F466}',
]

function applied(before: string, after: string): string {
  const { index, remove, insert } = textSplice(before, after)
  return before.slice(0, index) + insert + before.slice(index + remove)
}

describe('textSplice', () => {
  test('leaves what is the same at both ends', () => {
    expect(textSplice('the pump leaks', 'the pump drips')).toEqual({ index: 9, remove: 4, insert: 'drip' })
    expect(textSplice('same', 'same')).toEqual({ index: 4, remove: 0, insert: '' })
    expect(textSplice('aa', 'aaa')).toEqual({ index: 2, remove: 0, insert: 'a' })
    expect(textSplice('', 'new')).toEqual({ index: 0, remove: 0, insert: 'new' })
  })

  test('does not cut characters of two units', () => {
    // They share the first unit, or the second one.
    expect(textSplice('a😀b', 'a😁b')).toEqual({ index: 1, remove: 2, insert: '😁' })
    expect(textSplice('\u{1F600}', '\u{1FA00}')).toEqual({ index: 0, remove: 2, insert: '\u{1FA00}' })
  })

  test('does not cut letters of several characters', () => {
    const [three, boy] = [
      '\u{1F468}\u200D\u{1F469}\u200D\u{1F467}',
      '\u{1F468}\u200D\u{1F469}\u200D\u{1F466}',
    ]
    expect(textSplice(`a${three}b`, `a${boy}b`)).toEqual({ index: 1, remove: three.length, insert: boy })
    expect(textSplice('ae\u0301x', 'ae\u0300x')).toEqual({ index: 1, remove: 2, insert: 'e\u0300' })
    expect(textSplice('ax', 'ax\u0301')).toEqual({ index: 1, remove: 1, insert: 'x\u0301' })
    expect(textSplice('a\u{1F1E9}\u{1F1EA}', 'a\u{1F1EB}\u{1F1EA}')).toEqual({
      index: 1,
      remove: 4,
      insert: '\u{1F1EB}\u{1F1EA}',
    })
  })

  test('gives the text that was asked for, whatever the two are', () => {
    const random = new SeededRandom(1)
    const text = () => Array.from({ length: random.below(8) }, () => random.pick(LETTERS)).join('')
    for (let i = 0; i < 2_000; i++) {
      const [before, after] = [text(), text()]
      expect(applied(before, after)).toBe(after)
      const { index, remove, insert } = textSplice(before, after)
      expect(insert.isWellFormed()).toBe(true)
      for (const part of [before.slice(0, index), before.slice(index, index + remove), insert])
        expect(graphemesOf(part).filter((letter) => !LETTERS.includes(letter))).toEqual([])
    }
  })
})

describe('isEditWithin', () => {
  test('is true up to the smallest number of letters that are removed and inserted', () => {
    const random = new SeededRandom(2)
    const text = () => Array.from({ length: random.below(10) }, () => random.pick(['a', 'b', 'c'])).join('')
    for (let i = 0; i < 2_000; i++) {
      const [before, after] = [text(), text()]
      const smallest = before.length + after.length - 2 * commonSubsequence(before, after)
      expect(isEditWithin(before, after, smallest)).toBe(true)
      if (smallest > 0) expect(isEditWithin(before, after, smallest - 1)).toBe(false)
    }
  })
})

describe('TEXT_COMPARISONS_MAX', () => {
  /** One letter, with others strewn in: at each offset most of it is the same. */
  const strewn = (seed: number, length: number, others: number) => {
    const random = new SeededRandom(seed)
    const letters = new Array<string>(length).fill('a')
    for (let i = 0; i < others; i++) letters[random.below(length)] = 'b'
    return letters.join('')
  }

  test('bounds the search in texts that repeat themselves', () => {
    const budget = { comparisons: TEXT_COMPARISONS_MAX }
    expect(
      isEditWithin(strewn(1, 400_000, 1_100), strewn(2, 400_000, 1_100), TEXT_EDIT_LETTERS_MAX, budget),
    ).toBe(false)
    // The last run of what is the same is counted when it is over.
    expect(budget.comparisons).toBeLessThan(0)
    expect(budget.comparisons).toBeGreaterThan(-400_000)
  })

  test('is far above what a large text that was edited, or replaced by another one, takes', () => {
    const random = new SeededRandom(3)
    const text = () =>
      Array.from({ length: 100_000 }, () => random.pick([...'abcdefghijklmnopqrstuvwxyz '])).join('')
    const before = text()
    for (const after of [text(), `${before.slice(0, 50_000)}more${before.slice(50_100)}!`]) {
      const budget = { comparisons: TEXT_COMPARISONS_MAX }
      isEditWithin(before, after, TEXT_EDIT_LETTERS_MAX, budget)
      expect(budget.comparisons).toBeGreaterThan(TEXT_COMPARISONS_MAX / 2)
    }
  })

  test('what it took is told to the unit', () => {
    const [before, after] = ['the pump leaks', 'the pipe drips']
    const budget = { comparisons: 1_000 }
    expect(isEditWithin(before, after, 100, budget)).toBe(true)
    const took = 1_000 - budget.comparisons
    expect(isEditWithin(before, after, 100, { comparisons: took })).toBe(true)
    expect(isEditWithin(before, after, 100, { comparisons: took - 1 })).toBe(false)
  })
})

/** Length of the longest one, by the table that everybody knows. */
function commonSubsequence(a: string, b: string): number {
  let row = new Array<number>(b.length + 1).fill(0)
  for (const letter of a) {
    const next = [0]
    for (let i = 0; i < b.length; i++)
      next.push(b[i] === letter ? row[i]! + 1 : Math.max(row[i + 1]!, next[i]!))
    row = next
  }
  return row.at(-1)!
}
