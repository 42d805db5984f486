/** Outwards, as a pure function: what a system should be told of a record, from the record and the shadow alone (SPEC B-02 to B-04, B-14, B-18). */
import { equalJson, type JsonObject, type RecordState } from '@skerry/core'
import type { Mapping } from './mapping.ts'
import type { Wish } from './outbox.ts'
import type { Shadow } from './shadow.ts'

const none: Wish = { action: 'none' }

/** @throws BridgeError mapping */
export function wishOf(mapping: Mapping, shadow: Shadow | undefined, state: RecordState): Wish {
  if (!mapping.outward) return none
  const { value } = state
  if (!value) return shadow && !shadow.gone && state.deleted ? { action: 'delete' } : none
  if (!mapping.writes(value)) return none
  if (!shadow) return { action: 'upsert', fields: allFields(mapping, value), restore: false }
  if (shadow.gone) return { action: 'upsert', fields: restoredFields(mapping, shadow, value), restore: true }
  const fields = changedFields(mapping, shadow, value)
  return Object.keys(fields).length > 0 ? { action: 'upsert', fields, restore: false } : none
}

/** Ours beyond the shadow, by external name. */
function changedFields(mapping: Mapping, shadow: Shadow, value: JsonObject): JsonObject {
  const fields: JsonObject = {}
  for (const { name, external, direction, to } of mapping.fields) {
    if (direction === 'in' || (equalJson(value[name], shadow.view[name]) && !shadow.owed.includes(external)))
      continue
    const wanted = to(value[name])
    if (!equalJson(wanted, shadow.value[external] ?? null)) fields[external] = wanted
  }
  return fields
}

function allFields(mapping: Mapping, value: JsonObject): JsonObject {
  const fields: JsonObject = {}
  for (const { name, external, direction, to } of mapping.fields) {
    const wanted = direction === 'in' ? null : to(value[name])
    if (wanted !== null) fields[external] = wanted
  }
  return fields
}

/** A restored row may come back with what it held, so that emptied fields must be named too. */
function restoredFields(mapping: Mapping, shadow: Shadow, value: JsonObject): JsonObject {
  const fields: JsonObject = {}
  for (const { name, external, direction, to } of mapping.fields) {
    const wanted = direction === 'in' ? null : to(value[name])
    if (direction !== 'in' && (wanted !== null || (shadow.value[external] ?? null) !== null))
      fields[external] = wanted
  }
  return fields
}
