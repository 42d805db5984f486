/** What is under review, held against both sides as they are now: kept up to date, ended where there is nothing left to decide, decided where a rule can by now (SPEC B-101, B-102). */
import { equalJson, type RecordState } from '@skerry/core'
import { type BridgeContext, runSeqs } from '../context.ts'
import { newestHere, rulingOn } from '../decide.ts'
import { stamp } from '../ids.ts'
import { readField, rowPart } from '../mapping/field.ts'
import type { Mapping } from '../mapping.ts'
import type { Shadow } from '../shadow.ts'
import type { BridgeTables } from '../tables.ts'
import { saysTheSame, type Verdict } from '../verdict.ts'
import { end, endWhole, over } from './end.ts'
import { emptyItem, holdField, holdRecord } from './hold.ts'
import { type HeldField, type HeldRecord, sidesOf } from './item.ts'

export interface ReviewSubject {
  mapping: Mapping
  record: string
  state: RecordState
  shadow: Shadow | undefined
}

type Tended = Pick<ReviewSubject, 'state' | 'shadow'>

/** @param again the rules may be others than they were: each is asked, whether a value changed or not */
export async function tend(
  context: BridgeContext,
  tables: BridgeTables,
  subject: ReviewSubject,
  again = false,
): Promise<Tended> {
  const item = await tables.review(subject.record)
  if (!item) return subject
  // The record has left this replica: nobody here can be told.
  if (subject.state.heads.length === 0) {
    tables.putReview(subject.record, emptyItem)
    return subject
  }
  if (item.whole) await tendWhole(context, tables, subject, item.whole)
  if ((await tables.review(subject.record))?.whole) return subject
  let tended: Tended = subject
  for (const [name, held] of Object.entries(item.fields))
    tended = await tendField(context, tables, { ...subject, ...tended }, { name, held, again })
  return tended
}

async function tendField(
  context: BridgeContext,
  tables: BridgeTables,
  subject: ReviewSubject,
  { name, held, again }: { name: string; held: HeldField; again: boolean },
): Promise<Tended> {
  const { mapping, state, shadow } = subject
  const field = mapping.fields.find((one) => one.name === name)
  const isOver = async (why: string, seqs: Record<string, number> = {}) => {
    await over(context, tables, { mapping, record: subject.record, name, why, seqs })
    return subject
  }
  if (!field) return isOver('the mapping does not name it any more')
  if (!state.value || !shadow || shadow.gone) return isOver('the record is deleted on one side')
  const row = rowPart(shadow.value, field)
  const [ours, theirs] = [readField(state.value, field), field.from(row)]
  if (saysTheSame(field, ours, row)) return isOver('both sides say the same by now', runSeqs(state))
  const isAsBefore = equalJson(ours ?? null, held.ours) && equalJson(theirs ?? null, held.theirs)
  if (isAsBefore && !again) return subject
  const history = equalJson(ours ?? null, held.ours) ? [] : await tables.transaction.history(subject.record)
  const sides = { ...sidesOf(held), ...newestHere(context, history, { field }) }
  const agreed = held.agreed ?? undefined
  // What the row says is in no fork that it could be merged from.
  const verdict: Verdict = { field, ours, theirs, agreed, kind: 'conflict', isOwed: true }
  const { ending, rule } = await rulingOn(context, tables, { mapping, state, verdict, sides })
  if (ending.winner !== 'review')
    return end(context, tables, { ...subject, shadow }, { verdict, ending, rule, sides })
  const values = { ours: ours ?? null, theirs: theirs ?? null, agreed: held.agreed }
  await holdField(context, tables, subject, field, { ...sides, ...values, reason: ending.reason })
  return subject
}

/** Both sides live, or both are deleted: there is nothing left to decide, and the row is read again as any row. */
async function tendWhole(
  context: BridgeContext,
  tables: BridgeTables,
  subject: ReviewSubject,
  whole: HeldRecord,
): Promise<void> {
  const { state, mapping } = subject
  const { row, agreed } = whole
  if ((state.value === undefined) === row.deleted) {
    await endWhole(context, tables, { ...subject, why: 'both sides live, or both are deleted' })
    tables.putHint({ type: row.type, id: row.id, externalId: row.externalId, stamp: stamp(context) })
  } else if (!equalJson(state.value ?? null, whole.ours)) {
    const history = await tables.transaction.history(subject.record)
    const sides = { ...sidesOf(whole), ...newestHere(context, history) }
    await holdRecord(context, tables, { mapping, state, row, theirs: whole.theirs, agreed, sides })
  }
}
