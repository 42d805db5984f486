/** A write, frozen before its call (SPEC B-06). One append. */
import { BridgeError } from './bridge-error.ts'
import { isShared } from './choose-mapping.ts'
import { type BridgeContext, runSeqs } from './context.ts'
import { externalIdOf, idempotencyKeyOf } from './ids.ts'
import type { Begun } from './outbox.ts'
import { planFor } from './plan.ts'
import { enter } from './settle.ts'
import type { BridgeTables } from './tables.ts'

/** @returns the call to make, undefined when there is none; `doubt` says that it may have been made before */
export async function begin(
  context: BridgeContext,
  tables: BridgeTables,
  record: string,
): Promise<{ begun: Begun; doubt: boolean } | undefined> {
  const item = await tables.item(record)
  if (item?.state === 'begun') return { begun: item, doubt: true }
  if (item?.state !== 'waiting') return undefined
  const plan = await planFor(context, tables, record)
  if (!plan) return undefined
  const { mapping, state, shadow, wish, parents } = plan
  if (wish instanceof BridgeError || wish.action === 'none' || parents.length > 0) {
    await enter(context, tables, record, plan)
    return undefined
  }
  const { document, heads } = await tables.transaction.save(record)
  const { host } = context
  const externalId = shadow?.externalId || externalIdOf(host, record, isShared(context, mapping.type))
  const expectedVersion = shadow?.version ?? null
  const begun: Begun = {
    state: 'begun',
    dueAt: host.now(),
    attempts: item.attempts + 1,
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
  await tables.link(mapping.type, { externalId }, record)
  return { begun, doubt: false }
}
