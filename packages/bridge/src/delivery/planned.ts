/** What would be sent for a record as it stands: for operators, before they try again or approve (SPEC B-13, B-53). */
import type { JsonObject } from '@skerry/core'
import { BridgeError } from '../bridge-error.ts'
import type { BridgeContext } from '../context.ts'
import type { Mapping } from '../mapping.ts'
import type { Wish, WriteKind } from '../outbox.ts'
import { planOf, subjectOf } from '../plan.ts'
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
export async function plannedFor(
  context: BridgeContext,
  tables: BridgeTables,
  record: string,
): Promise<{ planned: Planned; mapping: Mapping; wish: Wish } | undefined> {
  const subject = await subjectOf(context, tables, record)
  if (!subject) return undefined
  const { mapping, shadow, wish } = await planOf(context, tables, subject)
  const nothing = { record, type: mapping.type, kind: 'nothing', fields: {} } as const
  if (wish instanceof BridgeError)
    return { planned: { ...nothing, reason: wish.message }, mapping, wish: { action: 'none' } }
  if (wish.action === 'none') return { planned: nothing, mapping, wish }
  const fields = wish.action === 'upsert' ? wish.fields : {}
  return { planned: { ...nothing, kind: kindOfWish(wish, shadow), fields }, mapping, wish }
}
