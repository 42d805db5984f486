/** Entries around crafted changes, signed truly with the device's own key: who says it is not in doubt, only what it says. */
import { decodeChanges, decodeEntry, fromHex, type ReplicaBase } from '@skerry/core'
import { encodeChanges, encodeEntry, statementBytes } from '@skerry/core/testing'
import type { CraftedChange } from './crafted-change.ts'

/** An actor of a run, as honest replicas make them. */
export const RUN_ACTOR = `00${'5a'.repeat(16)}`

export interface CraftedEntry {
  record: string
  bytes: Uint8Array
}

export async function craftEntry(
  { session, credential, space }: ReplicaBase,
  record: string,
  change: CraftedChange,
  actor = RUN_ACTOR,
): Promise<CraftedEntry> {
  if (!credential) throw new Error('a crafted entry cites the credential of its device; enrol it first')
  const signed = { actor: fromHex(actor), lastSeq: 1, credentialHash: fromHex(credential.hash) }
  const statement = statementBytes({ space, record, kind: 'changes', lastHash: change.hash, ...signed })
  const signature = { ...signed, signature: await session.sign(statement) }
  const body = encodeChanges([change.bytes])
  return { record, bytes: encodeEntry({ kind: 'changes', record, incarnation: 0, signature, body }) }
}

/** The newest entry that the replica made itself. */
export async function newestEntry(replica: ReplicaBase): Promise<CraftedEntry> {
  const entry = (await replica.session.readLog(0, { entries: 10_000, bytes: 2 ** 24 }))
    .filter(({ origin }) => !origin)
    .at(-1)
  if (!entry) throw new Error('this replica has made no entry')
  return entry
}

/** The entry with one bit of its last change flipped, and the entry's own checksum made right again. */
export function withFlippedChangeBit({ record, bytes }: CraftedEntry): CraftedEntry {
  const entry = decodeEntry(bytes)
  const changes = decodeChanges(entry.body)
  const last = changes.at(-1)!
  flipBit(last, last.length - 5)
  return { record, bytes: encodeEntry({ ...entry, body: encodeChanges(changes) }) }
}

/** Flips the lowest bit of the byte at `at`. */
export function flipBit(bytes: Uint8Array, at: number): Uint8Array {
  bytes[at] = bytes[at]! ^ 1
  return bytes
}
