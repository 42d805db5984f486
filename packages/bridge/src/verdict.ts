/** Inwards, as a pure function: what a row's fields mean for a record that may have moved too (SPEC B-30 to B-35). */
import { equalJson, type Json, type JsonObject } from '@skerry/core'
import { CLOCK_SKEW_MS } from './limits.ts'
import { type Field, readField, rowPart } from './mapping/field.ts'
import { type Mapping, sameIn } from './mapping.ts'

export interface Verdict {
  field: Field
  /** What the record's field becomes by the row alone. */
  theirs: Json | undefined
  ours: Json | undefined
  /** `theirs`: only the row changed it. `same`: both, to the same value. `conflict`: both, differently. */
  kind: 'theirs' | 'same' | 'conflict'
  /** Ours to write although nobody changed it since: there is no common state that it could merge from (B-29, B-37). */
  isOwed: boolean
}

export interface Agreed {
  /** By external name. */
  value: JsonObject
  view: JsonObject
  /** External names. */
  owed: readonly string[]
}

/**
 * One verdict for each field that the row changed.
 * @param mapped the row's mapped value
 * @param ours the record's value; undefined when it is deleted, and then nothing of it is in conflict field by field
 * @throws BridgeError mapping
 */
export function verdictsOf(
  mapping: Mapping,
  agreed: Agreed,
  mapped: JsonObject,
  ours: JsonObject | undefined,
): Verdict[] {
  const verdicts: Verdict[] = []
  for (const field of mapping.fields) {
    if (field.direction === 'out' || sameIn(field, mapped, agreed.value)) continue
    const value = rowPart(mapped, field)
    const theirs = field.from(value)
    const isOwed = agreed.owed.includes(field.external)
    const is = readField(ours, field)
    const verdict = { field, theirs, ours: is, isOwed }
    const untouched = !ours || (!isOwed && equalJson(is, readField(agreed.view, field)))
    if (untouched) verdicts.push({ ...verdict, kind: 'theirs' })
    else verdicts.push({ ...verdict, kind: saysSame(field, is, theirs, value) ? 'same' : 'conflict' })
  }
  return verdicts
}

/** @param theirs what the row's value is in the record */
export function saysSame(
  field: Field,
  ours: Json | undefined,
  theirs: Json | undefined,
  value: Json,
): boolean {
  // What is only taken in has no way out.
  return equalJson(ours, theirs) || (field.direction !== 'in' && field.same(field.to(ours), value))
}

export type Winner = 'ours' | 'theirs' | 'both'

/** @param times when each side changed the field, milliseconds since 1970; undefined when it is not known */
export function winnerOf(
  { direction, rule }: Field,
  times: { ours: number | undefined; theirs: number | undefined },
): Winner {
  if (direction === 'in' || rule === 'that-side') return 'theirs'
  if (rule === 'merge') return 'both'
  if (rule === 'this-side') return 'ours'
  if (times.ours === undefined || times.theirs === undefined) return 'theirs'
  return times.ours - times.theirs > CLOCK_SKEW_MS ? 'ours' : 'theirs'
}
