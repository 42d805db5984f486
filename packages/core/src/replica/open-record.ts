/**
 * A record that is loaded: its document, frontier and view. It has one owner, the writer's turn; nobody else keeps a reference.
 *
 * The engine's document is made when something needs it. A record that the hub told, with a plain and short history, needs none to be read and stored.
 */
import type { ParsedChange } from '../change/parse.ts'
import type { ChangeHost } from '../change/ports.ts'
import { ChangeRefused } from '../change/refused.ts'
import { addWeights, WEIGHTLESS, type Weight, weightOfAll } from '../change/weight.ts'
import { Document } from '../engine/document.ts'
import { cloneFrontier, emptyFrontier, type Frontier } from '../log/frontier.ts'
import type { Collection } from '../records/collection.ts'
import { type Edit, equalJson, type UnknownFields } from '../records/edits.ts'
import { PlainHistory } from '../records/plain-history.ts'
import type { JsonObject } from '../records/shape.ts'
import { TouchedFields } from '../records/touched-fields.ts'
import { DELETED_KEY, type View, viewOf } from '../records/view.ts'
import type { Isolation } from './isolation.ts'
import { DAMAGED } from './record-quarantine.ts'

/** Loaded changes that are followed by hand: so many take 0.2 ms, what the engine takes for any record. */
export const FOLLOWED_CHANGES_MAX = 16

export interface Loaded {
  frontier: Frontier
  changes: Uint8Array[]
  /** What the last commit left; undefined when there was none. */
  committed: View | undefined
  /** What the changes must come to, by the record's row; absent: whatever they come to. */
  heads?: readonly string[]
}

/** What a record asks before it is loaded. */
export type RecordIsolation = Pick<
  Isolation,
  'quarantineOf' | 'check' | 'mayLoad' | 'cannotLoad' | 'isIncomplete' | 'weigh'
>

/** What a record takes from the replica that has it open. */
export interface RecordOwner {
  /** Of this run. */
  actor: string
  /** How often the device had changed hands in it. */
  hands: number
  isolation: RecordIsolation
  host: ChangeHost
}

export class OpenRecord {
  readonly key: string
  /** Undefined for a collection that this replica does not know: its entries are kept and passed on, unread. */
  readonly collection: Collection | undefined
  frontier: Frontier
  /** What the last commit left, for telling what changed; undefined before the first. */
  committed: View | undefined
  readonly hands: number
  readonly #actor: string
  readonly #isolation: RecordIsolation
  readonly #host: ChangeHost
  /** The whole history, until the document is made of it. */
  #changes: Uint8Array[]
  /** What `#changes` must come to; undefined once that was seen. */
  #heads: readonly string[] | undefined
  #document: Document | undefined
  /** Follows the history by hand for as long as it is plain: a new record's from its beginning, a loaded one's once more is told. */
  #plain: PlainHistory | undefined
  #view: View | undefined
  /** What the view was made of: the value as the document keeps it. */
  #stored: JsonObject | undefined
  /** Of `#view`: a commit asks for them three times. */
  #channels: string[] | undefined
  /** Of the whole history; undefined until somebody asks. */
  #weight: Weight | undefined
  #touched: TouchedFields | undefined

  constructor(
    key: string,
    collection: Collection | undefined,
    { actor, hands, isolation, host }: RecordOwner,
    loaded?: Loaded,
  ) {
    this.key = key
    this.collection = collection
    this.hands = hands
    this.#actor = actor
    this.#isolation = isolation
    this.#host = host
    this.#changes = loaded?.changes ?? []
    this.#heads = loaded?.heads
    this.#plain = loaded ? undefined : new PlainHistory()
    this.frontier = loaded ? cloneFrontier(loaded.frontier) : emptyFrontier()
    this.committed = loaded?.committed
  }

