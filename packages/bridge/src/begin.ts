/** A write, frozen before its call (SPEC B-06). One append. */
import { BridgeError } from './bridge-error.ts'
import { type BridgeContext, mappingOfRecord, runSeqs } from './context.ts'
import { isApproved, liftedTo } from './delivery/waiting.ts'
import { isHeld } from './identity/held.ts'
import { externalIdOf, idempotencyKeyOf } from './ids.ts'
import type { Begun } from './outbox.ts'
import { heldOf } from './prepare.ts'
import { guardedWish, settle, shadowFor } from './settle.ts'
import type { BridgeTables } from './tables.ts'

/** @returns the call to make, undefined when there is none; `doubt` says that it may have been made before */
export async function begin(
  context: BridgeContext,
  tables: BridgeTables,
  record: string,
): Promise<{ begun: Begun; doubt: boolean } | undefined> {
  const mapping = mappingOfRecord(context, record)
  const item = await tables.item(record)
  if (!mapping || !item || item.state === 'dead') return undefined
  if (item.state === 'begun') return { begun: item, doubt: true }
  const state = await tables.transaction.record(record)
  const shadow = shadowFor(state, await tables.shadow(record))
  if (await isHeld(context, tables, { mapping, state, shadow, item })) {
    tables.putItem(record, undefined)
    return undefined
  }
  const wish = guardedWish(mapping, shadow, state, await heldOf(tables, mapping, record))
  if (wish instanceof BridgeError || wish.action === 'none' || !isApproved(mapping, item, wish)) {
    await settle(context, tables, record)
    return undefined
  }
  const { document, heads } = await tables.transaction.save(record)
  const { host } = context
  const tier = liftedTo(mapping, wish)
  const externalId = shadow?.externalId || externalIdOf(host, record)
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
  tables.link(mapping.type, { externalId }, record)
  return { begun, doubt: false }
}
