/** What an answer means: for the shadow, the outbox, and everyone who has the record (SPEC B-08 to B-14). Each function is one append. */
import { equalJson, type JsonObject } from '@skerry/core'
import type { ExternalRow, Failure, WriteAnswer } from './adapter-port.ts'
import { answeredFact } from './audit/facts.ts'
import { backOffMs, waitMs } from './back-off.ts'
import { mappingOfRecord } from './choose-mapping.ts'
import type { BridgeContext, BridgeHost } from './context.ts'
import { changedSince, fateOf } from './fate.ts'
import { takeRow } from './incoming.ts'
import { CONFLICTS_AT_ONCE_MAX } from './limits.ts'
import { type Field, pointersOf, readField, rowPart } from './mapping/field.ts'
import { resolveReferences } from './mapping/references.ts'
import { emptyValue, type Mapping, mappedValue } from './mapping.ts'
import { type Begun, kindOf, type Waiting } from './outbox.ts'
import { accumulates, nameOf } from './rules/resolve.ts'
import { bury, settle } from './settle.ts'
import type { Shadow } from './shadow.ts'
import type { BridgeTables } from './tables.ts'
import { overruledIn, tellOverruled, tellSaved } from './told.ts'
import { setAside } from './unread.ts'

export interface Answered {
  record: string
  begun: Begun
  /** The call may have been made before. */
  doubt: boolean
  /** Had it been carried out before, the system would have answered as it did then (B-39). */
  replayed: boolean
  answer: WriteAnswer
  /** Items that went in the same call, this one included. */
  company: number
  /** One draw for all of them, so that what went together comes back together (B-57). */
  draw: Pick<BridgeHost, 'random'>
}

export async function finish(
  context: BridgeContext,
  tables: BridgeTables,
  answered: Answered,
): Promise<void> {
  const { record, begun, answer } = answered
  const mapping = mappingOfRecord(context, record, begun.type)
  if (!mapping) return
  tables.note(answeredFact(answered))
  switch (answer.kind) {
    case 'done':
      return carriedOut(context, tables, { mapping, record, begun, row: answer.row, owed: [], uncertain: [] })
    case 'conflict':
      return conflicted(context, tables, mapping, answered, answer.row)
    case 'later':
    case 'unauthorized':
    case 'unknown':
      tables.putItem(record, postponed(context, mapping, answered, answer))
      return
    case 'rejected':
      await bury(context, tables, {
        record,
        mapping,
        wish: begun.wish,
        reason: answer.reason,
        fields: answer.fields ?? [],
        seqs: begun.seqs,
      })
      return settle(context, tables, record)
  }
}

/** While it is in doubt whether the call was carried out, it stays begun and is repeated as it is (B-10, B-11). */
function postponed(
  { host }: BridgeContext,
  mapping: Mapping,
  { begun, doubt, company, draw }: Answered,
  answer: Failure,
): Waiting | Begun {
  const retryAfterMs = 'retryAfterMs' in answer ? answer.retryAfterMs : undefined
  const { attempts } = begun
  const dueAt = host.now() + waitMs(draw, attempts, retryAfterMs)
  if (answer.kind === 'unknown') return { ...begun, attempts: attempts + 1, dueAt, company }
  return doubt ? { ...begun, attempts: attempts + 1, dueAt } : waitingAgain(mapping, begun, dueAt)
}

/** The call is as if it had never been; what will be written is decided anew. */
function waitingAgain(mapping: Mapping, begun: Begun, dueAt: number, conflicts = begun.conflicts): Waiting {
  const { attempts, since, tier, type, wish, begunAt: at, seqs } = begun
  return {
    state: 'waiting',
    attempts,
    dueAt,
    type,
    kind: kindOf(begun),
    ...(since !== undefined && { since }),
    ...(tier && { tier }),
    ...(conflicts && { conflicts }),
    ...(mapping.tier === 'reference' && { approved: wish }),
    ...(at !== undefined && { tried: { at, seqs } }),
  }
}

interface CarriedOut {
  mapping: Mapping
  record: string
  begun: Begun
  row: ExternalRow
  /** Fields that were written, and changed there before the answer came: still to be decided. */
  owed: readonly Field[]
  /** Merging fields of which the row does not tell whether they were written before they were changed there. */
  uncertain: readonly Field[]
}

