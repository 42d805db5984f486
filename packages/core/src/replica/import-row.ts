/**
 * What an adapter node does in a transaction: the change that an external system's row means, made on a fork at the shadow and merged, and receipts for what became of an edit there.
 */
import { ByteWriter } from '../bytes/writer.ts'
import { Document } from '../engine/document.ts'
import type { Host } from '../host.ts'
import type { Edit } from '../records/edits.ts'
import { firstChanges } from '../records/first-change.ts'
import type { JsonObject } from '../records/shape.ts'
import { DELETED_KEY, viewOf } from '../records/view.ts'
import { writeEdits } from '../records/write.ts'
import { parseOwn, writeChanges } from './author.ts'
import { giveReceipt } from './give-receipt.ts'
import { importActor } from './import-actor.ts'
import type { OpenRecord } from './open-record.ts'
import { type Receipt, storedReceipt } from './receipts.ts'
import type { ReplicaCore } from './replica-core.ts'
import { type RecordState, standsIn, stateOf, Transaction } from './transaction.ts'

export interface Import {
  /** Where the change comes from; with the fork's heads they name its actor, so that a repeat is the same bytes. */
  system: string
  externalId: string
  externalVersion: string
  /** The record as it was when both sides were last equal; undefined for a first import. */
  fork: { document: Uint8Array; heads: readonly string[] } | undefined
  /** The record's value as the external system now wants it. */
  value: JsonObject
  /** Made of both sides by a rule, and not what the row says. */
  decided?: boolean
  /** When the system's row was changed, milliseconds since 1970 by its clock; kept in whole seconds. Absent: it does not say. */
  time?: number | undefined
  /** Deletes the record on the fork, or brings it back there; absent leaves that as it is. */
  deleted?: boolean
}

/** The merged record, and what the fork became: the state in which the record says what the external system says. */
export interface Imported extends RecordState {
  agreed: { document: Uint8Array; heads: readonly string[] }
}

/** The year 9999, in seconds since 1970. */
const SECONDS_MAX = 253_402_300_799

/** The changes of an import, and what the fork became. */
type Made = { changes: Uint8Array[]; agreed: Imported['agreed'] }

/**
 * Makes the change that an external value means on a fork at the shadow, and merges it. The change has a deterministic actor, and the row's time, so another adapter
 * node, or this one after a crash, makes the same bytes. Returns the merged state; nothing happens when the change is known already. @throws RecordQuarantined
 */
export async function importRow(transaction: Transaction, key: string, from: Import): Promise<Imported> {
  const { core, turn } = Transaction.partsOf(transaction)
  const record = await turn.open(key)
  if (!record.collection) throw new TypeError(`${key}: no such collection here`)
  record.check()
  const { changes, agreed } = importChanges(core, record, from)
  const fresh = parseOwn(changes, record, core.host).filter(
    ({ actorHex, seq }) => seq > (record.frontier.seqs.get(actorHex) ?? 0),
  )
  if (fresh.length === 0) return { ...stateOf(record), agreed }
  await writeChanges(turn, core.author, record, fresh)
  return { ...stateOf(record), agreed }
}

/** Says what became of a record's edits at a place, signed by this node. */
export async function addReceipt(transaction: Transaction, receipt: Receipt): Promise<void> {
  const { core, turn } = Transaction.partsOf(transaction)
  const record = await turn.open(receipt.record)
  const stored = record.collection ? storedReceipt(record.collection.versions, receipt) : receipt
  await giveReceipt(turn, core.author, record, stored)
}

function importChanges({ host }: ReplicaCore, record: OpenRecord, from: Import): Made {
  const { fork } = from
  const time = secondsOf(from.time)
  const actor = importActor(host, {
    ...from,
    decided: from.decided ?? false,
    deleted: from.deleted,
    time,
    heads: fork?.heads ?? [],
    schemaVersion: record.collection!.versions.number,
  })
  if (!fork || !standsIn(record, fork.heads)) return firstImport(host, record, from, { actor, time })
  return importInto(host, Document.load(fork.document, actor), record, from, time)
}

/** A shadow of an earlier incarnation is of another document, and so is none at all. */
function firstImport(
  host: Host,
  record: OpenRecord,
  from: Import,
  { actor, time }: { actor: string; time: number },
): Made {
  const { versions } = record.collection!
  const edits = withDeletion(versions.edits(undefined, from.value), from.deleted ?? false, undefined)
  const { incarnation } = record.frontier
  const context = {
    record: record.key,
    incarnation,
    host,
    version: versions.number,
    time,
    actor,
  }
  const first = firstChanges(edits, context)
  if (!first) return importInto(host, new Document(actor), record, from, time)
  const changes = [...first.containers, ...first.own]
  return { changes, agreed: { document: joined(changes), heads: first.heads } }
}

/** @param fork the record as it was when both sides were last equal, under the import's actor; it is freed */
function importInto(host: Host, fork: Document, record: OpenRecord, from: Import, time: number): Made {
  try {
    const { versions } = record.collection!
    const isNew = fork.heads().length === 0
    const before = viewOf(versions.stored, fork.read())
    const known = new Set(fork.history().map((change) => change.actor))
    const edits = versions.edits(isNew ? undefined : before.value, from.value)
    const written = writeEdits(fork, withDeletion(edits, from.deleted, isNew ? undefined : before.deleted), {
      record: record.key,
      incarnation: record.frontier.incarnation,
      host,
      time,
      version: versions.number,
      knows: (candidate) => known.has(candidate),
    })
    const changes = [...written.containers, ...written.own]
    return { changes, agreed: { document: fork.save(), heads: fork.heads().sort() } }
  } finally {
    fork.free()
  }
}

/** A time that no clock tells is none: it would be refused, or stand in histories for ever. */
function secondsOf(time: number | undefined): number {
  const seconds = Math.floor((time ?? 0) / 1000)
  return seconds > 0 && seconds <= SECONDS_MAX ? seconds : 0
}

/** A first import writes something even when the row is empty, or there would be no record. @param before undefined when there was nothing */
function withDeletion(
  edits: readonly Edit[],
  deleted: boolean | undefined,
  before: boolean | undefined,
): readonly Edit[] {
  const isToldAlready = (deleted ?? before ?? false) === (before ?? false)
  if (isToldAlready && (before !== undefined || edits.length > 0)) return edits
  return [...edits, { op: 'put', path: [DELETED_KEY], value: deleted ?? false }]
}

/** Change after change: the engine loads that as it loads a document. */
function joined(changes: readonly Uint8Array[]): Uint8Array {
  const writer = new ByteWriter(changes.reduce((sum, { length }) => sum + length, 0))
  for (const change of changes) writer.raw(change)
  return writer.finish()
}
