/** Inwards, as a pure function: which fields a row changed, and whether the record changed them too (SPEC B-30 to B-35, B-90). What becomes of a conflict is decided elsewhere. */
import { equalJson, type Json, type JsonObject } from '@skerry/core'
import type { Heard } from './heard.ts'
import type { Field, Mapping } from './mapping.ts'
import type { HeldFields } from './review/item.ts'

export interface Verdict {
  field: Field
  /** What the record's field becomes by the row alone. */
  theirs: Json | undefined
  ours: Json | undefined
  /** What both had before, as the record says it. */
  agreed: Json | undefined
  /** `theirs`: only the row changed it. `same`: both, to the same value. `conflict`: both, differently. `alone`: this side has nothing to say of it. */
  kind: 'theirs' | 'same' | 'conflict' | 'alone'
  /** Ours to write although nobody changed it since: there is no common state that it could merge from (B-29, B-37). */
  isOwed: boolean
}

export interface Agreed {
  /** By external name. */
  value: JsonObject
  view: JsonObject
  /** External names. */
  owed: readonly string[]
  /** By name: in conflict until somebody decides, whatever the shadow says (B-100). */
  held: HeldFields
  /** By name: what the row said last, where that is more than the shadow knows. */
  heard: Heard
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
  return mapping.fields
    .filter((field) => field.direction !== 'out' && !isKnown(field, agreed, mapped[field.external] ?? null))
    .map((field) => verdictOf(field, agreed, mapped[field.external] ?? null, ours))
}

/** The row says of the field what it said before. */
function isKnown({ name, external, from }: Field, { value, heard }: Agreed, now: Json): boolean {
  return heard.has(name) ? equalJson(from(now), heard.get(name)) : equalJson(now, value[external] ?? null)
}

function verdictOf(field: Field, agreed: Agreed, value: Json, ours: JsonObject | undefined): Verdict {
  const { name, external, from } = field
  const { held, heard, owed } = agreed
  const verdict = {
    field,
    theirs: from(value),
    ours: ours?.[name],
    agreed: held.has(name)
      ? (held.get(name)!.agreed ?? undefined)
      : heard.has(name)
        ? heard.get(name)
        : from(agreed.value[external] ?? null),
    // No fork of this node has what both sides had when it was heard.
    isOwed: owed.includes(external) || heard.has(name),
  }
  if (!ours || (!held.has(name) && isUntouched(field, agreed, verdict.ours)))
    return { ...verdict, kind: 'theirs' }
  return { ...verdict, kind: saysTheSame(field, verdict.ours, value) ? 'same' : 'conflict' }
}

/** External names of what is ours beyond what was agreed, whatever the row says now. */
export function fieldsBeyond(
  mapping: Mapping,
  agreed: Agreed,
  mapped: JsonObject,
  ours: JsonObject,
): string[] {
  return mapping.fields
    .filter((field) => field.direction !== 'in' && !agreed.held.has(field.name))
    .filter((field) => !isUntouched(field, agreed, ours[field.name]))
    .filter(({ name, external, to }) => !equalJson(to(ours[name]), mapped[external] ?? null))
    .map(({ external }) => external)
}

/** What that side owns and did not say is an edit here, however old: it was never written there. */
function isUntouched(field: Field, { value, view, owed, heard }: Agreed, ours: Json | undefined): boolean {
  const { name, external, authority } = field
  if (heard.has(name)) return equalJson(ours, heard.get(name))
  if (owed.includes(external)) return false
  return authority === 'that'
    ? saysTheSame(field, ours, value[external] ?? null)
    : equalJson(ours, view[name])
}

/** Whether a record's value is what the row's value means, or the other way round: a mapping may lose something in one direction. */
export function saysTheSame({ to, from }: Field, ours: Json | undefined, value: Json): boolean {
  return equalJson(ours, from(value)) || equalJson(to(ours), value)
}
