/** Outwards, as a pure function: what a system should be told of a record, from the record and the shadow alone (SPEC B-02 to B-04, B-14, B-18, B-100). */
import { equalJson, isObject, type Json, type JsonObject, type RecordState } from '@skerry/core'
import { type Field, readField, rowPart, withRowPart } from './mapping/field.ts'
import { emptyValue, fieldsSent, type Mapping } from './mapping.ts'
import type { Awaits, Wish } from './outbox.ts'
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
  if (!shadow || shadow.gone) return wholeWish(mapping, shadow, free, value)
  const { row, awaits } = overlay(free.filter(oursBeyond(shadow, value)), shadow.value, value)
  const changed = pick(row, (root, is) => !equalJson(is, shadow.value[root] ?? null))
  return Object.keys(changed).length > 0 || awaits.length > 0 ? upsert(changed, false, awaits) : none
}

/** What of a record a wish changes in the row. */
export function fieldsWished(mapping: Mapping, wish: Wish, shadow: Shadow | undefined): Field[] {
  if (wish.action !== 'upsert') return []
  return fieldsSent(mapping, shadow && !shadow.gone ? shadow.value : emptyValue(mapping), wish.fields)
}

function oursBeyond({ view, owed }: Shadow, value: JsonObject): (field: Field) => boolean {
  return (field) =>
    owed.includes(field.external) || !equalJson(readField(value, field), readField(view, field))
}

interface Overlay {
  /** By external name, as far as it can be written now. */
  row: JsonObject
  /** References that wait for another record's row. */
  awaits: Awaits[]
}

/** What the record says in these fields, on top of a row. A value that means what is there already leaves it as it is (B-72). */
function overlay(fields: readonly Field[], under: JsonObject, value: JsonObject): Overlay {
  let row = under
  const awaits: Awaits[] = []
  for (const field of fields) {
    const ours = readField(value, field)
    const parent = field.missing?.(ours)
    if (parent !== undefined) awaits.push({ external: field.external, parent })
    else {
      const wanted = field.to(ours)
      if (!field.same(wanted, rowPart(row, field))) row = withRowPart(row, field, wanted)
    }
  }
  return { row, awaits }
}

/** A row that is new names what is not empty; a restored one may come back with what it held, so that emptied fields must be named too. */
function wholeWish(
  mapping: Mapping,
  shadow: Shadow | undefined,
  fields: readonly Field[],
  value: JsonObject,
): Wish {
  const { row, awaits } = overlay(fields, emptyValue(mapping), value)
  const whole = withDefaults(row, mapping.rowDefaults)
  const written = new Set(fields.flatMap((field) => field.row.map(({ root }) => root)))
  const held = (root: string) => written.has(root) && (shadow?.value[root] ?? null) !== null
  return upsert(
    pick(whole, (root, wanted) => wanted !== null || held(root)),
    shadow !== undefined,
    awaits,
  )
}

/** Defaults fill what is empty, also within an object. */
function withDefaults(row: JsonObject, defaults: JsonObject): JsonObject {
  const filled = { ...row }
  for (const [name, value] of Object.entries(defaults)) {
    const known = filled[name] ?? null
    if (known === null) filled[name] = value
    else if (isObject(known) && isObject(value)) filled[name] = withDefaults(known, value)
  }
  return filled
}

function pick(row: JsonObject, which: (root: string, value: Json) => boolean): JsonObject {
  return Object.fromEntries(Object.entries(row).filter(([root, value]) => which(root, value)))
}

function upsert(fields: JsonObject, restore: boolean, awaits: Awaits[]): Wish {
  return { action: 'upsert', fields, restore, ...(awaits.length > 0 && { awaits }) }
}
