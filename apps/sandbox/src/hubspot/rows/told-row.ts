/** A row as the API tells it. */
import { modifiedPropertyOf, type ObjectType } from '../objects/object-type.ts'
import { propertiesOf } from '../objects/system-properties.ts'
import type { Values } from '../objects/values.ts'
import type { Row } from './row.ts'

type Told = Pick<Row, 'id' | 'createdAt' | 'modifiedAt' | 'archivedAt' | 'properties'>

/**
 * @param names properties to tell; one that has no value is null, and one that the type does not have is left out without a word
 */
export function toldRow(type: ObjectType, row: Told, names: readonly string[] = type.defaults) {
  const values = allValues(type, row)
  const known = propertiesOf(type)
  const told = [...new Set([...names, 'hs_object_id', modifiedPropertyOf(type)])].filter(
    (name) => name in known,
  )
  const { archivedAt } = row
  return {
    id: String(row.id),
    properties: Object.fromEntries(told.sort().map((name) => [name, values[name] ?? null])),
    createdAt: timeText(row.createdAt),
    updatedAt: timeText(row.modifiedAt),
    archived: archivedAt !== null,
    ...(archivedAt !== null && { archivedAt: timeText(archivedAt) }),
  }
}

/** Those that were written, and the system's. */
export function allValues(type: ObjectType, { id, createdAt, modifiedAt, properties }: Told): Values {
  return {
    ...properties,
    hs_object_id: String(id),
    createdate: timeText(createdAt),
    hs_createdate: timeText(createdAt),
    [modifiedPropertyOf(type)]: timeText(modifiedAt),
  }
}

function timeText(ms: number): string {
  return new Date(ms).toISOString()
}
