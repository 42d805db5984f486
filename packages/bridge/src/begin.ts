/** A write, frozen before its call (SPEC B-06). One append. */
import { begunFact } from './audit/facts.ts'
import { BridgeError } from './bridge-error.ts'
import { isShared } from './choose-mapping.ts'
import { type BridgeContext, runSeqs } from './context.ts'
import { isApproved, liftedTo } from './delivery/waiting.ts'
import { isHeld } from './identity/held.ts'
import { externalIdOf, idempotencyKeyOf } from './ids.ts'
import type { Begun } from './outbox.ts'
import { planOf, subjectOf } from './plan.ts'
import { waitForRecord } from './quarantined.ts'
import { settle } from './settle.ts'
import type { BridgeTables } from './tables.ts'

/** @returns the call to make, undefined when there is none; `doubt` says that it may have been made before */
export async function begin(
  context: BridgeContext,
  tables: BridgeTables,
  record: string,
): Promise<{ begun: Begun; doubt: boolean } | undefined> {
  const item = await tables.item(record)
  if (item?.state === 'begun') return { begun: item, doubt: true }
  const subject = item?.state === 'waiting' && (await subjectOf(context, tables, record))
  if (!subject || item?.state !== 'waiting') return undefined
  if (subject.state.isQuarantined) {
    waitForRecord(tables, record, item)
    return undefined
  }
  if (await isHeld(context, tables, { ...subject, item })) {
    tables.putItem(record, undefined)
    return undefined
  }
  const { mapping, state, shadow, wish, parents } = await planOf(context, tables, subject)
  const isNothing = wish instanceof BridgeError || wish.action === 'none' || parents.length > 0
  if (isNothing || !isApproved(mapping, item, wish)) {
    await settle(context, tables, record)
    return undefined
  }
  const { document, heads } = await tables.transaction.save(record)
  const { host } = context
  const tier = liftedTo(mapping, wish, shadow)
  const externalId = shadow?.externalId || externalIdOf(host, record, isShared(context, mapping.type))
  const expectedVersion = shadow?.version ?? null
  const begun: Begun = {
    state: 'begun',
    dueAt: host.now(),
    attempts: item.attempts + 1,
    ...(item.since !== undefined && { since: item.since }),
    ...(tier && { tier }),
    ...(item.conflicts !== undefined && { conflicts: item.conflicts }),
    wish,
    type: mapping.type,
    externalId,
    ...(shadow && { rowId: shadow.rowId }),
    expectedVersion,
    begunAt: host.now(),
    idempotencyKey: idempotencyKeyOf(host, { record, action: wish.action, heads, expectedVersion }),
    heads,
    view: state.content,
    seqs: runSeqs(state),
    incarnation: state.incarnation,
    document,
  }
  tables.putItem(record, begun)
  tables.note(await begunFact(context, tables, { mapping, record, shadow, begun }))
  tables.link(mapping.type, { externalId }, record)
  return { begun, doubt: false }
}
