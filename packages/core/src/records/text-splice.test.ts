import { describe, expect, test } from 'vitest'
import { SeededRandom } from '../testing/seeded-random.ts'
import { isEditWithin, textSplice } from './text-splice.ts'

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

  test('gives the text that was asked for, whatever the two are', () => {
    const random = new SeededRandom(1)
    const text = () =>
      Array.from({ length: random.below(8) }, () => random.pick(['a', 'b', '😀', '😁'])).join('')
    for (let i = 0; i < 2_000; i++) {
      const [before, after] = [text(), text()]
      expect(applied(before, after)).toBe(after)
      expect(textSplice(before, after).insert.isWellFormed()).toBe(true)
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
