/** A view from elsewhere, as JSON that is safe to show: bounded in depth, and with no key that would reach into a prototype (U-4). */
import { isObject, isReservedKey, type Json, type JsonObject } from '../records/shape.ts'
import { VIEW_DEPTH_MAX } from './limits.ts'

/** Something nested, escaped, or in it the beginning of a reserved key: to be looked at closely. Most records have none of it. */
const NEEDS_A_LOOK = /.[[{]|\\u|"@|__proto__|constructor|prototype/s

/** Undefined for what is not to be shown. */
export function readShippedJson(text: string): JsonObject | undefined {
  const value = parsed(text)
  return isObject(value) && (!NEEDS_A_LOOK.test(text) || isSafe(value, 1)) ? value : undefined
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined // no JSON; where is of no use to anybody
  }
}

function isSafe(value: Json, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (depth > VIEW_DEPTH_MAX) return false
  if (Array.isArray(value)) return value.every((one) => isSafe(one, depth + 1))
  return Object.keys(value).every((key) => !isReservedKey(key) && isSafe(value[key]!, depth + 1))
}
