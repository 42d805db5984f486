/** What should become of a record now: its mapping, what the system should be told, and whether that must wait for another record's row first (SPEC B-80 to B-82). Nothing is written here. */
import type { RecordState } from '@skerry/core'
import { BridgeError } from './bridge-error.ts'
import { mappingForFirst, mappingOfRecord } from './choose-mapping.ts'
import type { BridgeContext } from './context.ts'
import { PARENTS_WALKED_MAX } from './limits.ts'
import { resolveRecord } from './mapping/references.ts'
import type { Mapping } from './mapping.ts'
import type { Wish } from './outbox.ts'
import type { Shadow } from './shadow.ts'
import type { BridgeTables } from './tables.ts'
import { wishOf } from './wish.ts'

export interface Plan {
  mapping: Mapping
  state: RecordState
  shadow: Shadow | undefined
  /** An error of the mapping: the record is a dead letter (B-16). */
  wish: Wish | BridgeError
  /** Keys of the records that it waits for, with nothing to be written before. */
  parents: readonly string[]
}

export async function planFor(
  context: BridgeContext,
  tables: BridgeTables,
  record: string,
): Promise<Plan | undefined> {
  const state = await tables.transaction.record(record)
  const shadow = shadowFor(state, await tables.shadow(record))
  const known = mappingOfRecord(context, record, shadow?.type)
  if (!known) return undefined
  try {
    const mapping = shadow || !state.value ? known : (mappingForFirst(context, record, state.value) ?? known)
    const resolved = await resolveRecord(tables, mapping, [state.value])
    const wish = wishOf(resolved, shadow, state)
    return { mapping, state, shadow, wish, parents: await parentsOf(tables, record, shadow, wish) }
  } catch (error) {
    // Tables that cannot be read are no fault of the record.
    if (!(error instanceof BridgeError) || error.code === 'damaged-table') throw error
    return { mapping: known, state, shadow, wish: error, parents: [] }
  }
}

/** A shadow of an earlier life of the record says nothing of this one. */
export function shadowFor(state: RecordState, shadow: Shadow | undefined): Shadow | undefined {
  return shadow && shadow.incarnation === state.incarnation ? shadow : undefined
}

/** A row that is there takes all else at once; one that is to be made waits, unless that would be for ever. */
async function parentsOf(
  tables: BridgeTables,
  record: string,
  shadow: Shadow | undefined,
  wish: Wish,
): Promise<string[]> {
  if (wish.action !== 'upsert' || !wish.awaits) return []
  const parents = [...new Set(wish.awaits.map(({ parent }) => parent))]
  if (shadow && !shadow.gone) return Object.keys(wish.fields).length === 0 ? parents : []
  for (const parent of parents) if (!(await waitsFor(tables, parent, record))) return parents
  return []
}

/** Whether a record waits for another one, over any number of others: then that one cannot wait for it. Too many to look at count as a circle; the second write mends what that costs. */
async function waitsFor(tables: BridgeTables, record: string, other: string): Promise<boolean> {
  const seen = new Set([record])
  for (const one of seen) {
    if (one === other || seen.size > PARENTS_WALKED_MAX) return true
    const item = await tables.item(one)
    if (item?.state === 'parked') for (const parent of item.parents) seen.add(parent)
  }
  return false
}
