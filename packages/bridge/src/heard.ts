/**
 * What the row said when another node of the same system took it in, as the log tells it (SPEC B-90). This node's shadow may be older than that, after a fail-over or with a lost table, and
 * what was decided then would be decided again: a sum counted twice, words inserted twice.
 */
import { equalJson, type HistoryItem, type Json, type RecordState } from '@skerry/core'
import type { BridgeContext } from './context.ts'
import type { BridgeTables } from './tables.ts'

/** The row's last word on a field, by name, where the shadow does not know it. */
export type Heard = ReadonlyMap<string, Json | undefined>

/** @param since heads of the shadow; none at a first meeting */
export async function heardSince(
  { system }: BridgeContext,
  tables: BridgeTables,
  state: RecordState,
  since: readonly string[],
): Promise<Heard> {
  if (equalJson([...state.heads], [...since])) return new Map()
  const { transaction } = tables
  const rows = (await transaction.history(state.key, since)).filter(
    ({ actor }) => transaction.importedFrom(actor, [system])?.decided === false,
  )
  const heard = new Map<string, Json | undefined>()
  for (const [name, { hash }] of newestByField(rows))
    heard.set(name, (await transaction.valueAt(state.key, hash))?.[name])
  return heard
}

/** By the row's own time; within one second by the history, in which what builds on something comes after it. */
function newestByField(rows: readonly HistoryItem[]): Map<string, HistoryItem> {
  const newest = new Map<string, HistoryItem>()
  for (const item of rows)
    for (const [name] of item.fields) {
      if (name === undefined) continue
      const known = newest.get(name)
      if (!known || known.time <= item.time) newest.set(name, item)
    }
  return newest
}
