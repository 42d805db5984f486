/**
 * Where two texts differ, and by how much. The engine finds the smallest edit itself, letter by letter, in a time that grows with the square of what differs: 20,000
 * letters written over 20,000 others took 5.6 s. So what is rewritten rather than edited is replaced as one piece.
 *
 *     before   the pump leaks at night        after   the pump stopped
 *              └─ same ─┘└─ remove ──┘                └─ same ─┘└insert┘
 */
import { boundaryAfter, boundaryBefore } from './graphemes.ts'

/** Letters removed and inserted by an edit that is told letter by letter; finding twice as many takes four times as long, these some 50 ms. */
export const TEXT_EDIT_LETTERS_MAX = 2_000

/** Comparisons of that search, and then about as many of the engine's: two texts that repeat themselves are compared at each of 4,000 offsets, to their ends. Some 30 ms. */
export const TEXT_COMPARISONS_MAX = 10_000_000

/** Offsets and lengths in UTF-16 units, as JavaScript counts. */
export interface TextSplice {
  index: number
  remove: number
  insert: string
}

/** The shortest piece of `before` whose replacement gives `after` and cuts no letter of either (graphemes.ts). */
export function textSplice(before: string, after: string): TextSplice {
  const shorter = Math.min(before.length, after.length)
  let start = 0
  while (start < shorter && before.charCodeAt(start) === after.charCodeAt(start)) start++
  for (let cut = start; ; start = cut) {
    cut = boundaryBefore(after, boundaryBefore(before, start))
    if (cut === start) break
  }
  let same = 0
  while (
    same < shorter - start &&
    before.charCodeAt(before.length - 1 - same) === after.charCodeAt(after.length - 1 - same)
  )
    same++
  for (let cut = same; ; same = cut) {
    const cutBefore = before.length - boundaryAfter(before, before.length - same)
    cut = after.length - boundaryAfter(after, after.length - cutBefore)
    if (cut === same) break
  }
  return {
    index: start,
    remove: before.length - same - start,
    insert: after.slice(start, after.length - same),
  }
}

/**
 * Whether the smallest edit from one to the other removes and inserts at most `max` units together (Myers, "An O(ND) difference algorithm", 1986). False, too, where finding that out would take more comparisons of units than
 * `budget` has; what it took is taken off that.
 */
export function isEditWithin(
  before: string,
  after: string,
  max: number,
  budget = { comparisons: TEXT_COMPARISONS_MAX },
): boolean {
  if (Math.abs(before.length - after.length) > max) return false
  const reached = new Int32Array(2 * max + 3)
  const middle = max + 1
  for (let edits = 0; edits <= max; edits++) {
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const down = reached[middle + diagonal + 1]!
      const right = reached[middle + diagonal - 1]! + 1
      let x = diagonal === -edits || (diagonal !== edits && right <= down) ? down : right
      const from = x
      while (
        x < before.length &&
        x - diagonal < after.length &&
        before.charCodeAt(x) === after.charCodeAt(x - diagonal)
      )
        x++
      budget.comparisons -= x - from + 1
      if (budget.comparisons < 0) return false
      reached[middle + diagonal] = x
      if (x >= before.length && x - diagonal >= after.length) return true
    }
  }
  return false
}
