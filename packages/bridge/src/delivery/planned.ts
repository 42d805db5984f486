/** What would be sent for a record as it stands: for operators, before they try again or approve (SPEC B-13, B-53). */
import type { JsonObject } from '@skerry/core'
import { BridgeError } from '../bridge-error.ts'
import { type BridgeContext, mappingOfRecord } from '../context.ts'
import type { Wish, WriteKind } from '../outbox.ts'
import { heldOf } from '../prepare.ts'
import { guardedWish, shadowFor } from '../settle.ts'
import type { BridgeTables } from '../tables.ts'
import { kindOfWish } from './waiting.ts'

export interface Planned {
  record: string
  type: string
  /** `nothing`: both sides agree by now, or the mapping still fails, as `reason` says. */
  kind: WriteKind | 'nothing'
  /** By external name; empty for a delete. */
  fields: JsonObject
  reason?: string
}

/** @returns undefined for a record that no mapping is for */
export async function planOf(
  context: BridgeContext,
  tables: BridgeTables,
  record: string,
): Promise<{ planned: Planned; wish: Wish } | undefined> {
  const mapping = mappingOfRecord(context, record)
  if (!mapping) return undefined
  const state = await tables.transaction.record(record)
  const shadow = shadowFor(state, await tables.shadow(record))
  const wish = guardedWish(mapping, shadow, state, await heldOf(tables, mapping, record))
  const nothing = { record, type: mapping.type, kind: 'nothing', fields: {} } as const
  if (wish instanceof BridgeError)
    return { planned: { ...nothing, reason: wish.message }, wish: { action: 'none' } }
  if (wish.action === 'none') return { planned: nothing, wish }
  const fields = wish.action === 'upsert' ? wish.fields : {}
  return { planned: { ...nothing, kind: kindOfWish(wish, shadow), fields }, wish }
}
