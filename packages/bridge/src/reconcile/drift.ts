/** Which fields of a record and its row have moved apart, and what the rules make of it: as pure functions (SPEC B-123). */
import type { JsonObject, RecordState } from '@skerry/core'
import type { Mapping } from '../mapping.ts'
import { nothingHeld } from '../review/item.ts'
import { guardedWish } from '../settle.ts'
import type { Shadow } from '../shadow.ts'
import { verdictsOf } from '../verdict.ts'
import type { FieldDrift } from './report.ts'

export type Drift = Omit<FieldDrift, 'count'>

const repairs = { theirs: 'taken', alone: 'taken', same: 'equal', conflict: 'decided' } as const

/** @param mapped the row's mapped value. @throws BridgeError mapping */
export function rowDrift(
  mapping: Mapping,
  { shadow, mapped, state }: { shadow: Shadow; mapped: JsonObject; state: RecordState },
): Drift[] {
  const agreed = { ...shadow, held: nothingHeld.fields }
  return verdictsOf(mapping, agreed, mapped, state.value).map(({ field, kind }) => ({
    field: field.name,
    side: kind === 'theirs' || kind === 'alone' ? 'theirs' : 'both',
    repair: repairs[kind],
  }))
}

/** What of the record is still to be written. */
export function recordDrift(mapping: Mapping, shadow: Shadow | undefined, state: RecordState): Drift[] {
  const wish = guardedWish(mapping, shadow, state, nothingHeld)
  if (!('action' in wish) || wish.action !== 'upsert') return []
  const written = mapping.fields.filter(({ external }) => external in wish.fields)
  return written.map(({ name }) => ({ field: name, side: 'ours', repair: 'written' }))
}
