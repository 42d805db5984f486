/** Whether a side that says it has this of a record has an entry of it (reconciliation rule Q9). */
import { toHex } from '../bytes/hex.ts'
import { bodyHash } from '../digest/digest-follower.ts'
import type { Host } from '../host.ts'
import { decodeEntry, type Entry, type EntrySignature } from '../log/entry.ts'
import { decodeSnapshot } from '../log/snapshot.ts'
import type { RecordState } from '../reconcile/port.ts'
import type { LoggedEntry } from '../store/port.ts'

export function isCovered({ bytes }: LoggedEntry, state: RecordState, host: Host): boolean {
  const entry = decodeEntry(bytes)
  // What came of an earlier incarnation is of no use to who has a later one: that is what its tombstone made.
  if (entry.incarnation !== state.incarnation) return entry.incarnation < state.incarnation
  switch (entry.kind) {
    case 'changes':
      return entry.signature !== undefined && isKnown(entry.signature, state)
    case 'receipt':
      return state.receipts.includes(bodyHash(host, entry.body))
    case 'snapshot':
      return isSnapshotKnown(entry, state, host)
    default:
      return false
  }
}

function isKnown({ actor, lastSeq }: EntrySignature, { actors }: RecordState): boolean {
  return (actors.get(toHex(actor)) ?? 0) >= lastSeq
}

function isSnapshotKnown({ body }: Entry, state: RecordState, host: Host): boolean {
  const { signatures, receipts } = decodeSnapshot(body, host)
  return (
    signatures.every((signature) => isKnown(signature, state)) &&
    receipts.every((receipt) => state.receipts.includes(bodyHash(host, decodeEntry(receipt).body)))
  )
}
