/**
 * Places of rows in a keyed list: strings over the digits 0–9 A–Z a–z that sort as fractions do, so that a place between any two exists and
 * concurrent inserts never move other rows. Two rows inserted at once at the same place share it and are told apart by their keys.
 */
const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

export function comparePositions(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** A place strictly between `before` and `after`; an empty `before` is the start, an absent `after` the end. */
export function positionBetween(before: string, after: string | undefined): string {
  let prefix = ''
  for (let i = 0; ; i++) {
    const low = i < before.length ? digits.indexOf(before[i]!) : 0
    const high = after === undefined ? digits.length : i < after.length ? digits.indexOf(after[i]!) : 0
    if (high - low > 1) return prefix + digits[after === undefined ? low + 1 : (low + high) >> 1]!
    prefix += digits[low]!
    // Once a digit below the upper bound was taken, anything that follows stays below it.
    if (high > low) return prefix + positionBetween(before.slice(i + 1), undefined)
  }
}
