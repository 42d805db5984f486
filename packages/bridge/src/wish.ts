/** Outwards, as a pure function: what a system should be told of a record, from the record and the shadow alone (SPEC B-02 to B-04, B-14, B-18, B-100). */
import { equalJson, type JsonObject, type RecordState } from '@skerry/core'
import type { Field, Mapping } from './mapping.ts'
import type { Wish } from './outbox.ts'
import type { Held } from './review/item.ts'
import type { Shadow } from './shadow.ts'

const none: Wish = { action: 'none' }

/** @throws BridgeError mapping */
export function wishOf(mapping: Mapping, shadow: Shadow | undefined, state: RecordState, held: Held): Wish {
  if (!mapping.outward || held.whole) return none
  const { value } = state
  if (!value) return shadow && !shadow.gone && state.deleted ? { action: 'delete' } : none
  if (!mapping.writes(value)) return none
  const free = mapping.fields.filter(({ name, direction }) => direction !== 'in' && !held.fields.has(name))
  if (!shadow) return { action: 'upsert', fields: allFields(free, value), restore: false }
  if (shadow.gone) return { action: 'upsert', fields: restoredFields(free, shadow, value), restore: true }
  const fields = changedFields(free, shadow, value)
  return Object.keys(fields).length > 0 ? { action: 'upsert', fields, restore: false } : none
}

/** Ours beyond the shadow, by external name. */
function changedFields(free: readonly Field[], shadow: Shadow, value: JsonObject): JsonObject {
  const fields: JsonObject = {}
  for (const { name, external, to } of free) {
    if (equalJson(value[name], shadow.view[name]) && !shadow.owed.includes(external)) continue
    const wanted = to(value[name])
    if (!equalJson(wanted, shadow.value[external] ?? null)) fields[external] = wanted
  }
  return fields
}

function allFields(free: readonly Field[], value: JsonObject): JsonObject {
  const fields: JsonObject = {}
  for (const { name, external, to } of free) {
    const wanted = to(value[name])
    if (wanted !== null) fields[external] = wanted
  }
  return fields
}

/** A restored row may come back with what it held, so that emptied fields must be named too. */
function restoredFields(free: readonly Field[], shadow: Shadow, value: JsonObject): JsonObject {
  const fields: JsonObject = {}
  for (const { name, external, to } of free) {
    const wanted = to(value[name])
    if (wanted !== null || (shadow.value[external] ?? null) !== null) fields[external] = wanted
  }
  return fields
}
