/** A row as clients see it: values in the forms of JSON, compounds put together, system fields beside the others. */
import { createHash } from 'node:crypto'
import { exactNumber } from '../json.ts'
import { isNumber, type ObjectType } from '../objects/object-type.ts'
import { systemFields } from '../objects/system-fields.ts'
import { timeText } from '../time.ts'
import type { Row } from './row.ts'

export function isFieldOf(type: ObjectType, name: string): boolean {
  return name in systemFields || name in type.fields || name in (type.compounds ?? {})
}

/** Every field that can be asked for. */
export function fieldNames(type: ObjectType): string[] {
  return [...Object.keys(systemFields), ...Object.keys(type.compounds ?? {}), ...Object.keys(type.fields)]
}

export function toldRow(
  type: ObjectType,
  row: Row,
  names: readonly string[],
  base: string,
): Record<string, unknown> {
  const attributes = { type: type.name, url: `${base}/sobjects/${type.name}/${row.id}` }
  return { attributes, ...toldFields(type, row, names) }
}

export function toldFields(type: ObjectType, row: Row, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, toldValue(type, row, name)]))
}

function toldValue(type: ObjectType, row: Row, name: string): unknown {
  const system = systemFields[name]
  if (system) {
    const value = row[system.column as keyof Row]
    return system.type === 'datetime' ? timeText(value as number) : value
  }
  const compound = type.compounds?.[name]
  if (compound) {
    const parts = Object.entries(compound.parts).map(([part, field]) => [part, toldValue(type, row, field)])
    const given = parts.map(([, value]) => value).filter((value) => value !== null)
    if (given.length === 0) return null
    return compound.type === 'name' ? given.join(' ') : Object.fromEntries(parts)
  }
  const field = type.fields[name]
  const value = row.fields[name] ?? null
  return field && isNumber(field) && typeof value === 'string' ? exactNumber(value) : value
}

/** Strong: another one after every change of the row. */
export function etagOf(row: Row): string {
  const hash = createHash('sha1').update(JSON.stringify(row)).digest('base64')
  return `"${hash}-gzip"`
}
