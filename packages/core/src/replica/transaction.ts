/**
 * What a bridge or another follower of the log does in one append: read and edit records, keep its own tables, and move its cursor, all durable together or not at all. Importing and giving receipts
 * in it are functions of their own (import-row.ts), so that an app that does neither does not load them.
 */
import { actorPrefix } from '../change/actors.ts'
import { encodeEntry } from '../log/entry.ts'
import type { Edit } from '../records/edits.ts'
import { type HistoryItem, historyOf } from '../records/history.ts'
import type { JsonObject } from '../records/shape.ts'
import { type Written, writtenIn } from '../records/writers.ts'
import type { EntryKind, Seq } from '../store/port.ts'
import { appendToChannels } from './append-entry.ts'
import { writeRecord } from './author.ts'
import { type Giver, importedFrom } from './import-actor.ts'
import type { OpenRecord } from './open-record.ts'
import { ownTables, type Tables } from './own-tables.ts'
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

  /** For what is done in a transaction by functions of their own (import-row.ts): who does none of it does not load them. */
  static partsOf(transaction: Transaction): { core: ReplicaCore; turn: Turn } {
    return { core: transaction.#core, turn: transaction.#turn }
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

  /** Every change of the record, oldest first; with `since`, those that are not among these heads and what they build on. */
  async history(key: string, since?: readonly string[]): Promise<HistoryItem[]> {
    const record = await this.#turn.open(key)
    if (record.isNew || !record.collection) return []
    const { document, collection } = record
    const known = since?.every((head) => document.maxOpOf(head) !== undefined) ? since : []
    return historyOf(record, collection.versions, (actor) => this.#core.authorOf(actor), known)
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

  /** Appends an entry that belongs to no record (a segment), signed by this node, to these channels. Returns its sequence. */
  async append(kind: EntryKind, record: string, body: Uint8Array, channels: readonly string[]): Promise<Seq> {
    const signature = await this.#core.identity.signBody(kind, { record, incarnation: 0 }, body)
    const bytes = encodeEntry({ kind, record, incarnation: 0, signature, body })
    return appendToChannels(this.#turn, { kind, record, bytes }, channels)
  }
}

export function standsIn(record: OpenRecord, heads: readonly string[]): boolean {
  const now = record.frontier.heads
  const isNow = heads.length === now.length && heads.every((head) => now.includes(head))
  return isNow || heads.every((head) => record.document.maxOpOf(head) !== undefined)
}

export function stateOf(record: OpenRecord): RecordState {
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
