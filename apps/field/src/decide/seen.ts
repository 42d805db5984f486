/** What of an order's values a person sees, and can tell apart. What he does not see is kept all the same: nobody is asked about it. */
import { equalJson, type Json } from '@skerry/core'
import { signatureIn, stampIn } from '@skerry/field-service/one-value'

/** Of degrees, as a place is shown: a metre. */
const DEGREES_DIGITS = 5

/** Parts of rows and objects that are no words to anybody: keys, references, the times of taking, the points of a drawing. */
const unseen: Readonly<Record<string, readonly string[]>> = {
  parts: ['sku'],
  checklist: ['id'],
  photos: ['sha256', 'ref', 'takenAt'],
  signature: ['at', 'drawing'],
  stamp: ['latitude', 'longitude', 'accuracy', 'at'],
}

/** @param path of a value: a field, or a field, a row's key and a part of the row */
export function isSeen(path: readonly string[]): boolean {
  const [field = ''] = path
  const part = path.at(-1) ?? ''
  return path.length < 2 || !Object.hasOwn(unseen, field) || !unseen[field]?.includes(part)
}

/** Whether a person cannot tell two values of a field apart. */
export function isSeenEqual(field: string, one: Json, other: Json): boolean {
  return equalJson(seenOf(field, one), seenOf(field, other))
}

function seenOf(field: string, value: Json): Json {
  if (typeof value !== 'string') return value ?? ''
  const signature = field === 'signed' ? signatureIn(value) : undefined
  if (signature) return [signature.name, signature.drawing !== undefined]
  const stamp = field === 'stamped' ? stampIn(value) : undefined
  return stamp ? [stamp.latitude, stamp.longitude].map((degrees) => degrees.toFixed(DEGREES_DIGITS)) : value
}
