/** What a bridge tells everyone who has the record: its receipts. */
import type { Json, Receipt } from '@skerry/core'
import type { BridgeContext, Overruled } from './context.ts'
import { type Field, isAt, valuesByPointer } from './mapping/field.ts'
import type { Mapping } from './mapping.ts'
import type { BridgeTables } from './tables.ts'

type Content = Omit<Receipt, 'record' | 'place' | 'at'>

async function give(
  context: BridgeContext,
  tables: BridgeTables,
  record: string,
  content: Content,
): Promise<void> {
  await tables.transaction.receipt({ record, place: context.system, at: context.host.now(), ...content })
}

/** The system has these edits. */
export function tellSaved(
  context: BridgeContext,
  tables: BridgeTables,
  record: string,
  seqs: Record<string, number>,
): Promise<void> {
  return give(context, tables, record, { outcome: 'saved', seqs })
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
  const fields = mapping.fields
    .filter((field) => external.some((name) => isAt(field, name)))
    .flatMap((field) => valuesByPointer(field, undefined).map(([pointer]) => pointer))
  return give(context, tables, record, {
    outcome: 'refused',
    seqs,
    reason,
    ...(fields.length > 0 && { fields }),
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