/** Both sides agreed at the frozen heads; the row may say more, and the record may have moved since. */
async function carriedOut(
  context: BridgeContext,
  tables: BridgeTables,
  { mapping, record, begun, row, owed, uncertain }: CarriedOut,
): Promise<void> {
  const shadow = await tables.shadow(record)
  const mapped = mappedValue(mapping, row)
  const isDelete = begun.wish.action === 'delete'
  const before = shadow?.value ?? emptyValue(mapping)
  const lost = isDelete ? [] : dropped(context, mapping, begun, row)
  const roots = lost.flatMap((field) => field.row.map(({ root }) => root))
  const unwritten = Object.fromEntries(roots.map((root) => [root, before[root] ?? null]))
  const value = isDelete ? mapped : { ...before, ...sentFields(begun), ...unwritten }
  const told = row.deleted === isDelete && equalJson(mapped, value)
  // What is still to be decided, or waits for another row, is not saved yet: its receipt comes with the decision, or with the write that follows.
  const open = [...[...owed, ...lost].map(({ external }) => external), ...awaitedBy(begun)]
  const seqs = open.length > 0 ? (shadow?.seqs ?? {}) : begun.seqs
  tables.putItem(record, undefined)
  // No version of the row's is known to say what was agreed, when the row says more.
  const next = {
    ...shadowOf(begun, row),
    value,
    version: told ? row.version : '',
    owed: [...new Set([...open, ...(await unsent(context, tables, mapping, { shadow, begun }))])],
    seqs,
  }
  tables.putShadow(record, next, shadow)
  if (uncertain.length > 0) await tellUncertain(context, tables, { mapping, record, begun, row, uncertain })
  else if (open.length === 0) await tellSaved(context, tables, { record, mapping, seqs: begun.seqs })
  if (told) await settle(context, tables, record)
  else await takeRow(context, tables, row)
}

/** Fields that the system took and does not have in the row: they are gone there, their mapping is paused for that, and they are ours to write when it goes on (B-193). */
function dropped({ paused }: BridgeContext, mapping: Mapping, begun: Begun, row: ExternalRow): Field[] {
  if (!paused?.has(mapping)) return []
  const sent = sentFields(begun)
  return mapping.fields.filter(
    ({ direction, row: paths }) =>
      direction !== 'in' &&
      paths.some(({ root }) => (sent[root] ?? null) !== null && !Object.hasOwn(row.value, root)),
  )
}

/** The row is another one than was expected; in doubt, because our own call made it so (B-12). */
async function conflicted(
  context: BridgeContext,
  tables: BridgeTables,
  mapping: Mapping,
  { record, begun, doubt, replayed }: Answered,
  row: ExternalRow,
): Promise<void> {
  const isDelete = begun.wish.action === 'delete'
  if (isDelete && row.deleted)
    return carriedOut(context, tables, { mapping, record, begun, row, owed: [], uncertain: [] })
  if (isDelete || !doubt || replayed || row.deleted)
    return overtaken(context, tables, { mapping, record, begun, row })
  const doubtful = {
    before: (await tables.shadow(record))?.value ?? emptyValue(mapping),
    sent: sentFields(begun),
    mapped: mappedValue(mapping, row),
  }
  const fate = fateOf(mapping, doubtful)
  const changed = changedSince(mapping, doubtful)
  const merging = changed.filter(({ rule }) => accumulates(rule))
  // Where nothing would merge twice, it makes no difference what became of the call: each field's rule decides as it does for any row.
  if (fate === 'not' || (fate === 'open' && merging.length === 0))
    return overtaken(context, tables, { mapping, record, begun, row })
  return carriedOut(context, tables, {
    mapping,
    record,
    begun,
    row,
    owed: changed.filter(({ rule }) => !accumulates(rule)),
    uncertain: fate === 'open' ? merging : [],
  })
}

/**
 * The answer's row cannot be taken in. A write that was carried out stays so, and the row is set aside; one that met a row it cannot be decided against is dead, until the
 * record or the row changes.
 */
