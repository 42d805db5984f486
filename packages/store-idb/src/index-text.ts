/** Values of indexes as texts: tagged, so that 1, "1" and true differ. */
import type { IndexValue } from '@skerry/core'

export function indexText(value: IndexValue): string {
  if (typeof value === 'string') return `s${value}`
  if (typeof value === 'number') return `n${value}`
  if (value === null) return 'z'
  return value ? 't' : 'f'
}

/** @throws RangeError for a text that is none of these */
export function indexValue(text: string): IndexValue {
  switch (text[0]) {
    case 's':
      return text.slice(1)
    case 'n':
      return Number(text.slice(1))
    case 'z':
      return null
    case 't':
      return true
    case 'f':
      return false
    default:
      throw new RangeError(`"${text}" is no value of an index`)
  }
}
