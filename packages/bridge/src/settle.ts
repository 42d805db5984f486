/** After anything changed: what the system should now be told of a record decides what stands in the outbox (SPEC B-05, B-15, B-16, B-50, B-80). */
import { equalJson, RecordQuarantined, type RecordState } from '@skerry/core'
import { noticedFact } from './audit/facts.ts'
import { BridgeError } from './bridge-error.ts'
import { isOwnFailure, reasonOf } from './bridge-life.ts'
import { mappingOfRecord } from './choose-mapping.ts'
import { type BridgeContext, isBeyond, runSeqs } from './context.ts'
import { waitingFor, waitsAlike } from './delivery/waiting.ts'
import { isHeld } from './identity/held.ts'
import { park } from './mapping/park.ts'
import type { Mapping } from './mapping.ts'
import type { Dead, OutboxItem, Wish } from './outbox.ts'
import { type Known, type Plan, planPrepared, subjectOf } from './plan.ts'
import { waitForRecord } from './quarantined.ts'
import type { Shadow } from './shadow.ts'
import type { BridgeTables } from './tables.ts'
import { tellRefused, tellSaved } from './told.ts'

/** @param known as it is after everything that this append did so far */
export async function settle(
  context: BridgeContext,
  tables: BridgeTables,
  record: string,
  known?: Known,
): Promise<void> {
  const item = known ? known.item : await tables.item(record)
  if (item?.state === 'begun') return
  const subject = await subjectOf(context, tables, record, known)
  if (!subject) return
  if (subject.state.isQuarantined) return waitForRecord(tables, record, item)
  if (await isHeld(context, tables, { ...subject, item })) {
    if (item && item.state !== 'dead') tables.putItem(record, undefined)
    return
  }
  const plan = await planPrepared(context, tables, subject)
  if (plan.wish instanceof BridgeError)
    return bury(context, tables, {
      ...subject,
      wish: { action: 'none' },
      reason: plan.wish.message,
      fields: [],
      seqs: runSeqs(subject.state),
    })
  await enter(context, tables, plan, plan.wish, item)
}

/** A record that cannot be looked at must not hold up the others. */
export async function settleSafely(
  context: BridgeContext,
  tables: BridgeTables,
  record: string,
): Promise<void> {
  try {
    await settle(context, tables, record)
  } catch (error) {
    if (error instanceof RecordQuarantined && error.record === record) throw error
    const mapping = mappingOfRecord(context, record)
    if (isOwnFailure(error) || !mapping) throw error
    const seqs = runSeqs(await tables.transaction.record(record))
    await bury(context, tables, {
      record,
      mapping,
      wish: { action: 'none' },
      reason: reasonOf(error),
      fields: [],
      seqs,
    })
  }
}

/** Puts into the outbox what the plan says. */
async function enter(
  context: BridgeContext,
  tables: BridgeTables,
  { mapping, record, state, shadow, held, parents }: Plan,
  wish: Wish,
  item: OutboxItem | undefined,
): Promise<void> {
  if (wish.action === 'none') {
    if (item) tables.putItem(record, undefined)
    if (shadow && !held.whole) await advance(context, tables, mapping, { record, shadow, state })
    return
  }
  if (item?.state === 'dead' && equalJson(item.wish, wish)) return
  if (item?.state !== 'waiting' && item?.state !== 'parked')
    tables.note(noticedFact({ mapping, record, state, shadow, wish, parents }))
  if (parents.length > 0) return park(context, tables, record, parents)
  const known = item?.state === 'waiting' ? item : undefined
  const moment = { now: context.host.now(), seqs: runSeqs(state) }
  const waiting = waitingFor({ mapping, wish, shadow, ...moment }, known)
  if (!known || !waitsAlike(known, waiting)) tables.putItem(record, waiting)
}

/** Both sides agreed at the record's present heads, and nothing waits: whoever wrote that shadow settled the record with it. */
export async function isSettled(tables: BridgeTables, record: string): Promise<boolean> {
  const shadow = await tables.shadowHead(record)
  if (!shadow || shadow.owes) return false
  const heads = await tables.transaction.heads(record)
  return equalJson([...heads], [...shadow.heads]) && (await tables.item(record)) === undefined
}

/** Nothing is left to write: both sides agree at the record's heads, and edits that were not told of yet are saved. */
async function advance(
  context: BridgeContext,
  tables: BridgeTables,
  mapping: Mapping,
  { record, shadow, state }: { record: string; shadow: Shadow; state: RecordState },
): Promise<void> {
  const seqs = runSeqs(state)
  const isThere = equalJson([...state.heads], [...shadow.heads])
  if (isThere && shadow.owed.length === 0 && !isBeyond(seqs, shadow.seqs)) return
  // A record outside the filter keeps what it has beyond the shadow for when it comes back.
  if (mapping.outward && state.value && !mapping.writes(state.value)) return
  const { document, heads } = await tables.transaction.save(record)
  const advanced: Shadow = {
    ...shadow,
    document,
    heads,
    view: state.content,
    owed: [],
    seqs: { ...shadow.seqs, ...seqs },
  }
  tables.putShadow(record, advanced, shadow)
  if (mapping.outward && isBeyond(seqs, shadow.seqs))
    await tellSaved(context, tables, { record, mapping, seqs })
}

export interface Burial {
  record: string
  mapping: Mapping
  wish: Wish
  reason: string
  /** External names. */
  fields: string[]
  seqs: Record<string, number>
}

/** The item becomes a dead letter, and everyone hears why; once. */
export async function bury(context: BridgeContext, tables: BridgeTables, burial: Burial): Promise<void> {
  const { record, mapping, wish, reason, fields, seqs } = burial
  const known = await tables.item(record)
  if (known?.state === 'dead' && known.reason === reason && !isBeyond(seqs, known.seqs)) return
  const dead: Dead = { state: 'dead', wish, reason, fields, seqs, at: context.host.now() }
  tables.putItem(record, dead)
  tables.stirred.add(record)
  tables.tell({
    level: 'warn',
    code: 'dead-letter',
    message: `${record} cannot be written to ${context.system}: ${reason}`,
    fields: { record },
  })
  // A write is atomic: what the system does not blame was not written either (B-108).
  const external = new Set([...fields, ...(wish.action === 'upsert' ? Object.keys(wish.fields) : [])])
  await tellRefused(context, tables, { record, mapping, seqs, reason, external: [...external] })
}
