/**
 * Drafts as an app gets them, and the one key that would get lost on its way out of them: a schema that validates passes `__proto__` over without a word, and assigning it changes
 * an object's prototype, or does nothing at all. Here it is refused by name, before anything else looks at the draft. The other reserved keys are ordinary until they are edits (edits.ts).
 */
import { defaultChangeLimits } from '../change/limits.ts'
import { DraftError } from './edits.ts'
import { isObject, type Json, type JsonObject } from './shape.ts'

const PROTO = '__proto__'

/** What the objects of a draft inherit: as plain ones do, but for the setter that swallows what is assigned to `__proto__`. */
const guarded: object = Object.create(Object.prototype, {
  [PROTO]: {
    get: () => Object.prototype,
    set() {
      throw refused([])
    },
  },
})

/** A deep copy that an app may change freely. */
export function draftOf(value: JsonObject): JsonObject {
  return copy(value)
}

function copy<T extends Json>(value: T): T {
  if (Array.isArray(value)) return value.map(copy) as T
  if (!isObject(value)) return value
  const object: JsonObject = Object.create(guarded)
  for (const key of Object.keys(value)) object[key] = copy(value[key]!)
  return object as T
}

/** @throws DraftError for `__proto__` at any depth that a change can have, as a key or as a prototype that was put in place of an object's own */
export function checkDraftKeys(value: unknown, path: readonly string[] = []): void {
  if (typeof value !== 'object' || value === null || path.length > defaultChangeLimits.depthMax) return
  const prototype: unknown = Object.getPrototypeOf(value)
  const isOwn =
    prototype === null || prototype === guarded || Object.hasOwn(prototype as object, 'constructor')
  if (!isOwn || Object.hasOwn(value, PROTO)) throw refused(path)
  for (const [key, inner] of Object.entries(value)) checkDraftKeys(inner, [...path, key])
}

function refused(path: readonly string[]): DraftError {
  return new DraftError(`${[...path, PROTO].join('.')}: this key is reserved`)
}
