/** Where something stands in a JSON value: names with dots between them (`meta.version`), or a JSON pointer (RFC 6901) for names that have dots. Empty: the value itself. */
import type { Json, JsonObject } from '@skerry/core'

function namesOf(path: string): string[] {
  if (path === '') return []
  if (!path.startsWith('/')) return path.split('.')
  return path
    .slice(1)
    .split('/')
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** Undefined where nothing stands. Only own members count: a name like `constructor` leads nowhere. */
export function valueAt(value: unknown, path: string): unknown {
  let at = value
  for (const name of namesOf(path)) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined
    at = (at as Record<string, unknown>)[name]
  }
  return at
}

/** The object with a value at that place; what leads there is made. */
export function withValueAt(object: JsonObject, path: string, value: Json): JsonObject {
  return put(object, namesOf(path), value) as JsonObject
}

function put(at: Json | undefined, [name, ...rest]: readonly string[], value: Json): Json {
  const object = typeof at === 'object' && at !== null && !Array.isArray(at) ? at : {}
  if (name !== undefined) return { ...object, [name]: put(object[name], rest, value) }
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? { ...object, ...value }
    : value
}
