/**
 * What a bridge or another follower of the log does in one append: read and edit records, import changes, give receipts, keep its own tables, and move its
 * cursor, all durable together or not at all.
 */
import { ByteWriter } from '../bytes/writer.ts'
import { actorPrefix } from '../change/actors.ts'
import { Document } from '../engine/document.ts'
import { encodeEntry } from '../log/entry.ts'
import type { Edit } from '../records/edits.ts'
import { firstChanges } from '../records/first-change.ts'
import { type HistoryItem, historyOf } from '../records/history.ts'
import type { JsonObject } from '../records/shape.ts'
import { DELETED_KEY, viewOf } from '../records/view.ts'
import { writeEdits } from '../records/write.ts'
import { type Written, writtenIn } from '../records/writers.ts'
import type { EntryKind, Seq } from '../store/port.ts'
import { appendToChannels } from './append-entry.ts'
import { parseOwn, writeChanges, writeRecord } from './author.ts'
import { giveReceipt } from './give-receipt.ts'
import { type Giver, importActor, importedFrom } from './import-actor.ts'
import type { OpenRecord } from './open-record.ts'
import { ownTables, type Tables } from './own-tables.ts'
import { type Receipt, storedReceipt } from './receipts.ts'
import type { ReplicaCore } from './replica-core.ts'
import type { Turn } from './turn.ts'

/** A record as a bridge sees it, with what a shadow must remember. */
export interface RecordState {
  key: string
  /** Undefined when there is no such record here, or it is deleted. */
  value: JsonObject | undefined
  deleted: boolean
  /** What it says, or said when it was deleted. */
  content: JsonObject
  /** Change hashes, hex, ascending; empty when there is no such record here. */
  heads: readonly string[]
  /** Highest sequence per actor (hex): what a receipt speaks of. */
  seqs: Readonly<Record<string, number>>
  incarnation: number
  /** It is damaged, or does harm: value and content are what was known when that was found, and whatever else is asked or written of it fails with RecordQuarantined. */
  isQuarantined: boolean
}

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
/** Begins the actors of containers, hex. */
const CONTAINER = actorPrefix('container').toString(16).padStart(2, '0')

export class Transaction {
  readonly #core: ReplicaCore
  readonly #turn: Turn

  /** The caller's own tables, named by it. */
  readonly tables: Tables

  constructor(core: ReplicaCore, turn: Turn) {
    this.#core = core
    this.#turn = turn
    this.tables = ownTables(turn)
  }

  /** The sequence that this append has reached. */
  get head(): Seq {
    return this.#turn.head
  }

