/** After anything changed: what the system should now be told of a record decides what stands in the outbox (SPEC B-05, B-15, B-16, B-80). */
import { equalJson, type RecordState } from '@skerry/core'
import { BridgeError } from './bridge-error.ts'
import { isOwnFailure, reasonOf } from './bridge-life.ts'
import { mappingOfRecord } from './choose-mapping.ts'
import { type BridgeContext, isBeyond, runSeqs } from './context.ts'
import { firstWait, nextWait } from './mapping/mode.ts'
import type { Mapping } from './mapping.ts'
import type { Dead, Wish } from './outbox.ts'
import { type Plan, planFor } from './plan.ts'
import type { Shadow } from './shadow.ts'
import type { BridgeTables } from './tables.ts'
import { tellRefused, tellSaved } from './told.ts'

export async function settle(context: BridgeContext, tables: BridgeTables, record: string): Promise<void> {
  if ((await tables.item(record))?.state === 'begun') return
  const plan = await planFor(context, tables, record)
  if (plan) await enter(context, tables, record, plan)
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
export async function enter(
  context: BridgeContext,
  tables: BridgeTables,
  record: string,
  plan: Plan,
): Promise<void> {
  const { mapping, state, shadow, wish, parents } = plan
  const item = await tables.item(record)
  const seqs = runSeqs(state)
  if (wish instanceof BridgeError)
    return bury(context, tables, {
      record,
      mapping,
      wish: { action: 'none' },
      reason: wish.message,
      fields: [],
      seqs,
    })
  if (wish.action === 'none') {
    if (item) tables.putItem(record, undefined)
    if (shadow) await advance(context, tables, mapping, { record, shadow, state })
    return
  }
  if (item?.state === 'dead' && equalJson(item.wish, wish)) return
  if (parents.length > 0) return park(context, tables, record, parents)
  const moment = { now: context.host.now(), seqs, type: mapping.type }
  if (item?.state !== 'waiting') return tables.putItem(record, firstWait(mapping.mode, moment))
  const waiting = isBeyond(seqs, item.seqs ?? seqs) ? nextWait(mapping.mode, item, moment) : undefined
  if (waiting) tables.putItem(record, waiting)
}

/** Nothing is left to write: both sides agree at the record's heads, and edits that were not told of yet are saved. */
async function advance(
  context: BridgeContext,
  tables: BridgeTables,
  mapping: Mapping,
  { record, shadow, state }: { record: string; shadow: Shadow; state: RecordState },
): Promise<void> {
  if (equalJson([...state.heads], [...shadow.heads]) && shadow.owed.length === 0) return
  // A record outside the filter keeps what it has beyond the shadow for when it comes back.
  if (mapping.outward && state.value && !mapping.writes(state.value)) return
  const { document, heads } = await tables.transaction.save(record)
  const seqs = runSeqs(state)
  await tables.putShadow(record, {
    ...shadow,
    document,
    heads,
    view: state.content,
    seqs: { ...shadow.seqs, ...seqs },
    owed: [],
  })
  if (mapping.outward && isBeyond(seqs, shadow.seqs)) await tellSaved(context, tables, record, seqs)
}

/** The record waits for the rows of others, and only for those; `dependants.ts` looks at it again when anything becomes of them. */
async function park(
  context: BridgeContext,
  tables: BridgeTables,
  record: string,
  parents: readonly string[],
): Promise<void> {
  const reasons: string[] = []
  for (const parent of parents) reasons.push(await reasonToWait(context, tables, parent))
  const reason = reasons.join('; ')
  const known = await tables.item(record)
  if (known?.state === 'parked' && known.reason === reason && equalJson(known.parents, [...parents])) return
  tables.putItem(record, { state: 'parked', parents: [...parents], reason })
  tables.tell({
    level: 'info',
    code: 'parked',
    message: `${record} is not written to ${context.system} yet: ${reason}`,
    fields: { record },
  })
}

async function reasonToWait(context: BridgeContext, tables: BridgeTables, parent: string): Promise<string> {
  const item = await tables.item(parent)
  if (item?.state === 'dead') return `it waits for ${parent}, which cannot be written: ${item.reason}`
  if (item) return `it waits for ${parent}, which has no row there yet`
  const { value } = await tables.transaction.record(parent)
  if (!value) return `it waits for ${parent}, which is not in this replica`
  const { type = '' } = mappingOfRecord(context, parent) ?? {}
  return `it waits for ${parent}, which the mapping to ${type} does not write`
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
  await tellRefused(context, tables, { record, mapping, seqs, reason, external: fields })
}
