/** Whether a side that says it has this of a record has an entry of it (reconciliation rule Q9). */
import { toHex } from '../bytes/hex.ts'
import { actorKind } from '../change/actors.ts'
import { defaultChangeLimits } from '../change/limits.ts'
import { parseChange } from '../change/parse.ts'
import { bodyHash } from '../digest/digest-follower.ts'
import type { Host } from '../host.ts'
import { decodeEntry, type Entry, type EntrySignature } from '../log/entry.ts'
import { decodeSnapshot, type Snapshot } from '../log/snapshot.ts'
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
  const snapshot = decodeSnapshot(body, host)
  const { signatures, receipts } = snapshot
  return (
    isAllSigned(snapshot, host) &&
    signatures.every((signature) => isKnown(signature, state)) &&
    receipts.every((receipt) => state.receipts.includes(bodyHash(host, decodeEntry(receipt).body)))
  )
}

/** A snapshot that the authority remade lacks signatures: what of it the other side has is not known from them. */
function isAllSigned({ changes, signatures }: Snapshot, host: Host): boolean {
  const signed = new Map(signatures.map(({ actor, lastSeq }) => [toHex(actor), lastSeq]))
  return changes
    .map((bytes) => parseChange(bytes, host, defaultChangeLimits))
    .every(({ actorHex, seq }) => actorKind(actorHex) === 'container' || seq <= (signed.get(actorHex) ?? 0))
}
