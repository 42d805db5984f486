/** Which of two values is the larger: by amount, or by time (SPEC B-91). */
import type { Json } from '@skerry/core'
import { compare, decimalOf } from './amount.ts'

export type Side = 'ours' | 'theirs'

/** ISO 8601: a date, or a moment that says its distance from UTC. What has no zone is another moment in every place. */
const date = /^\d{4}-\d{2}-\d{2}$/
const moment = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/

/** Undefined when the two cannot be compared. A side that emptied the field has nothing to compare: the other one stands, whichever is asked for. */
export function sideOf(
  wanted: 'larger' | 'smaller',
  { ours, theirs }: { ours: Json | undefined; theirs: Json | undefined },
): Side | undefined {
  if (isNothing(ours)) return 'theirs'
  if (isNothing(theirs)) return 'ours'
  const order = orderOf(ours, theirs)
  if (order === undefined) return undefined
  return order > 0 === (wanted === 'larger') ? 'ours' : 'theirs'
}

/** Of two spellings of one amount the text decides, so that both sides choose the same one. */
function orderOf(a: Json | undefined, b: Json | undefined): number | undefined {
  const order = byAmount(a, b) ?? byTime(a, b)
  if (order !== 0) return order
  return String(a) < String(b) ? -1 : 1
}

function byAmount(a: Json | undefined, b: Json | undefined): number | undefined {
  const [first, second] = [decimalOf(a), decimalOf(b)]
  return first && second && compare(first, second)
}

function byTime(a: Json | undefined, b: Json | undefined): number | undefined {
  if (typeof a !== 'string' || typeof b !== 'string') return undefined
  if (![date, moment].some((form) => form.test(a) && form.test(b))) return undefined
  const difference = Date.parse(a) - Date.parse(b)
  return Number.isNaN(difference) ? undefined : Math.sign(difference)
}

function isNothing(value: Json | undefined): boolean {
  return value === undefined || value === null
}
