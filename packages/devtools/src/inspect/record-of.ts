/** What identifies a record's state in this replica, without loading its document. */
import { decodeFrontier, keyOf, type ReplicaBase } from '@skerry/core'
import type { InspectedRecord } from '@skerry/live'

export async function recordOf(
  replica: ReplicaBase,
  collection: string,
  id: string,
): Promise<InspectedRecord | undefined> {
  const key = keyOf(collection, id)
  const [row] = await replica.rows.rows([key])
  if (!row) return undefined
  const entries = await replica.entriesOf(key)
  const { heads, channels, incarnation, seqs, maxOp, deleted } = decodeFrontier(row.frontier)
  return {
    heads,
    channels,
    incarnation,
    actors: seqs.size,
    operations: maxOp,
    isDeleted: deleted,
    entries: entries.length,
    bytes: entries.reduce((sum, { bytes }) => sum + bytes.length, 0),
  }
}
