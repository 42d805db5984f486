/** What a bridge tells everyone who has the record: its receipts. */
import { addReceipt, type BothValues, type Json, pointerOf, type Receipt } from '@skerry/core'
import { toldFact } from './audit/facts.ts'
import type { BridgeContext, Overruled } from './context.ts'
import { type Field, isAt, pointersOf, valuesByPointer } from './mapping/field.ts'
import type { Mapping } from './mapping.ts'
import type { BridgeTables } from './tables.ts'

type Content = Omit<Receipt, 'record' | 'place' | 'at'>

async function give(
  context: BridgeContext,
  tables: BridgeTables,
  record: string,
  content: Content,
): Promise<void> {
  await addReceipt(tables.transaction, { record, place: context.system, at: context.host.now(), ...content })
  tables.note(toldFact(record, content))
}

/** The system has these edits, but for what of them is under review (B-108); of a field of which a part is, nothing is said: what became of edits is asked field by field. */
export async function tellSaved(
  context: BridgeContext,
  tables: BridgeTables,
  { record, mapping, seqs }: { record: string; mapping: Mapping; seqs: Record<string, number> },
): Promise<void> {
  const held = mapping.mayHold ? Object.keys((await tables.review(record))?.fields ?? {}) : []
  const roots = mapping.fields
    .filter(({ name }) => held.includes(name))
    .flatMap((field) => field.record.map(({ root }) => root))
  const fields = [...mapping.collection.shape.fields.keys()]
    .filter((name) => !roots.includes(name))
    .map((name) => pointerOf([name]))
  await give(context, tables, record, { outcome: 'saved', seqs, ...(held.length > 0 && { fields }) })
}

/** Both sides changed these, and nobody has decided yet (core P-9). */
export function tellReview(
  context: BridgeContext,
  tables: BridgeTables,
  record: string,
  told: { values: Record<string, BothValues>; seqs: Record<string, number>; reason: string },
): Promise<void> {
  const { values, seqs, reason } = told
  return give(context, tables, record, {
    outcome: 'review',
    seqs,
    fields: Object.keys(values),
    values,
    rule: 'review',
    reason,
  })
}

/** It is over without anybody's decision. @param seqs edits that the system has; none where it only says that nobody waits any more */
export function tellOver(
  context: BridgeContext,
  tables: BridgeTables,
  record: string,
  told: { fields: string[]; seqs: Record<string, number>; reason: string },
): Promise<void> {
  return give(context, tables, record, { outcome: 'saved', ...told })
}

/** The system will not have them. @param external names of the system's fields */
export function tellRefused(
  context: BridgeContext,
  tables: BridgeTables,
  refusal: {
    record: string
    mapping: Mapping
    seqs: Record<string, number>
    reason: string
    external: readonly string[]
  },
): Promise<void> {
  const { record, mapping, seqs, reason, external } = refusal
  const fields = external.flatMap((named) =>
    mapping.fields.filter((field) => isAt(field, named)).flatMap(pointersOf),
  )
  return give(context, tables, record, {
    outcome: 'refused',
    seqs,
    reason,
    ...(fields.length > 0 && { fields: [...new Set(fields)] }),
  })
}

/** @param seqs the edits that lost, when they were ours; empty when the system's lost */
export async function tellOverruled(
  context: BridgeContext,
  tables: BridgeTables,
  record: string,
  told: { values: Overruled; seqs: Record<string, number>; rules: readonly string[]; reason?: string },
): Promise<void> {
  const { values, seqs, rules } = told
  const fields = Object.keys(values)
  if (fields.length === 0) return
  const rule = [...new Set(rules)].join(', ')
  const loser = Object.keys(seqs).length > 0 ? 'the edit made here' : `the edit made in ${context.system}`
  const what = fields.map((field) => field || 'the record').join(', ')
  const reason = told.reason ?? `${what} changed on both sides; by the rule ${rule}, ${loser} was overruled`
  await give(context, tables, record, { outcome: 'overruled', seqs, fields, values, rule, reason })
}

/** What a receipt says of a field, of a group part by part. */
export function overruledIn(
  field: Field,
  was: Json | undefined,
  became: Json | undefined,
): [pointer: string, { was: Json; became: Json }][] {
  const after = new Map(valuesByPointer(field, became))
  return valuesByPointer(field, was).map(([pointer, value]) => [
    pointer,
    { was: value ?? null, became: after.get(pointer) ?? null },
  ])
}
