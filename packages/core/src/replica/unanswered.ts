/** Edits made here that the hub has not answered yet, by record: what an outbox shows. */
import { defaultChangeLimits } from '../change/limits.ts'
import { parseChange } from '../change/parse.ts'
import { decodeChanges, decodeEntry } from '../log/entry.ts'
import type { LoggedEntry } from '../store/port.ts'
import type { ReplicaCore } from './replica-core.ts'

/** Entries that are looked at; more than a device makes in weeks without a network. */
const UNANSWERED_READ_MAX = 10_000
const UNANSWERED_BYTES_MAX = 64 * 1024 * 1024

export interface Unanswered {
  /** Key, `collection/id`. */
  record: string
  edits: number
  /** When the oldest of them was made, milliseconds since 1970 by the clock here, to the second. */
  since: number
}

/** In the order of the oldest edit of each. None on a hub. */
export async function unanswered(core: ReplicaCore): Promise<Unanswered[]> {
  if (core.authority) return []
  const limit = { entries: UNANSWERED_READ_MAX, bytes: UNANSWERED_BYTES_MAX }
  const byRecord = new Map<string, Unanswered>()
  for (const entry of await core.soundLog.readLog(core.answered, limit)) {
    // What is unanswered is in no snapshot (K-7).
    if (entry.origin || entry.kind !== 'changes') continue
    const known = byRecord.get(entry.record)
    if (known) known.edits += 1
    else byRecord.set(entry.record, { record: entry.record, edits: 1, since: timeOf(core, entry) })
  }
  for (const [record, { edits, since }] of core.intents.waiting) {
    const known = byRecord.get(record)
    if (known) known.edits += edits
    else byRecord.set(record, { record, edits, since })
  }
  return [...byRecord.values()]
}

/** Containers come first in an entry, and have no time. */
function timeOf({ host }: ReplicaCore, { bytes }: LoggedEntry): number {
  const last = decodeChanges(decodeEntry(bytes).body).at(-1)!
  return parseChange(last, host, defaultChangeLimits).time * 1000
}
