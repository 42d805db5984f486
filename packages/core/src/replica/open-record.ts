/** A record that is loaded: its document, frontier and view. It has one owner, the writer's turn; nobody else keeps a reference. */
import { Document } from '../engine/document.ts'
import { cloneFrontier, emptyFrontier, type Frontier } from '../log/frontier.ts'
import type { Collection } from '../records/collection.ts'
import { equalJson } from '../records/edits.ts'
import type { JsonObject } from '../records/shape.ts'
import { type View, viewOf } from '../records/view.ts'

export class OpenRecord {
  readonly key: string
  /** Undefined for a collection that this replica does not know: its entries are kept and passed on, unread. */
  readonly collection: Collection | undefined
  readonly document: Document
  frontier: Frontier
  #view: View | undefined
  /** What the last commit left, for telling what changed; undefined before the first. */
  committed: View | undefined

  constructor(
    key: string,
    collection: Collection | undefined,
    actor: string,
    loaded?: { frontier: Frontier; changes: Uint8Array[] },
  ) {
    this.key = key
    this.collection = collection
    this.document = new Document(actor)
    if (loaded && loaded.changes.length > 0) this.document.apply(loaded.changes)
    this.frontier = loaded ? cloneFrontier(loaded.frontier) : emptyFrontier()
    this.committed = loaded?.frontier.heads.length ? this.view : undefined
  }

  get isNew(): boolean {
    return this.frontier.heads.length === 0
  }

  /** Ids of records are the part of the key behind the collection. */
  get id(): string {
    return idOf(this.key)
  }

  get view(): View {
    this.#view ??= this.collection
      ? viewOf(this.collection.shape, this.document.read())
      : { value: {}, deleted: false }
    return this.#view
  }

  /** Channels of the value as it is now; deletion does not change them, so that it reaches everyone who has the record. */
  channelsNow(): string[] {
    return this.collection?.channels(this.view.value) ?? [...this.frontier.held]
  }

  /** To be called after the document changed. */
  changed(): void {
    this.#view = undefined
    this.frontier.heads = [...this.document.heads()].sort()
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
    const before = this.committed
    return !before || before.deleted !== this.view.deleted || !equalJson(before.value, this.view.value)
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
