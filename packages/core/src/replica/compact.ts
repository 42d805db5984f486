/**
 * Compaction: a record's entries become one snapshot, which stands at the sequence of the last of them.
 *
 *   entries ──► snapshot ──► read back, loaded anew ──► the same heads, value, sequences? ──► one commit: entries out, snapshot in
 *
 * Every change stays, with its author and time: Automerge cannot forget a change without beginning the record anew. What goes is what each entry says again: hashes,
 * actors, credentials, older signatures. Whatever does not come out the same is left as it was.
 */
import { toHex } from '../bytes/hex.ts'
import { actorKind } from '../change/actors.ts'
import { defaultChangeLimits } from '../change/limits.ts'
import { type ParsedChange, parseChange } from '../change/parse.ts'
import { Document, EngineError } from '../engine/document.ts'
import type { Host } from '../host.ts'
import { credentialCited, decodeEntry, EntryError, type EntrySignature, encodeEntry } from '../log/entry.ts'
import { decodeSnapshot, encodeSnapshot, SNAPSHOT_RECEIPTS_MAX } from '../log/snapshot.ts'
import type { History } from '../records/collection.ts'
import { equalJson } from '../records/edits.ts'
import { viewOf } from '../records/view.ts'
import type { LoggedEntry } from '../store/port.ts'
import type { OpenRecord } from './open-record.ts'
import { changesOf, type Turn } from './turn.ts'

/** Why a record's entries stay as they are. */
export type LeftAlone =
  /** Its collection keeps entries, or there are not enough of them to be worth it, or it is in quarantine. */
  | 'few'
  /** An entry of another kind, or one without an author's signature, which a peer could not judge. */
  | 'unsigned'
  /** The snapshot would be larger than an entry may be. */
  | 'too-large'
  /** Loaded anew it would not be the same record: a fault, of the disk or of ours. */
  | 'differs'

export interface Compaction {
  entries: number
  bytesBefore: number
  bytesAfter: number
}

/** In the writer's turn. The caller has made sure that nothing in these entries can be refused any more. */
export async function compactRecord(
  turn: Turn,
  host: Host,
  record: OpenRecord,
  entries: readonly LoggedEntry[],
): Promise<Compaction | LeftAlone> {
  const last = entries.at(-1)
  if (!last || !isWorthIt(record.collection?.history ?? 'keep', entries, host)) return 'few'
  const parts = partsOf(entries, host)
  if (!parts) return 'unsigned'
  const bytes = encoded(record, parts, host)
  if (!bytes) return 'too-large'
  if (!isSame(record, bytes, host)) return 'differs'
  for (const { seq } of entries.slice(0, -1)) turn.remove(seq)
  turn.replace({ seq: last.seq, kind: 'snapshot', record: record.key, bytes })
  turn.touch(record)
  const bytesBefore = entries.reduce((sum, entry) => sum + entry.bytes.length, 0)
  return { entries: entries.length, bytesBefore, bytesAfter: bytes.length }
}

/**
 * More entries than the collection wants, and a quarter of what a snapshot holds already: so all the work of compacting a record again and again
 * grows with its length, and not with its square.
 */
function isWorthIt(history: History, entries: readonly LoggedEntry[], host: Host): boolean {
  if (history === 'keep' || entries.length < 2 || entries.length <= history.entriesMax) return false
  const [first] = entries
  return first!.kind !== 'snapshot' || 4 * (entries.length - 1) >= changesOf(first!, host).length
}

interface Parts {
  changes: ParsedChange[]
  signatures: EntrySignature[]
  receipts: Uint8Array[]
}

