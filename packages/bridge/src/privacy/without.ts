/** Values without what stands at some paths. */
import type { JsonObject } from '@skerry/core'
import type { ExternalRow } from '../adapter-port.ts'
import { type Path, valueAt, withValueAt } from '../mapping/path.ts'

export function without(value: JsonObject, paths: readonly Path[]): JsonObject {
  return paths.reduce(
    (less, path) => (valueAt(less, path) === undefined ? less : withValueAt(less, path, undefined)),
    value,
  )
}

export function rowWithout(row: ExternalRow, paths: readonly Path[]): ExternalRow {
  return paths.length === 0 ? row : { ...row, value: without(row.value, paths) }
}