  async record(key: string): Promise<RecordState> {
    return stateOf(await this.#turn.open(key))
  }

  /** For whoever is about to ask for each of these: their rows are read by one look-up. */
  prefetch(keys: readonly string[]): Promise<void> {
    return this.#turn.prefetch(keys)
  }

  /** As `record` tells them, without loading it. */
  heads(key: string): Promise<readonly string[]> {
    return this.#turn.heads(key)
  }

  /** The record's document as it is now, with its heads, for a shadow to fork from later. */
  async save(key: string): Promise<{ document: Uint8Array; heads: readonly string[] }> {
    const record = await this.#turn.open(key)
    return { document: record.document.save(), heads: record.frontier.heads }
  }

  /** The record as it was at these heads, for whoever did not keep what `save` gave then; undefined when its history does not have them. */
  async savedAt(
    key: string,
    heads: readonly string[],
  ): Promise<{ document: Uint8Array; content: JsonObject } | undefined> {
    const record = await this.#turn.open(key)
    if (record.isNew || record.isQuarantined || heads.length === 0 || !standsIn(record, heads))
      return undefined
    return record.savedAt(heads)
  }

  /** Writes edits as this node, at the record's present heads. */
  async edit(key: string, edits: readonly Edit[]): Promise<RecordState> {
    const record = await this.#turn.open(key)
    await writeRecord(this.#turn, this.#core.author, record, edits)
    return stateOf(record)
  }

  /** Turns the record into `value`, by the smallest edits, at its present heads. */
  async assign(key: string, value: JsonObject): Promise<RecordState> {
    const record = await this.#turn.open(key)
    if (!record.collection) throw new TypeError(`${key}: no such collection here`)
    return this.edit(key, record.editsTo(value))
  }

  /**
   * Makes the change that an external value means on a fork at the shadow, and merges it. The change has a deterministic actor, and the row's time, so another adapter
   * node, or this one after a crash, makes the same bytes. Returns the merged state; nothing happens when the change is known already. @throws RecordQuarantined
   */
  async import(key: string, from: Import): Promise<Imported> {
    const record = await this.#turn.open(key)
    if (!record.collection) throw new TypeError(`${key}: no such collection here`)
    record.check()
    const { changes, agreed } = this.#importChanges(record, from)
    const fresh = parseOwn(changes, record, this.#core.host).filter(
      ({ actorHex, seq }) => seq > (record.frontier.seqs.get(actorHex) ?? 0),
    )
    if (fresh.length === 0) return { ...stateOf(record), agreed }
    await writeChanges(this.#turn, this.#core.author, record, fresh)
    return { ...stateOf(record), agreed }
  }

  /** Every change of the record, oldest first; with `since`, those that are not among these heads and what they build on. */
  async history(key: string, since?: readonly string[]): Promise<HistoryItem[]> {
    const record = await this.#turn.open(key)
    if (record.isNew || !record.collection) return []
    const { document, collection } = record
    const known = since?.every((head) => document.maxOpOf(head) !== undefined) ? since : []
    return historyOf(document, collection.versions, (actor) => this.#core.authorOf(actor), known)
  }

  /** What the record said by all that a change of its history knew, itself included; undefined when it was deleted by then. */
  async valueAt(key: string, hash: string): Promise<JsonObject | undefined> {
    return (await this.#turn.open(key)).visibleAt(hash)
  }

  /** Values of a plain field at the root, with who wrote each: the one that shows, then those that others wrote without knowing of it. Empty for a field that is absent or merges. */
  async written(key: string, field: string): Promise<Written[]> {
    const record = await this.#turn.open(key)
    return record.isNew || !record.collection
      ? []
      : writtenIn(record.document, record.collection.versions, field)
  }

  /** Which of these systems gave what this actor wrote; undefined when it is none of their imports. */
  importedFrom(actor: string, systems: readonly string[]): Giver | undefined {
    return importedFrom(this.#core.host, actor, systems)
  }

  async receipt(receipt: Receipt): Promise<void> {
    const record = await this.#turn.open(receipt.record)
    const stored = record.collection ? storedReceipt(record.collection.versions, receipt) : receipt
    await giveReceipt(this.#turn, this.#core.author, record, stored)
  }

  /** Appends an entry that belongs to no record (a segment), signed by this node, to these channels. Returns its sequence. */
  async append(kind: EntryKind, record: string, body: Uint8Array, channels: readonly string[]): Promise<Seq> {
    const signature = await this.#core.identity.signBody(kind, { record, incarnation: 0 }, body)
    const bytes = encodeEntry({ kind, record, incarnation: 0, signature, body })
    return appendToChannels(this.#turn, { kind, record, bytes }, channels)
  }

  #importChanges(record: OpenRecord, from: Import): { changes: Uint8Array[]; agreed: Imported['agreed'] } {
    const { host } = this.#core
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
    if (!fork || !standsIn(record, fork.heads)) return this.#firstImport(record, from, { actor, time })
    return this.#importInto(Document.load(fork.document, actor), record, from, time)
  }

  /** A shadow of an earlier incarnation is of another document, and so is none at all. */
  #firstImport(
    record: OpenRecord,
    from: Import,
    { actor, time }: { actor: string; time: number },
  ): { changes: Uint8Array[]; agreed: Imported['agreed'] } {
    const { versions } = record.collection!
    const edits = withDeletion(versions.edits(undefined, from.value), from.deleted ?? false, undefined)
    const { incarnation } = record.frontier
    const context = {
      record: record.key,
      incarnation,
      host: this.#core.host,
      version: versions.number,
      time,
      actor,
    }
    const first = firstChanges(edits, context)
    if (!first) return this.#importInto(new Document(actor), record, from, time)
    const changes = [...first.containers, ...first.own]
    return { changes, agreed: { document: joined(changes), heads: first.heads } }
  }

  /** @param fork the record as it was when both sides were last equal, under the import's actor; it is freed */
  #importInto(
    fork: Document,
    record: OpenRecord,
    from: Import,
    time: number,
  ): { changes: Uint8Array[]; agreed: Imported['agreed'] } {
    try {
      const { versions } = record.collection!
      const isNew = fork.heads().length === 0
      const before = viewOf(versions.stored, fork.read())
      const known = new Set(fork.history().map((change) => change.actor))
      const edits = versions.edits(isNew ? undefined : before.value, from.value)
      const written = writeEdits(
        fork,
        withDeletion(edits, from.deleted, isNew ? undefined : before.deleted),
        {
          record: record.key,
          incarnation: record.frontier.incarnation,
          host: this.#core.host,
          time,
          version: versions.number,
          knows: (candidate) => known.has(candidate),
        },
      )
      const changes = [...written.containers, ...written.own]
      return { changes, agreed: { document: fork.save(), heads: fork.heads().sort() } }
    } finally {
      fork.free()
    }
  }
}

/** A time that no clock tells is none: it would be refused, or stand in histories for ever. */
function secondsOf(time: number | undefined): number {
  const seconds = Math.floor((time ?? 0) / 1000)
  return seconds > 0 && seconds <= SECONDS_MAX ? seconds : 0
}

function standsIn(record: OpenRecord, heads: readonly string[]): boolean {
  const now = record.frontier.heads
  const isNow = heads.length === now.length && heads.every((head) => now.includes(head))
  return isNow || heads.every((head) => record.document.maxOpOf(head) !== undefined)
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

function stateOf(record: OpenRecord): RecordState {
  const { frontier } = record
  return {
    key: record.key,
    value: record.visible,
    deleted: record.isGone || (!record.isNew && record.view.deleted),
    content: record.view.value,
    heads: frontier.heads,
    seqs: seqsOf(frontier.seqs),
    incarnation: frontier.incarnation,
    isQuarantined: record.isQuarantined,
  }
}

/** Containers' actors have one change each, and nobody asks for them. */
function seqsOf(all: ReadonlyMap<string, number>): Record<string, number> {
  const seqs: Record<string, number> = {}
  for (const [actor, seq] of all) if (!actor.startsWith(CONTAINER)) seqs[actor] = seq
  return seqs
}
