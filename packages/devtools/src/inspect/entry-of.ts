/** One entry with what is in it. */
import { decodeEntry, type LoggedEntry, type ReplicaBase } from '@skerry/core'
import type { InspectedEntry, LoggedItem } from '@skerry/live'
import { changesOf, timeOf } from './log-reader.ts'

export function entryOf(replica: ReplicaBase, logged: LoggedEntry, item: LoggedItem): InspectedEntry {
  return {
    ...item,
    incarnation: decodeEntry(logged.bytes).incarnation,
    parts: changesOf(replica, logged).map((change) => ({
      hash: change.hashHex,
      actor: change.actorHex,
      seq: change.seq,
      operations: change.operations,
      bytes: change.rawBytes,
      at: timeOf(change),
      deps: change.deps,
    })),
  }
}
