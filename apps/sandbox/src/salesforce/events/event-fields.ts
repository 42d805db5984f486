/** The fields of a change event: only what changed, parts of a compound inside of it. */
import { exactNumber } from '../json.ts'
import { isNumber, type ObjectType } from '../objects/object-type.ts'
import type { RowChange } from '../rows/row.ts'

export function eventFields(
  type: ObjectType,
  { changeType, row, changed }: RowChange,
): Record<string, unknown> {
  if (changeType === 'DELETE') return {}
  const told: Record<string, unknown> = { LastModifiedDate: isoTime(row.modifiedAt) }
  if (changeType === 'CREATE') told.CreatedDate = isoTime(row.createdAt)
  for (const name of changed) {
    const field = type.fields[name]
    const value = row.fields[name] ?? null
    const shown = field && isNumber(field) && typeof value === 'string' ? exactNumber(value) : value
    const { compound, part } = placeOf(type, name)
    if (compound === undefined) told[name] = shown
    else told[compound] = { ...(told[compound] as object | undefined), [part]: shown }
  }
  return told
}

/** As `changedFields` and `nulledFields` name them. */
export function changedNames(type: ObjectType, names: readonly string[]): string[] {
  return names.map((name) => {
    const { compound, part } = placeOf(type, name)
    return compound === undefined ? name : `${compound}.${part}`
  })
}

/** Where a field stands in an event: `BillingCity` in `BillingAddress`, as `City`. */
function placeOf(type: ObjectType, name: string): { compound: string | undefined; part: string } {
  for (const [compound, { parts }] of Object.entries(type.compounds ?? {})) {
    const part = Object.keys(parts).find((one) => parts[one] === name)
    if (part !== undefined) return { compound, part: part[0]!.toUpperCase() + part.slice(1) }
  }
  return { compound: undefined, part: name }
}

function isoTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}
