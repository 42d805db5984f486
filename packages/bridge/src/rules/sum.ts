/** Both changes against the agreed value, added: 10 that became 12 here and 7 there is 9 (SPEC B-92). The order of the sides makes no difference. */
import type { Json } from '@skerry/core'
import { add, type Decimal, decimalOf, negated, spelled } from './amount.ts'
import type { FieldConflict } from './conflict.ts'

/** Undefined when one of the values is no number. */
export function sumOf({ agreed, ours, theirs }: FieldConflict): Json | undefined {
  const [before, here, there] = [agreed, ours, theirs].map(amountOf)
  if (!before || !here || !there) return undefined
  const sum = spelled(add(add(here, there), negated(before)))
  // A field of money is a string on both sides; a side that emptied the field does not say which it is.
  const isText = [ours, theirs, agreed].some((value) => typeof value === 'string')
  return isText ? sum : Number(sum)
}

/** Nothing is none of it. */
function amountOf(value: Json | undefined): Decimal | undefined {
  return value === undefined || value === null ? { units: 0n, digits: 0 } : decimalOf(value)
}
