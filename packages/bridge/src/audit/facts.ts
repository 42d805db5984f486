/** What the engine knows where something is decided or done, as the audit log tells it. Nothing is written here. */
import type { HistoryItem, Json, JsonObject, Receipt, RecordState } from '@skerry/core'
import type { ExternalRow, WriteAnswer } from '../adapter-port.ts'
import type { BridgeContext } from '../context.ts'
import { runSeqs } from '../context.ts'
import { kindOfWish } from '../delivery/waiting.ts'
import { concerns, type Field, readField, rowPart } from '../mapping/field.ts'
import type { Mapping } from '../mapping.ts'
import { type Begun, kindOf, type Wish } from '../outbox.ts'
import type { HeldField, HeldRecord } from '../review/item.ts'
import type { Shadow } from '../shadow.ts'
import type { BridgeTables } from '../tables.ts'
import { fieldsWished } from '../wish.ts'
import type { AuditEdit, AuditFact, FactOf, FactValues, Winner } from './audit-fact.ts'

export function noticedFact({
  mapping,
  record,
  state,
  shadow,
  wish,
  parents,
}: {
  mapping: Mapping
  record: string
  state: RecordState
  shadow: Shadow | undefined
  wish: Wish
  parents: readonly string[]
}): FactOf<'noticed'> {
  return {
    kind: 'noticed',
    record,
    type: mapping.type,
    action: kindOfWish(wish, shadow),
    fields: fieldsWished(mapping, wish, shadow).map(({ external }) => external),
    seqs: runSeqs(state),
    ...(parents.length > 0 && { waitsFor: parents }),
  }
}

export async function begunFact(
  context: BridgeContext,
  tables: BridgeTables,
  one: { mapping: Mapping; record: string; shadow: Shadow | undefined; begun: Begun },
): Promise<FactOf<'begun'>> {
  const { mapping, record, shadow, begun } = one
  const { type, rowId, expectedVersion, idempotencyKey, heads, seqs, wish } = begun
  const written = fieldsWished(mapping, wish, shadow)
  const row = { ...shadow?.value, ...(wish.action === 'upsert' && wish.fields) }
  const history = written.length > 0 ? await tables.transaction.history(record, shadow?.heads) : []
  const fields = written.map((field) => {
    const edit = newestEdit(context, history, field)
    return [field.name, { external: field.external, ...(edit && { edit }) }] as const
  })
  return {
    kind: 'begun',
    record,
    type,
    ...(rowId !== undefined && { rowId }),
    action: kindOf(begun),
    fields: Object.fromEntries(fields),
    expectedVersion,
    key: idempotencyKey,
    heads,
    seqs,
    values: Object.fromEntries(written.map((field) => [field.name, { sent: rowPart(row, field) }])),
  }
}

/** The last one made here that touched the field; undefined where a rule, or another system, gave the value. */
function newestEdit(
  { host }: BridgeContext,
  history: readonly HistoryItem[],
  field: Field,
): AuditEdit | undefined {
  const last = history.findLast(
    ({ actor, seq, fields }) =>
      Object.keys(runSeqs({ seqs: { [actor]: seq } })).length > 0 &&
      fields.some((path) => concerns(field, path)),
  )
  if (!last) return undefined
  const { actor: run, seq, author, time } = last
  return { run, seq, ...(author && { by: author }), ...(time > 0 && { at: Math.min(host.now(), time) }) }
}

export function answeredFact({
  record,
  begun,
  answer,
}: {
  record: string
  begun: Begun
  answer: WriteAnswer
}): FactOf<'answered'> {
  const row = 'row' in answer ? answer.row : undefined
  return {
    kind: 'answered',
    record,
    type: begun.type,
    key: begun.idempotencyKey,
    answer: answer.kind,
    attempts: begun.attempts,
    ...(row && { rowId: row.id, version: row.version }),
    ...('fields' in answer && answer.fields && { blamed: answer.fields }),
    ...('reason' in answer && { reason: answer.reason }),
  }
}

