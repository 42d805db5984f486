/** The end of a review: somebody decided, a rule can by now, or nothing is left to decide. All of it is part of the caller's append (SPEC B-102, B-103). */
import { equalJson, type Json, type RecordState } from '@skerry/core'
import { type BridgeContext, pointer } from '../context.ts'
import { type Ending, tellLosers } from '../decide.ts'
import { importAtHeads } from '../import-at-heads.ts'
import { type Mapping, withField } from '../mapping.ts'
import { nameOf } from '../rules/resolve.ts'
import type { Shadow } from '../shadow.ts'
import type { BridgeTables } from '../tables.ts'
import { tellOver } from '../told.ts'
import type { Verdict } from '../verdict.ts'
import { type ConflictOutcome, count } from './conflict-counts.ts'
import { letGo } from './hold.ts'
import type { Sides } from './item.ts'

interface Reviewed {
  mapping: Mapping
  record: string
  state: RecordState
  shadow: Shadow
}

export interface Ended {
  verdict: Verdict
  ending: Exclude<Ending, { winner: 'review' }>
  rule: string | undefined
  sides: Sides
  /** Who decided; absent: a rule. A person's word is an edit of this node, a rule's is the same change on every node. */
  by?: string
}

/** The field becomes what was decided, here and as something to be written; everyone hears who lost. */
export async function end(
  context: BridgeContext,
  tables: BridgeTables,
  { mapping, record, state, shadow }: Reviewed,
  { verdict, ending, rule, sides, by }: Ended,
): Promise<{ state: RecordState; shadow: Shadow }> {
  const { field } = verdict
  const value = valueOf(verdict, ending)
  const after = await write(context, tables, { record, state, shadow }, { name: field.name, value, by })
  await letGo(tables, record, field.name)
  const reason = by === undefined ? undefined : `${pointer(field.name)} was under review, and ${by} decided`
  await tellLosers(context, tables, after, [{ ...verdict, ending, rule, sides }], reason)
  await count(context, tables, {
    mapping,
    field: field.name,
    rule: by === undefined ? (rule ?? nameOf(field.rule)) : 'review',
    outcome: ending.winner === 'same' ? 'over' : ending.winner,
  })
  const isThere = equalJson(field.to(value), shadow.value[field.external] ?? null)
  if (isThere) return { state: after, shadow }
  const owing = { ...shadow, owed: [...new Set([...shadow.owed, field.external])] }
  await tables.putShadow(record, owing)
  return { state: after, shadow: owing }
}

function valueOf({ ours, theirs }: Verdict, ending: Ended['ending']): Json | undefined {
  if (ending.winner === 'made') return ending.value
  return ending.winner === 'theirs' ? theirs : ours
}

async function write(
  context: BridgeContext,
  tables: BridgeTables,
  { record, state, shadow }: Pick<Reviewed, 'record' | 'state' | 'shadow'>,
  { name, value, by }: { name: string; value: Json | undefined; by: string | undefined },
): Promise<RecordState> {
  if (!state.value || equalJson(state.value[name], value)) return state
  const wanted = withField(state.value, name, value)
  if (by !== undefined) return tables.transaction.assign(record, wanted)
  const { type, rowId: id, version } = shadow
  return importAtHeads(context, tables, { record, value: wanted, row: { type, id, version } })
}

/** Nobody has to decide this field any more. @param over.seqs edits that the system has, where both sides are equal */
export async function over(
  context: BridgeContext,
  tables: BridgeTables,
  {
    mapping,
    record,
    name,
    why,
    seqs,
  }: { mapping: Mapping; record: string; name: string; why: string; seqs: Record<string, number> },
): Promise<void> {
  await letGo(tables, record, name)
  const reason = `the review of ${pointer(name)} is over: ${why}`
  await tellOver(context, tables, record, { field: pointer(name), seqs, reason })
  const rule = mapping.fields.find((one) => one.name === name)?.rule ?? 'review'
  await count(context, tables, { mapping, field: name, rule: nameOf(rule), outcome: 'over' })
}

/** Nobody has to decide about the record as a whole any more. @param ended.outcome of a decision, which tells by itself; absent: it is over without one */
export async function endWhole(
  context: BridgeContext,
  tables: BridgeTables,
  {
    mapping,
    record,
    why,
    outcome,
  }: { mapping: Mapping; record: string; why: string; outcome?: ConflictOutcome },
): Promise<void> {
  const item = await tables.review(record)
  if (!item?.whole) return
  tables.putReview(record, { fields: item.fields })
  if (!outcome)
    await tellOver(context, tables, record, {
      field: '',
      seqs: {},
      reason: `the review of the record is over: ${why}`,
    })
  await count(context, tables, { mapping, field: '', rule: 'review', outcome: outcome ?? 'over' })
}
