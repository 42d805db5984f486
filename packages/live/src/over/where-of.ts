/** A query as it crosses the port, as core asks it: data becomes conditions. */
import { type Collection, compareValues, equalJson, isObject, type Json, type Where } from '@skerry/core'
import { LiveError, type LiveQuery, type LiveRecord, type Wanted } from '../port.ts'

/** @throws LiveError for a field that the collection has not: it would find nothing, and say nothing. */
export function whereOf({ shape, name }: Collection, { where, orderBy }: LiveQuery): Where<LiveRecord> {
  for (const field of [...Object.keys(where), ...orderBy.map((order) => order.field)])
    if (field !== 'id' && !shape.fields.has(field))
      throw new LiveError(
        'QueryInvalid',
        'unknown-field',
        `a query of ${name} asks for '${field}', which is no field of it; it has ${[...shape.fields.keys()].join(', ')}`,
      )
  return Object.fromEntries(
    Object.entries(where).map(([field, { wanted }]) => [field, conditionOf(wanted)]),
  ) as Where<LiveRecord>
}

function conditionOf(wanted: Wanted): unknown {
  if (isOneOf(wanted)) return wanted.oneOf
  if (isRange(wanted)) return (value: Json | undefined) => isWithin(wanted, value)
  // To core, a list is what one of it must equal.
  return typeof wanted === 'object' && wanted !== null
    ? (value: Json | undefined) => equalJson(wanted as Json, value)
    : wanted
}

function isOneOf(wanted: Wanted): wanted is { readonly oneOf: readonly Json[] } {
  return isObject(wanted as Json) && Array.isArray((wanted as { oneOf?: unknown }).oneOf)
}

function isRange(wanted: Wanted): wanted is { readonly from?: Json; readonly to?: Json } {
  if (!isObject(wanted as Json)) return false
  const keys = Object.keys(wanted as object)
  return keys.length > 0 && keys.every((key) => key === 'from' || key === 'to')
}

/** Both included; what is absent, or of another type, is in no range. */
function isWithin(
  { from, to }: { readonly from?: Json; readonly to?: Json },
  value: Json | undefined,
): boolean {
  if (value === undefined || value === null) return false
  const isOf = (bound: Json) => typeof bound === typeof value
  if (from !== undefined && !(isOf(from) && compareValues(from, value) <= 0)) return false
  return to === undefined || (isOf(to) && compareValues(value, to) <= 0)
}
