/** What a record's row says under the collection's indexes. */
import type { Collection } from '../records/collection.ts'
import type { JsonObject } from '../records/shape.ts'
import type { IndexValue } from '../store/port.ts'

/** @param visible undefined for what queries do not see, which is under none */
export function indexedValues(
  collection: Collection | undefined,
  visible: JsonObject | undefined,
): [field: string, value: IndexValue][] {
  if (!collection || !visible) return []
  return collection.indexes.map((field) => [field, indexValue(visible[field])])
}

function indexValue(value: unknown): IndexValue {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null
}