/** Undefined when an entry could not be judged by a peer from what a snapshot keeps. */
function partsOf(entries: readonly LoggedEntry[], host: Host): Parts | undefined {
  const changes = new Map<string, ParsedChange>()
  const signatures = new Map<string, EntrySignature>()
  const receipts = new Map<string, Uint8Array>()
  for (const logged of entries) {
    if (logged.kind !== 'changes' && logged.kind !== 'snapshot' && logged.kind !== 'receipt') return undefined
    for (const bytes of changesOf(logged, host)) {
      const change = parseChange(bytes, host, defaultChangeLimits)
      changes.set(change.hashHex, changes.get(change.hashHex) ?? change)
    }
    const { signature, body } = decodeEntry(logged.bytes)
    const snapshot = logged.kind === 'snapshot' ? decodeSnapshot(body, host) : undefined
    if (logged.kind === 'changes' && signature) keepNewest(signatures, signature)
    for (const one of snapshot?.signatures ?? []) keepNewest(signatures, one)
    for (const receipt of logged.kind === 'receipt' ? [logged.bytes] : (snapshot?.receipts ?? []))
      receipts.set(toHex(host.sha256(decodeEntry(receipt).body)), receipt)
  }
  const parts = { changes: [...changes.values()], signatures: [...signatures.values()] }
  if (!parts.signatures.every((signature) => signature.credentialHash.some((byte) => byte !== 0)))
    return undefined
  if (!areSigned(parts.changes, signatures)) return undefined
  return { ...parts, receipts: [...receipts.values()].slice(-SNAPSHOT_RECEIPTS_MAX) }
}

function keepNewest(signatures: Map<string, EntrySignature>, signature: EntrySignature): void {
  const actor = toHex(signature.actor)
  if ((signatures.get(actor)?.lastSeq ?? 0) < signature.lastSeq) signatures.set(actor, signature)
}

/** The newest change of every author is the one that is signed. */
function areSigned(
  changes: readonly ParsedChange[],
  signatures: ReadonlyMap<string, EntrySignature>,
): boolean {
  const newest = new Map<string, number>()
  for (const { actorHex, seq } of changes)
    if (actorKind(actorHex) !== 'container') newest.set(actorHex, Math.max(seq, newest.get(actorHex) ?? 0))
  return [...newest].every(([actor, seq]) => signatures.get(actor)?.lastSeq === seq)
}

/** Undefined above a ceiling. */
function encoded({ key, frontier }: OpenRecord, parts: Parts, host: Host): Uint8Array | undefined {
  const alsoCited = parts.receipts.flatMap((receipt) => credentialCited(receipt) ?? [])
  try {
    return encodeEntry({
      kind: 'snapshot',
      record: key,
      incarnation: frontier.incarnation,
      signature: undefined,
      body: encodeSnapshot({ ...parts, alsoCited }, host),
    })
  } catch (error) {
    if (error instanceof EntryError && error.code === 'entry-too-large') return undefined
    throw error
  }
}

/** Reads the snapshot back as a later open will, and compares: heads, value, every author's sequence. */
function isSame({ view, collection, frontier }: OpenRecord, bytes: Uint8Array, host: Host): boolean {
  const { changes } = decodeSnapshot(decodeEntry(bytes).body, host)
  const seqs = new Map<string, number>()
  for (const change of changes) {
    const { actorHex, seq } = parseChange(change, host, defaultChangeLimits)
    seqs.set(actorHex, Math.max(seq, seqs.get(actorHex) ?? 0))
  }
  const anew = new Document(NOBODY)
  try {
    anew.apply([...changes])
    const { versions } = collection!
    const { value, deleted } = viewOf(versions.stored, anew.read())
    return (
      equalJson(anew.heads().sort(), frontier.heads) &&
      equalJson(Object.fromEntries(seqs), Object.fromEntries(frontier.seqs)) &&
      equalJson(versions.view(value), view.value) &&
      deleted === view.deleted
    )
  } catch (error) {
    if (error instanceof EngineError) return false
    throw error
  } finally {
    anew.free()
  }
}

/** Actor of a document that writes nothing. */
const NOBODY = `00${'0'.repeat(32)}`
