/** What a schema says of a value, held against what stood there before: nobody answers for what they found. */
import { valueAt } from './changed-fields.ts'
import type { SchemaIssue } from './collection.ts'
import { equalJson } from './edits.ts'
import { pathOf } from './pointer.ts'
import { isObject, type Json, type JsonObject, type Shape } from './shape.ts'

type MapShape = Shape & { kind: 'map' }

/** The issues of `after` whose own value is another one than in `before`. An issue of the record as a whole is always among them. */
export function newIssues(
  shape: MapShape,
  issues: readonly SchemaIssue[],
  before: JsonObject,
  after: JsonObject,
): SchemaIssue[] {
  return issues.filter(({ path }) => {
    const named = byKeys(shape, after, pathOf(path))
    return named.length === 0 || !equalJson(valueAt(shape, before, named), valueAt(shape, after, named))
  })
}

/** A schema counts rows; another edit may have moved them, so they are named by their keys. */
function byKeys(shape: Shape | undefined, value: Json | undefined, path: readonly string[]): string[] {
  const [part, ...rest] = path
  if (part === undefined) return []
  if (shape?.kind === 'keyed' && Array.isArray(value)) {
    const row = value[Number(part)]
    const key = isObject(row) ? String(row[shape.key]) : part
    return [key, ...byKeys(shape.row, row, rest)]
  }
  const inner =
    shape?.kind === 'map' ? shape.fields.get(part) : shape?.kind === 'dictionary' ? shape.value : undefined
  return [part, ...byKeys(inner, isObject(value) ? value[part] : undefined, rest)]
}
