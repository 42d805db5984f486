/**
 * A snapshot that arrived, taken apart: what each author wrote in it is judged like an entry of that author, by the newest signature (which covers what the author wrote before,
 * because a change names its ancestors by hash and all of them must be in here). Like `judge`, decided from bytes and credentials, before the writer's turn.
 *
 * What is wrong with one author's part counts only where something of it is new; admit-snapshot.ts knows that.
 */
import { toHex } from '../bytes/hex.ts'
import { actorKind } from '../change/actors.ts'
import { defaultChangeLimits } from '../change/limits.ts'
import { type ParsedChange, parseChange } from '../change/parse.ts'
import { weightOf } from '../change/weight.ts'
import { decodeEntry, type Entry, EntryError, type EntrySignature } from '../log/entry.ts'
import { decodeSnapshot } from '../log/snapshot.ts'
import { entryKinds, type Seq } from '../store/port.ts'
import {
  asRefusedOf,
  type JudgeContext,
  type Judged,
  judge,
  judgeChanges,
  Refused,
  type Told,
} from './judge.ts'
import { OPERATIONS_PER_RECORD_MAX } from './limits.ts'

const KIND_OFFSET = 1

/** Changes that one author made one after another, or the reason why they cannot be let in. */
export type SnapshotPart = Judged | { changes: readonly ParsedChange[]; refused: Refused }

export interface JudgedSnapshot extends Judged {
  /** In causal order. */
  parts: readonly SnapshotPart[]
  receipts: readonly (Judged | { refused: Refused })[]
  signatures: readonly EntrySignature[]
}

export function isSnapshot(bytes: Uint8Array): boolean {
  return bytes[KIND_OFFSET] === entryKinds.snapshot
}

/** @throws Refused */
export async function judgeSnapshot(
  seq: Seq,
  bytes: Uint8Array,
  context: JudgeContext,
): Promise<JudgedSnapshot> {
  let record: string | undefined
  try {
    const entry = decodeEntry(bytes)
    record = entry.record
    const { signatures, changes: chunks, receipts } = decodeSnapshot(entry.body, context.host)
    const changes = chunks.map((chunk) => parseChange(chunk, context.host, defaultChangeLimits))
    checkWhole(changes, entry)
    const told = { seq, bytes, entry: { ...entry, kind: 'changes' as const }, changes }
    const parts = await judgeParts(told, signatures, context)
    const { author } = parts.at(-1) as Partial<Judged>
    return {
      ...told,
      entry,
      author,
      barred: undefined,
      parts,
      signatures,
      receipts: await Promise.all(receipts.map((receipt) => judgeReceipt(seq, receipt, entry, context))),
    }
  } catch (cause) {
    throw asRefusedOf(record, cause)
  }
}

/** Every author's changes from the first on, and no more operations than a record may have. */
function checkWhole(changes: readonly ParsedChange[], { record }: Entry): void {
  const seqs = new Map<string, number>()
  let operations = 0
  let predecessors = 0
  for (const change of changes) {
    const { actorHex, seq } = change
    const expected = (seqs.get(actorHex) ?? 0) + 1
    if (seq !== expected)
      throw new EntryError(
        'malformed-entry',
        `a snapshot of ${record} is no whole history: change ${seq} of actor ${actorHex} stands where ${expected} must`,
      )
    seqs.set(actorHex, seq)
    const more = weightOf(change)
    operations += more.operations
    predecessors += more.predecessors
  }
  if (operations > OPERATIONS_PER_RECORD_MAX)
    throw new Refused(
      'record-too-large',
      `a snapshot of ${record} has ${operations} operations: limit ${OPERATIONS_PER_RECORD_MAX}`,
    )
  // An operation replaces what others made: at most all of it.
  if (predecessors > OPERATIONS_PER_RECORD_MAX)
    throw new Refused(
      'too-many-predecessors',
      `a snapshot of ${record} has ${predecessors} predecessors: limit ${OPERATIONS_PER_RECORD_MAX}`,
    )
}

async function judgeParts(
  told: Told,
  signatures: readonly EntrySignature[],
  context: JudgeContext,
): Promise<SnapshotPart[]> {
  if (context.peer.credential.role === 'authority')
    return [await judgeChanges({ ...told, entry: { ...told.entry, signature: undefined } }, context)]
  const judgedOf = await judgeAuthors(told, signatures, context)
  return inTurns(told.changes).map((changes): SnapshotPart => {
    const judged = [...new Set(changes.map(authorOf))].map((author) => judgedOf.get(author)!)
    const refused = judged.find((one) => one instanceof Refused)
    // Containers stand before the change whose author they go with.
    return refused ? { changes, refused } : { ...(judged.at(-1) as Judged), changes }
  })
}

/** By actor, container changes together under the empty one. */
async function judgeAuthors(
  told: Told,
  signatures: readonly EntrySignature[],
  context: JudgeContext,
): Promise<Map<string, Judged | Refused>> {
  const signatureOf = new Map(signatures.map((signature) => [toHex(signature.actor), signature]))
  const changesOf = Map.groupBy(told.changes, authorOf)
  const judged = await Promise.all(
    [...changesOf].map(async ([author, changes]): Promise<[string, Judged | Refused]> => {
      const entry = { ...told.entry, signature: signatureOf.get(author) }
      try {
        return [author, await judgeChanges({ ...told, entry, changes }, context)]
      } catch (cause) {
        const refused = asRefusedOf(entry.record, cause)
        if (refused instanceof Refused) return [author, refused]
        throw refused
      }
    }),
  )
  return new Map(judged)
}

function authorOf({ actorHex }: ParsedChange): string {
  return actorKind(actorHex) === 'container' ? '' : actorHex
}

/** Cut where the author changes; container changes go with the change after them, as they do in an entry. */
function inTurns(changes: readonly ParsedChange[]): ParsedChange[][] {
  const turns: ParsedChange[][] = []
  for (const change of changes) {
    const turn = turns.at(-1)
    const author = turn && authorOf(turn.at(-1)!)
    if (turn && (author === '' || author === authorOf(change))) turn.push(change)
    else turns.push([change])
  }
  return turns
}

async function judgeReceipt(
  seq: Seq,
  bytes: Uint8Array,
  { record, incarnation }: Entry,
  context: JudgeContext,
): Promise<Judged | { refused: Refused }> {
  try {
    const judged = await judge(seq, bytes, context)
    const { entry } = judged
    if (entry.kind !== 'receipt' || entry.record !== record || entry.incarnation !== incarnation)
      throw new EntryError(
        'malformed-entry',
        `a snapshot of ${record} has an entry of kind ${entry.kind} for ${entry.record} among its receipts`,
      )
    return judged
  } catch (cause) {
    const refused = asRefusedOf(record, cause)
    if (refused instanceof Refused) return { refused }
    throw refused
  }
}