  /** @throws RecordQuarantined; NotYet where the history must be tried first, or is not whole */
  get document(): Document {
    this.check()
    if (this.#document) return this.#document
    this.#isolation.mayLoad(this.key, this.weight, this.#changes)
    const document = new Document(this.#actor)
    try {
      if (this.#changes.length > 0) document.apply(this.#changes)
    } catch (error) {
      throw this.#isolation.cannotLoad(this.key, error)
    }
    if (!this.#isWhole(document.heads())) {
      document.free()
      throw this.#isolation.isIncomplete(this.key)
    }
    this.#document = document
    this.#changes = []
    this.#plain = undefined
    return document
  }

  /** What each change of the document touched. */
  get touched(): TouchedFields {
    this.#touched ??= new TouchedFields(this.#host)
    return this.#touched
  }

  /** What its history may cost the engine. */
  get weight(): Weight {
    this.#weight ??= this.#changes.length === 0 ? WEIGHTLESS : this.#isolation.weigh(this.#changes)
    return this.#weight
  }

  /** It is not loaded any more; what queries see of it is what it was. */
  get isQuarantined(): boolean {
    return this.#isolation.quarantineOf(this.key) !== undefined
  }

  /** By what was decided so far in this commit. @throws RecordQuarantined */
  check(): void {
    this.#isolation.check(this.key)
  }

  /** Entries of it are lacking; it is in quarantine for that. */
  get isDamaged(): boolean {
    return this.#isolation.quarantineOf(this.key)?.code === DAMAGED
  }

  /** True when the document has failed or was freed; the record must be loaded anew. */
  get dead(): boolean {
    return this.#document?.dead ?? false
  }

  free(): void {
    this.#document?.free()
  }

  /**
   * Takes changes without the engine, if the whole history is plain. False: nothing happened, the document must take them. `parse` opens changes that
   * were loaded. @throws RecordQuarantined
   */
  followPlainly(changes: readonly ParsedChange[], parse: (change: Uint8Array) => ParsedChange): boolean {
    this.check()
    const plain = this.#plain ?? this.#plainSoFar(parse)
    this.#plain = plain?.extend(changes) ? plain : undefined
    if (this.#plain) {
      for (const change of changes) this.#changes.push(change.bytes)
      this.#heads = undefined
    }
    return this.#plain !== undefined
  }

  get isNew(): boolean {
    return this.frontier.heads.length === 0
  }

  /** It was deleted, and its content has gone: what is written here now begins its next incarnation. */
  get isGone(): boolean {
    return this.isNew && this.frontier.incarnation > 0
  }

  /** Ids of records are the part of the key behind the collection. */
  get id(): string {
    return idOf(this.key)
  }

  get view(): View {
    if (this.#view) return this.#view
    if (!this.collection) return { value: {}, deleted: false }
    if (this.isQuarantined) return this.committed ?? { value: {}, deleted: true }
    const { versions } = this.collection
    const { value, deleted } = viewOf(versions.stored, this.#read())
    this.#stored = value
    this.#view = { value: versions.view(value), deleted }
    return this.#view
  }

  /** The value as the document keeps it, undefined as `visible` is. Versions differ in what they show of it. */
  get stored(): JsonObject | undefined {
    return this.visible && this.#stored
  }

  /** As `stored`, of what was deleted too. */
  get content(): JsonObject | undefined {
    // Made of the view.
    return this.isNew ? undefined : this.view && this.#stored
  }

  /** What queries saw once this change was made, by what its author knew; undefined when it was deleted then. */
  visibleAt(hash: string): JsonObject | undefined {
    if (!this.collection) return undefined
    const { versions } = this.collection
    const { value, deleted } = viewOf(versions.stored, this.document.readAt(hash))
    return deleted ? undefined : versions.view(value)
  }

  /** The document as it was at these heads, all of which its history must have, and what it said. */
  savedAt(heads: readonly string[]): { document: Uint8Array; content: JsonObject } | undefined {
    if (!this.collection) return undefined
    const { versions } = this.collection
    const fork = this.document.forkAt(heads)
    try {
      const { value } = viewOf(versions.stored, fork.read())
      return { document: fork.save(), content: versions.view(value) }
    } finally {
      fork.free()
    }
  }

  /** What makes `after` of the value that is there, also when it is deleted. @throws DraftError, RecordQuarantined */
  editsBackTo(after: JsonObject): Edit[] {
    this.check()
    // Made of the view.
    const { deleted } = this.view
    const edits = this.collection?.versions.edits(this.#stored, after, 'leave') ?? []
    return deleted ? [...edits, { op: 'put', path: [DELETED_KEY], value: false }] : edits
  }

  /** What makes `after` of what queries see. @throws DraftError, RecordQuarantined */
  editsTo(after: JsonObject, unknown?: UnknownFields): Edit[] {
    this.check()
    return this.collection?.versions.edits(this.stored, after, unknown) ?? []
  }

  /** Channels of the value as it is now; deletion does not change them, so that it reaches everyone who has the record. */
  channelsNow(): readonly string[] {
    // Nothing says where it belongs: those who had it hear that it has gone.
    if (this.isNew) return [...this.frontier.channels]
    if (!this.collection) return [...this.frontier.held]
    if (this.isQuarantined) return this.frontier.channels
    this.#channels ??= this.collection.channels(this.view.value)
    return this.#channels
  }

  /** To be called after the history grew by these changes. */
  grew(changes: readonly ParsedChange[]): void {
    if (this.#weight) this.#weight = addWeights(this.#weight, weightOfAll(changes))
    this.changed()
  }

  /** To be called after the history became another one. */
  changed(): void {
    this.#view = undefined
    this.#channels = undefined
    this.frontier.heads = this.#plain ? this.#plain.heads() : [...this.document.heads()].sort()
  }

  /** The value as queries see it: undefined before creation and after deletion. */
  get visible(): JsonObject | undefined {
    return this.isNew || this.view.deleted ? undefined : this.view.value
  }

  settle(): void {
    this.frontier.deleted = this.view.deleted
    this.committed = this.view
  }

  differsFromCommitted(): boolean {
    const before = this.committed?.deleted ? undefined : this.committed?.value
    return !equalJson(before, this.visible)
  }

  #plainSoFar(parse: (change: Uint8Array) => ParsedChange): PlainHistory | undefined {
    if (this.#document || this.#changes.length === 0 || this.#changes.length > FOLLOWED_CHANGES_MAX)
      return undefined
    try {
      const plain = new PlainHistory()
      return plain.extend(this.#changes.map(parse)) && this.#isWhole(plain.heads()) ? plain : undefined
    } catch (error) {
      // What an earlier version let in is the engine's to read.
      if (error instanceof ChangeRefused) return undefined
      throw error
    }
  }

  #isWhole(heads: readonly string[]): boolean {
    return this.#heads === undefined || [...heads].sort().join() === this.#heads.join()
  }

  #read(): Record<string, unknown> {
    return this.#plain ? this.#plain.read() : this.document.read()
  }
}

export function keyOf(collection: string, id: string): string {
  return `${collection}/${id}`
}

export function collectionOf(key: string): string {
  return key.slice(0, key.indexOf('/'))
}

export function idOf(key: string): string {
  return key.slice(key.indexOf('/') + 1)
}
