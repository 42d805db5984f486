/**
 * What the row said when another node of the same system took it in, as the log tells it (SPEC B-90). This node's shadow may be older than that, after a fail-over or with a lost table, and
 * what was decided then would be decided again: a sum counted twice, words inserted twice.
 */
import { equalJson, type HistoryItem, type Json, type RecordState } from '@skerry/core'
import type { BridgeContext } from './context.ts'
import { concerns, readField } from './mapping/field.ts'
import type { Mapping } from './mapping.ts'
import type { BridgeTables } from './tables.ts'

/** The row's last word on a field, by name, where the shadow does not know it. */
export type Heard = ReadonlyMap<string, Json | undefined>

/** @param since heads of the shadow; none at a first meeting */
export async function heardSince(
  { system }: BridgeContext,
  tables: BridgeTables,
  { mapping, state }: { mapping: Mapping; state: RecordState },
  since: readonly string[],
): Promise<Heard> {
  if (equalJson([...state.heads], [...since])) return new Map()
  const { transaction } = tables
  const rows = (await transaction.history(state.key, since)).filter(
    ({ actor }) => transaction.importedFrom(actor, [system])?.decided === false,
  )
  const heard = new Map<string, Json | undefined>()
  for (const field of mapping.fields) {
    const newest = newestOf(rows.filter(({ fields }) => fields.some((path) => concerns(field, path))))
    if (newest) heard.set(field.name, readField(await transaction.valueAt(state.key, newest.hash), field))
  }
  return heard
}

/** By the row's own time; within one second by the history, in which what builds on something comes after it. */
function newestOf(items: readonly HistoryItem[]): HistoryItem | undefined {
  return items.reduce<HistoryItem | undefined>(
    (newest, item) => (newest && newest.time > item.time ? newest : item),
    undefined,
  )
}