/** A field that the row changed, and what was decided of it; undecided, the row's value was taken. */
interface Changed {
  field: Field
  ours: Json | undefined
  theirs: Json | undefined
  ending?: { winner: Winner; value?: Json | undefined }
  rule?: string | undefined
}

/** @param change what was taken in, or decided where anything was @param after the record as it is now */
export function takenFact(
  {
    row,
    record,
    state,
    by,
  }: { row: ExternalRow; record: string; state: RecordState; by?: string | undefined },
  { verdicts, decided }: { verdicts: readonly Changed[]; decided?: readonly Changed[] },
  after: RecordState,
  isWalk: boolean,
): AuditFact {
  const made = state.heads.length === 0
  const { type, id: rowId, version } = row
  const wasDeleted = !made && !state.value
  const said = decided ?? verdicts
  if (said.length === 0 && !made && !row.deleted && !wasDeleted)
    return { kind: 'unchanged', record, type, rowId, version }
  const ended = said.map((one) => endOf(one, after))
  return {
    kind: 'taken',
    record,
    type,
    rowId,
    version,
    ...(row.modifiedBy && { by: row.modifiedBy }),
    ...(row.modifiedAt !== undefined && { modifiedAt: row.modifiedAt }),
    ...(made && { made }),
    ...(row.deleted && { deleted: true }),
    ...(!after.value && { recordDeleted: true }),
    ...(by !== undefined && { decidedBy: by }),
    fields: Object.fromEntries(ended.map(({ name, end }) => [name, end])),
    heads: after.heads,
    ...(isWalk && { via: 'walk' }),
    values: Object.fromEntries(ended.map(({ name, values }) => [name, values])),
  }
}

function endOf(
  { field, ours, theirs, ending = { winner: 'theirs' }, rule }: Changed,
  after: RecordState,
): { name: string; end: FactOf<'taken'>['fields'][string]; values: Record<string, Json> } {
  const { winner, value } = ending
  const became = {
    ours,
    review: ours,
    same: ours,
    theirs,
    made: value,
    both: winner === 'both' ? readField(after.value, field) : undefined,
  }[winner]
  return {
    name: field.name,
    end: { external: field.external, winner, ...(rule !== undefined && { rule }) },
    values: { was: ours ?? null, theirs: theirs ?? null, became: became ?? null },
  }
}

/** Of a record as a whole no values are told: they stand in the receipt, and here field by field. */
export function toldFact(record: string, content: Omit<Receipt, 'record' | 'place' | 'at'>): FactOf<'told'> {
  const { outcome, seqs, fields = [], values = {}, rule, reason } = content
  const { '': _, ...parts } = values
  return {
    kind: 'told',
    record,
    outcome: outcome as FactOf<'told'>['outcome'],
    ...(rule !== undefined && { rule }),
    fields,
    seqs,
    ...(reason !== undefined && { reason }),
    ...(Object.keys(parts).length > 0 && { values: parts as unknown as FactValues }),
  }
}

export function decidedFact(
  {
    review,
    decision,
    by,
  }: {
    review: { record: string; field: string }
    decision: 'ours' | 'theirs' | { value: Json }
    by: string
  },
  held: HeldField | HeldRecord,
): FactOf<'decided'> {
  const { record, field } = review
  const isValue = typeof decision === 'object'
  return {
    kind: 'decided',
    record,
    field,
    decision: isValue ? 'value' : decision,
    by,
    ...(field !== '' && { values: { [field]: { became: isValue ? decision.value : held[decision] } } }),
  }
}

/** One for each of the two. */
export function mergedFacts(
  { fields }: Mapping,
  { survivor, other, golden, by }: { survivor: string; other: string; golden: JsonObject; by: string },
): FactOf<'merged'>[] {
  const values = Object.fromEntries(
    fields
      .filter(({ hashed }) => !hashed)
      .map((field) => [field.name, { became: readField(golden, field) ?? null }]),
  )
  return [
    { kind: 'merged', record: survivor, other, as: 'survivor', by, values },
    { kind: 'merged', record: other, other: survivor, as: 'other', by },
  ]
}
