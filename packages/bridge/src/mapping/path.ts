/** Where a value stands, in a record or in a row (SPEC B-70): names with dots between them; a dot that belongs to a name is written `\.`. */
import { isObject, type Json, type JsonObject } from '@skerry/core'

export interface Path {
  /** As it is written. */
  text: string
  /** The first of `steps`: the field of the record, or of the row as an adapter knows it. */
  root: string
  steps: readonly string[]
}

/** Names on a path: an address in a contact in an order is three. Deeper, and a record's shape is no longer what people can read. */
export const PATH_STEPS_MAX = 8

const separator = /(?<!\\)\./

/** @throws RangeError for a path with an empty name, or with too many */
export function parsePath(text: string): Path {
  const steps = text.split(separator).map((step) => step.replaceAll('\\.', '.'))
  if (steps.includes('')) throw new RangeError(`'${text}' has an empty name between its dots`)
  if (steps.length > PATH_STEPS_MAX)
    throw new RangeError(`'${text}' has ${steps.length} names, limit ${PATH_STEPS_MAX}`)
  return { text, root: steps[0]!, steps }
}

/** A name as it is written in a path. */
export function escaped(name: string): string {
  return name.replaceAll('.', '\\.')
}

export function valueAt(object: JsonObject | undefined, { steps }: Path): Json | undefined {
  let value: Json | undefined = object
  for (const step of steps) {
    if (!isObject(value) || !Object.hasOwn(value, step)) return undefined
    value = value[step]
  }
  return value
}

/**
 * A copy with the value there. Undefined takes the value away. Objects on the way are made for a value, never for null or nothing, and never taken away: another device may be writing
 * beside it.
 */
export function withValueAt(object: JsonObject, { steps }: Path, value: Json | undefined): JsonObject {
  return put(object, steps, value)
}

function put(
  object: JsonObject,
  [step = '', ...rest]: readonly string[],
  value: Json | undefined,
): JsonObject {
  if (rest.length === 0) {
    if (value !== undefined) return { ...object, [step]: value }
    const { [step]: _, ...others } = object
    return others
  }
  const inner = Object.hasOwn(object, step) ? object[step] : undefined
  if (!isObject(inner) && (value === undefined || value === null)) return object
  return { ...object, [step]: put(isObject(inner) ? inner : {}, rest, value) }
}

/** True when one is the other, or leads into it. */
export function isSameOrInside(a: readonly string[], b: readonly string[]): boolean {
  const length = Math.min(a.length, b.length)
  return a.slice(0, length).every((step, i) => step === b[i])
}
