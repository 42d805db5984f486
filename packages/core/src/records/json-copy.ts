/** A deep copy of plain JSON, for drafts that an app may change freely. */
import type { Json } from './shape.ts'

export function copyJson<T extends Json>(value: T): T {
  if (Array.isArray(value)) return value.map(copyJson) as T
  if (typeof value !== 'object' || value === null) return value
  const copy: Record<string, Json> = {}
  for (const key of Object.keys(value)) copy[key] = copyJson(value[key]!)
  return copy as T
}
