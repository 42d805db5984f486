/** Records without a row that must not be created there yet: first contact is not over, or one of the rows may be the same thing (SPEC B-125, B-127). */
import type { RecordState } from '@skerry/core'
import type { BridgeContext } from '../context.ts'
import { stamp } from '../ids.ts'
import type { Mapping } from '../mapping.ts'
import type { OutboxItem } from '../outbox.ts'
import type { Shadow } from '../shadow.ts'
import type { BridgeTables } from '../tables.ts'
import { offer, withdraw } from './candidates.ts'
import { isInContact } from './contact.ts'
import { keysOf } from './match-keys.ts'
import { rowsInDoubt } from './pair.ts'

export interface Settling {
  mapping: Mapping
  state: RecordState
  shadow: Shadow | undefined
  item: OutboxItem | undefined
}

/** Keeps what the record is found by as it is now. @returns whether it must wait */
export async function isHeld(
  context: BridgeContext,
  tables: BridgeTables,
  { mapping, state, shadow, item }: Settling,
): Promise<boolean> {
  const { match, type } = mapping
  if (match.length === 0) return false
  if (shadow || !state.value) {
    if (await withdraw(tables, type, state.key)) await lookAgain(context, tables, state.key)
    return false
  }
  const isNews = await offer(tables, type, state.key, keysOf(context.host, match, state.value))
  // A row that waited for the fate of its call need not wait any more.
  const isInDoubt =
    isNews || item?.state === 'dead'
      ? await lookAgain(context, tables, state.key)
      : (await rowsInDoubt(tables, state.key)).length > 0
  return isInDoubt || !(await isInContact(tables, type))
}

/** Rows in doubt with this record are read again, and compared anew. @returns whether there are any */
export async function lookAgain(
  context: BridgeContext,
  tables: BridgeTables,
  record: string,
): Promise<boolean> {
  const rows = await rowsInDoubt(tables, record)
  for (const { type, id } of rows) tables.putHint({ type, id, stamp: stamp(context) })
  return rows.length > 0
}
