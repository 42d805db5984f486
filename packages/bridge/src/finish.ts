/** What an answer means: for the shadow, the outbox, and everyone who has the record (SPEC B-08 to B-14). Each function is one append. */
import { equalJson, type JsonObject } from '@skerry/core'
import type { ExternalRow, Failure, WriteAnswer } from './adapter-port.ts'
import { backOffMs, waitMs } from './back-off.ts'
import { type BridgeContext, mappingOfRecord, type Overruled, pointer } from './context.ts'
import { takeRow } from './incoming.ts'
import { CONFLICTS_AT_ONCE_MAX } from './limits.ts'
import { emptyValue, type Mapping, mappedValue } from './mapping.ts'
import type { Begun, Waiting } from './outbox.ts'
import { bury, settle } from './settle.ts'
import type { Shadow } from './shadow.ts'
import type { BridgeTables } from './tables.ts'
import { tellOverruled, tellSaved } from './told.ts'
import { setAside } from './unread.ts'

export interface Answered {
  record: string
  begun: Begun
  doubt: boolean
  answer: WriteAnswer
}

export async function finish(
  context: BridgeContext,
  tables: BridgeTables,
  answered: Answered,
): Promise<void> {
  const { record, begun, answer } = answered
  const mapping = mappingOfRecord(context, record)
  const item = await tables.item(record)
  if (!mapping || item?.state !== 'begun' || item.idempotencyKey !== begun.idempotencyKey) return
  switch (answer.kind) {
    case 'done':
      return carriedOut(context, tables, { mapping, record, begun, row: answer.row, lost: {} })
    case 'conflict':
      if (await isOurs(tables, mapping, answered, answer.row))
        return carriedOut(context, tables, {
          mapping,
          record,
          begun,
          row: answer.row,
          lost: lostFields(mapping, begun, answer.row),
        })
      return overtaken(context, tables, record, begun, answer.row)
    case 'later':
    case 'unauthorized':
    case 'unknown':
      tables.putItem(record, postponed(context, answered, answer))
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
function postponed({ host }: BridgeContext, { begun, doubt }: Answered, answer: Failure): Waiting | Begun {
  const retryAfterMs = 'retryAfterMs' in answer ? answer.retryAfterMs : undefined
  const { attempts } = begun
  const dueAt = host.now() + waitMs(host, attempts, retryAfterMs)
  if (doubt || answer.kind === 'unknown') return { ...begun, attempts: attempts + 1, dueAt }
  return { state: 'waiting', attempts, dueAt }
}

interface CarriedOut {
  mapping: Mapping
  record: string
  begun: Begun
  row: ExternalRow
  /** Fields that were written, and overwritten before the answer came. */
  lost: Overruled
}

/** Both sides agreed at the frozen heads; the row may say more, and the record may have moved since. */
async function carriedOut(
  context: BridgeContext,
  tables: BridgeTables,
  { mapping, record, begun, row, lost }: CarriedOut,
): Promise<void> {
  const shadow = await tables.shadow(record)
  const mapped = mappedValue(mapping, row)
  const isDelete = begun.wish.action === 'delete'
  const before = shadow?.value ?? emptyValue(mapping)
  const value = isDelete ? mapped : { ...before, ...sentFields(begun) }
  const told = row.deleted === isDelete && equalJson(mapped, value)
  tables.putItem(record, undefined)
  // No version of the row's is known to say what was agreed, when the row says more.
  await tables.putShadow(record, shadowOf(begun, row, { value, version: told ? row.version : '' }))
  if (Object.keys(lost).length === 0) await tellSaved(context, tables, record, begun.seqs)
  else await tellOverruled(context, tables, record, { values: lost, seqs: begun.seqs, rules: ['that-side'] })
  if (told) await settle(context, tables, record)
  else await takeRow(context, tables, row)
}

/** In doubt, a row that has a value we sent and that it had not before was written by us (B-12). */
async function isOurs(
  tables: BridgeTables,
  mapping: Mapping,
  { record, begun, doubt }: Answered,
  row: ExternalRow,
): Promise<boolean> {
  if (begun.wish.action === 'delete') return row.deleted
  if (!doubt || row.deleted) return false
  const before = (await tables.shadow(record))?.value ?? emptyValue(mapping)
  const mapped = mappedValue(mapping, row)
  const sent = Object.entries(sentFields(begun))
  return (
    begun.expectedVersion === null ||
    sent.some(([field, value]) => equalJson(mapped[field], value) && !equalJson(before[field], value))
  )
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
  const mapping = mappingOfRecord(context, record)
  if (!mapping || !('row' in answer)) return
  const { row } = answer
  await setAside(tables, row, reason)
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
  tables.putItem(record, undefined)
  await tables.putShadow(
    record,
    shadowOf(begun, row, {
      value: { ...(shadow?.value ?? emptyValue(mapping)), ...sentFields(begun) },
      version: row.version,
    }),
  )
  await tellSaved(context, tables, record, begun.seqs)
  await settle(context, tables, record)
}

function shadowOf(begun: Begun, row: ExternalRow, agreed: { value: JsonObject; version: string }): Shadow {
  const { type, view, heads, seqs, document, incarnation, wish } = begun
  const gone = wish.action === 'delete'
  return {
    type,
    rowId: row.id,
    externalId: row.externalId ?? begun.externalId,
    gone,
    view,
    heads,
    seqs,
    owed: [],
    document,
    incarnation,
    ...agreed,
  }
}

async function overtaken(
  context: BridgeContext,
  tables: BridgeTables,
  record: string,
  begun: Begun,
  row: ExternalRow,
): Promise<void> {
  const { host } = context
  const delayMs = begun.attempts > CONFLICTS_AT_ONCE_MAX ? backOffMs(host, begun.attempts) : 0
  tables.putItem(record, { state: 'waiting', attempts: begun.attempts, dueAt: host.now() + delayMs })
  // The link leads the row to this record, also when it is not the row that was meant.
  await tables.link(row.type, { id: row.id }, record)
  await takeRow(context, tables, row)
}

function lostFields(mapping: Mapping, begun: Begun, row: ExternalRow): Overruled {
  const mapped = mappedValue(mapping, row)
  const sent = sentFields(begun)
  const lost = mapping.fields.filter(
    ({ external }) => external in sent && !equalJson(sent[external], mapped[external]),
  )
  return Object.fromEntries(
    lost.map(({ name, external, from }) => [
      pointer(name),
      { was: begun.view[name] ?? null, became: from(mapped[external] ?? null) ?? null },
    ]),
  )
}

function sentFields({ wish }: Begun): JsonObject {
  return wish.action === 'upsert' ? wish.fields : {}
}