export async function finishUnread(
  context: BridgeContext,
  tables: BridgeTables,
  answered: Answered,
  reason: string,
): Promise<void> {
  const { record, begun, answer } = answered
  const mapping = mappingOfRecord(context, record, begun.type)
  if (!mapping || !('row' in answer)) return
  tables.note(answeredFact(answered))
  const { row } = answer
  await setAside(context, tables, row, reason)
  if (answer.kind === 'conflict') {
    const why = `its row was changed and cannot be taken in: ${reason}`
    return bury(context, tables, {
      record,
      mapping,
      wish: begun.wish,
      reason: why,
      fields: [],
      seqs: begun.seqs,
    })
  }
  const shadow = await tables.shadow(record)
  const awaited = awaitedBy(begun)
  tables.putItem(record, undefined)
  tables.putShadow(record, {
    ...shadowOf(begun, row),
    value: { ...(shadow?.value ?? emptyValue(mapping)), ...sentFields(begun) },
    version: row.version,
    owed: [...new Set([...awaited, ...(await unsent(context, tables, mapping, { shadow, begun }))])],
    seqs: awaited.length > 0 ? (shadow?.seqs ?? {}) : begun.seqs,
  })
  if (awaited.length === 0) await tellSaved(context, tables, { record, mapping, seqs: begun.seqs })
  await settle(context, tables, record)
}

/** What a shadow has from the frozen call. */
function shadowOf(
  { type, externalId, view, heads, document, incarnation, wish }: Begun,
  row: ExternalRow,
): Omit<Shadow, 'value' | 'version' | 'owed' | 'seqs'> {
  return {
    type,
    rowId: row.id,
    externalId: row.externalId ?? externalId,
    gone: wish.action === 'delete',
    view,
    heads,
    document,
    incarnation,
  }
}

async function overtaken(
  context: BridgeContext,
  tables: BridgeTables,
  { mapping, record, begun, row }: Pick<CarriedOut, 'mapping' | 'record' | 'begun' | 'row'>,
): Promise<void> {
  const { host } = context
  const conflicts = (begun.conflicts ?? 0) + 1
  const delayMs = conflicts > CONFLICTS_AT_ONCE_MAX ? backOffMs(host, begun.attempts) : 0
  tables.putItem(record, waitingAgain(mapping, begun, host.now() + delayMs, conflicts))
  if (conflicts === CONFLICTS_AT_ONCE_MAX + 1)
    tables.tell({
      level: 'warn',
      code: 'contended',
      message: `${record} met another row than it expected ${conflicts} times in a row at ${context.system}; its writes are tried more rarely until one is carried out`,
      fields: { record, conflicts },
    })
  // The link leads the row to this record, also when it is not the row that was meant.
  tables.link(row.type, { id: row.id }, record)
  await takeRow(context, tables, row)
}

/** What the row says stands, and whoever wrote the other value hears of it: it may be in there already, or lost (B-38). */
function tellUncertain(
  context: BridgeContext,
  tables: BridgeTables,
  { mapping, record, begun, row, uncertain }: Omit<CarriedOut, 'owed'>,
): Promise<void> {
  const mapped = mappedValue(mapping, row)
  const values = uncertain.flatMap((field) =>
    overruledIn(field, readField(begun.view, field), field.from(rowPart(mapped, field))),
  )
  const named = uncertain.flatMap(pointersOf).join(', ')
  return tellOverruled(context, tables, record, {
    values: Object.fromEntries(values),
    seqs: begun.seqs,
    rules: uncertain.map(({ rule }) => nameOf(rule)),
    reason: `${context.system} did not answer, and ${named} changed there: whether the edit made here is part of it cannot be told, so look at both values`,
  })
}

/** Owed since the call began, by somebody's decision: it was not part of it. */
async function unsent(
  context: BridgeContext,
  tables: BridgeTables,
  mapping: Mapping,
  { shadow, begun }: { shadow: Shadow | undefined; begun: Begun },
): Promise<string[]> {
  const owed = shadow?.owed ?? []
  if (!shadow || owed.length === 0) return []
  const sent = sentFields(begun)
  const { fields } = await resolveReferences(context, tables, mapping, { records: [begun.view] })
  const isSent = (external: string) =>
    fields.some(
      (field) =>
        field.external === external &&
        field.row.every(({ root }) => root in sent) &&
        field.same(rowPart(sent, field), field.to(readField(begun.view, field))),
    )
  return owed.filter((external) => !isSent(external))
}

function sentFields({ wish }: Begun): JsonObject {
  return wish.action === 'upsert' ? wish.fields : {}
}

/** External names of references that the call left out, because another record had no row yet (B-82). */
function awaitedBy({ wish }: Begun): string[] {
  return wish.action === 'upsert' ? (wish.awaits ?? []).map(({ external }) => external) : []
}
