/** Putting something under review, and keeping its values up to date; whoever has the record hears of each change (SPEC B-100, B-101, B-104). */
import { type BothValues, equalJson, type Json, type JsonObject, type RecordState } from '@skerry/core'
import type { ExternalRow } from '../adapter-port.ts'
import { type BridgeContext, runSeqs } from '../context.ts'
import type { Decided } from '../decide.ts'
import { type Field, rowPart, valuesByPointer, withField } from '../mapping/field.ts'
import type { Mapping } from '../mapping.ts'
import { nameOf } from '../rules/resolve.ts'
import type { BridgeTables } from '../tables.ts'
import { tellReview } from '../told.ts'
import { count } from './conflict-counts.ts'
import { type HeldField, type HeldRecord, type ReviewItem, type Sides, sidesOf } from './item.ts'

export const emptyItem: ReviewItem = { fields: {} }

/** Fields that a row put in conflict and no rule decided. What was held and is decided now is held no more. @param state after what was taken in */
export async function holdFields(
  context: BridgeContext,
  tables: BridgeTables,
  { mapping, state }: { mapping: Mapping; state: RecordState },
  decided: readonly Decided[],
): Promise<void> {
  for (const { field, ending, ours, theirs, agreed, sides } of decided) {
    if (ending.winner === 'review') {
      const values = { ours: ours ?? null, theirs: theirs ?? null, agreed: agreed ?? null }
      await holdField(context, tables, { mapping, state }, field, {
        ...values,
        ...sides,
        reason: ending.reason,
      })
    } else if (ending.winner !== 'same') await letGo(tables, state.key, field.name)
  }
}

/** Nothing happens where the same values are held already. */
export async function holdField(
  context: BridgeContext,
  tables: BridgeTables,
  { mapping, state }: { mapping: Mapping; state: RecordState },
  field: Field,
  values: Omit<HeldField, 'since'>,
): Promise<void> {
  const { name, rule } = field
  const item = (await tables.review(state.key)) ?? emptyItem
  const before = item.fields[name]
  if (before && equalJson(before.ours, values.ours) && equalJson(before.theirs, values.theirs)) return
  const since = before?.since ?? context.host.now()
  tables.putReview(state.key, { ...item, fields: { ...item.fields, [name]: { ...values, since } } })
  await tellHeld(context, tables, state, field, values)
  if (!before) await count(context, tables, { mapping, field: name, rule: nameOf(rule), outcome: 'review' })
}

/** Delete against edit: all of the record, with the row that waits. */
export async function holdRecord(
  context: BridgeContext,
  tables: BridgeTables,
  subject: {
    mapping: Mapping
    state: RecordState
    row: ExternalRow
    /** What the row says, by the names of the record; null when it is deleted. */
    theirs: JsonObject | null
    agreed: JsonObject
    sides: Sides
  },
): Promise<void> {
  const { mapping, state, row, theirs, agreed, sides } = subject
  const item = (await tables.review(state.key)) ?? emptyItem
  const ours = state.value ? tables.shown(state.key, state.value) : null
  const before = item.whole
  if (before && before.row.version === row.version && equalJson(before.ours, ours)) return
  const whole: HeldRecord = {
    ...sidesOf(sides),
    agreed,
    ours,
    theirs,
    row,
    reason: `deleted ${ours ? `in ${context.system}` : 'here'}, and edited ${ours ? 'here' : `in ${context.system}`}`,
    since: before?.since ?? context.host.now(),
  }
  tables.putReview(state.key, { ...item, whole })
  await tellHeld(context, tables, state, undefined, whole)
  if (!before) await count(context, tables, { mapping, field: '', rule: 'review', outcome: 'review' })
}

/** Without a word: whoever decided has told, or will. */
export async function letGo(tables: BridgeTables, record: string, name: string): Promise<void> {
  const item = await tables.review(record)
  if (!item || !(name in item.fields)) return
  const { [name]: _, ...fields } = item.fields
  tables.putReview(record, { ...item, fields })
}

/** What a row says, by the names of the record; null for what it does not say. */
export function rowView({ fields }: Mapping, mapped: JsonObject): JsonObject {
  return fields
    .filter(({ direction }) => direction !== 'out')
    .reduce<JsonObject>(
      (whole, field) => withField(whole, field, field.from(rowPart(mapped, field)) ?? null),
      {},
    )
}

async function tellHeld(
  context: BridgeContext,
  tables: BridgeTables,
  state: RecordState,
  field: Field | undefined,
  {
    ours,
    theirs,
    agreed,
    reason,
    oursBy,
    theirsBy,
  }: Sides & { ours: Json; theirs: Json; agreed: Json; reason: string },
): Promise<void> {
  const { system } = context
  const values = field
    ? bothIn(field, { ours, theirs, agreed })
    : { '': { was: theirs, became: ours, agreed } }
  const at = Object.keys(values).join(', ')
  const sides = `here by ${oursBy ?? 'somebody'}, in ${system} by ${theirsBy ?? 'somebody'}`
  await tellReview(context, tables, state.key, {
    values,
    seqs: runSeqs(state),
    reason: `${at || 'the record'} was changed on both sides (${sides}), and is under review: ${reason}`,
  })
}

/** Of a group part by part. */
function bothIn(
  field: Field,
  { ours, theirs, agreed }: Record<'ours' | 'theirs' | 'agreed', Json>,
): Record<string, BothValues> {
  const [was, before] = [new Map(valuesByPointer(field, theirs)), new Map(valuesByPointer(field, agreed))]
  const both = valuesByPointer(field, ours).map(([pointer, became]) => [
    pointer,
    { was: was.get(pointer) ?? null, became: became ?? null, agreed: before.get(pointer) ?? null },
  ])
  return Object.fromEntries(both) as Record<string, BothValues>
}
