/**
 * Places of rows in a keyed list: strings over the digits 0–9 A–Z a–z that sort as fractions do, so that a place between any two exists and
 * concurrent inserts never move other rows. Two rows inserted at once at the same place share it and are told apart by their keys.
 *
 * Lists mostly grow at an end. A place at the end is the next digit, one at the start the digit before, so that some sixty rows share a length; a place between two
 * rows halves what is left, so that a length lasts five.
 */
const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** A fraction has one spelling: without zeros at its end. Between `A` and `A0` there would be nothing. */
const placeForm = /^[0-9A-Za-z]*[1-9A-Za-z]$/
/** Digits of a place: 5 for each insertion at the same place in the middle, 1 for 60 at an end, so more than anybody's list needs. Whoever wrote a longer one wastes everybody's memory. */
export const POSITION_LENGTH_MAX = 16_384

export function comparePositions(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** False for what another replica wrote there and is no place; such a row has none. */
export function isPosition(text: string): boolean {
  return text.length <= POSITION_LENGTH_MAX && placeForm.test(text)
}

/** A place strictly between `before` and `after`; an empty `before` is the start, an absent `after` the end. @throws RangeError when there is none */
export function positionBetween(before: string, after: string | undefined): string {
  if (after !== undefined && before >= after)
    throw new RangeError(`there is no place after '${before}' and before '${after}'`)
  let place = ''
  let belowAfter = after === undefined
  for (let i = 0; ; i++) {
    const low = i < before.length ? digits.indexOf(before[i]!) : 0
    const high = belowAfter ? digits.length : i < after!.length ? digits.indexOf(after![i]!) : 0
    if (high - low > 1) return place + digits[pick(low, high, before, after)]!
    place += digits[low]!
    // Once a digit below the upper bound was taken, anything that follows stays below it.
    belowAfter ||= high > low
  }
}

function pick(low: number, high: number, before: string, after: string | undefined): number {
  if (after === undefined) return low + 1
  return before === '' ? high - 1 : (low + high) >> 1
}
