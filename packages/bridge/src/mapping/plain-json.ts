/** What goes into a mapping function, and what comes out of one: plain JSON, keys in order, so that equal values are equal to whoever walks their keys. */
import type { Json } from '@skerry/core'

/** Nesting of a mapped value: what core allows in a record. */
const DEPTH_MAX = 64

/** A copy; undefined stays undefined, in objects it is left out. @throws TypeError for what JSON does not have */
export function plainJson(value: unknown, depth = 0): Json | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || value === undefined)
    return value
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return value
    throw new TypeError(`${value} is no number that JSON has`)
  }
  if (depth >= DEPTH_MAX) throw new TypeError(`it is nested more than ${DEPTH_MAX} deep`)
  if (Array.isArray(value)) return value.map((item) => plainJson(item, depth + 1) ?? null)
  if (typeof value === 'object' && isPlain(value)) {
    const copy: Record<string, Json> = {}
    for (const key of Object.keys(value).sort()) {
      const inner = plainJson((value as Record<string, unknown>)[key], depth + 1)
      if (inner !== undefined) Object.defineProperty(copy, key, { value: inner, ...ownProperty })
    }
    return copy
  }
  throw new TypeError(`${nameOf(value)} is no plain JSON`)
}

/** Also a key named `__proto__` is only a key. */
const ownProperty = { writable: true, enumerable: true, configurable: true }

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function nameOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return `a ${typeof value}`
  const { name } = value.constructor as { name?: string }
  return name === 'Promise' ? 'a Promise (a mapping function answers at once)' : `a ${name ?? 'thing'}`
}
