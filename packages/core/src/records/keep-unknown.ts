/**
 * A schema that validates hands back only what it names. What it does not name was written by a newer version of the schema, and an older one passes it on: it is put back here, at
 * every depth, so that an edit beside it neither loses nor trips over it.
 */
import { isObject, type Json, type JsonObject, type Shape } from './shape.ts'

/** `parsed`, with the fields of `value` that its schema does not name. */
export function keepUnknown(
  shape: Shape & { kind: 'map' },
  value: JsonObject,
  parsed: JsonObject,
): JsonObject {
  return keepInMap(shape, value, parsed)
}

function keep(shape: Shape, value: Json | undefined, parsed: Json): Json {
  switch (shape.kind) {
    case 'map':
      return isObject(value) && isObject(parsed) ? keepInMap(shape, value, parsed) : parsed
    case 'dictionary':
      return isObject(value) && isObject(parsed)
        ? keepEach(parsed, (key) => [shape.value, value[key]])
        : parsed
    case 'keyed':
      return Array.isArray(value) && Array.isArray(parsed)
        ? parsed.map((row, i) => keep(shape.row, value[i], row))
        : parsed
    default:
      return parsed
  }
}

function keepInMap(shape: Shape & { kind: 'map' }, value: JsonObject, parsed: JsonObject): JsonObject {
  const unknown = Object.entries(value).filter(([key]) => !shape.fields.has(key))
  const known = keepEach(parsed, (key) => [shape.fields.get(key), value[key]])
  return Object.fromEntries([...unknown, ...Object.entries(known)])
}

function keepEach(
  parsed: JsonObject,
  at: (key: string) => [shape: Shape | undefined, value: Json | undefined],
): JsonObject {
  return Object.fromEntries(
    Object.entries(parsed).map(([key, inner]) => {
      const [shape, value] = at(key)
      return [key, shape ? keep(shape, value, inner) : inner]
    }),
  )
}
