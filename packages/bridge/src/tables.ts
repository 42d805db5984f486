/** The bridge's own tables within one append, typed; it notes what whoever keeps an index, or a log, must hear of afterwards. */
import { decodeUtf8, encodeUtf8, equalBytes, type Transaction, toHex } from '@skerry/core'
import type { Hint } from './adapter-port.ts'
import type { BridgeEvent, BridgeHost } from './context.ts'
import { decodeItem, encodeItem, type OutboxItem } from './outbox.ts'
import { decodeReview, encodeReview, type ReviewItem } from './review/item.ts'
import { decodeShadow, encodeShadow, type Shadow } from './shadow.ts'

export type TableKind =
  | 'shadow'
  | 'outbox'
  | 'links'
  | 'position'
  | 'hints'
  | 'unread'
  | 'reviews'
  | 'conflicts'
  | 'decisions'

export function tableOf(system: string, kind: TableKind): string {
  return `bridge/${system}/${kind}`
}

/** A hint; one with a stamp is kept in the table. */
export interface StampedHint extends Hint {
  stamp?: string | undefined
}

/** Tells one wish to read a row from a later one. */
export function stamp(host: Pick<BridgeHost, 'random'>): string {
  return toHex(host.random(8))
}

export function decodeHint(bytes: Uint8Array): StampedHint {
  return JSON.parse(decodeUtf8(bytes) ?? '') as StampedHint
}

function hintKey({ type, id }: Hint): string {
  return `${type}\n${id}`
}

/** A row that could not be taken in. */
export interface Unread {
  version: string
  reason: string
}

export class BridgeTables {
  readonly transaction: Transaction
  readonly changedItems = new Map<string, OutboxItem | undefined>()
  readonly changedReviews = new Map<string, ReviewItem | undefined>()
  readonly newHints: StampedHint[] = []
  readonly events: BridgeEvent[] = []
  readonly #system: string

  constructor(transaction: Transaction, system: string) {
    this.transaction = transaction
    this.#system = system
  }

  /** Said once this append is durable. */
  tell(event: BridgeEvent): void {
    this.events.push(event)
  }

  async shadow(record: string): Promise<Shadow | undefined> {
    const bytes = await this.#get('shadow', record)
    return bytes && decodeShadow(record, bytes)
  }

  /** Keeps the shadow, and the links by which its row is found again. */
  async putShadow(record: string, shadow: Shadow): Promise<void> {
    this.#put('shadow', record, encodeShadow(shadow))
    await this.link(shadow.type, { id: shadow.rowId, externalId: shadow.externalId }, record)
  }

  async item(record: string): Promise<OutboxItem | undefined> {
    const bytes = await this.#get('outbox', record)
    return bytes && decodeItem(record, bytes)
  }

  putItem(record: string, item: OutboxItem | undefined): void {
    this.#put('outbox', record, item && encodeItem(item))
    this.changedItems.set(record, item)
  }

  async review(record: string): Promise<ReviewItem | undefined> {
    const bytes = await this.#get('reviews', record)
    return bytes && decodeReview(record, bytes)
  }

  /** An item that holds nothing goes. */
  putReview(record: string, item: ReviewItem): void {
    const kept = item.whole || Object.keys(item.fields).length > 0 ? item : undefined
    this.#put('reviews', record, kept && encodeReview(kept))
    this.changedReviews.set(record, kept)
  }

  /** A row of counts or decisions, as JSON. */
  async tally<T>(kind: 'conflicts' | 'decisions', key: string): Promise<T | undefined> {
    const bytes = await this.#get(kind, key)
    return bytes && (JSON.parse(decodeUtf8(bytes) ?? '') as T)
  }

  putTally(kind: 'conflicts' | 'decisions', key: string, value: object): void {
    this.#put(kind, key, encodeUtf8(JSON.stringify(value)))
  }

  /** The record that a row is linked with, by its own id or by its external id. */
  async linked(
    type: string,
    row: { id: string; externalId?: string | undefined },
  ): Promise<string | undefined> {
    const byId = await this.#get('links', `i\n${type}\n${row.id}`)
    const found =
      byId ?? (row.externalId ? await this.#get('links', `e\n${type}\n${row.externalId}`) : undefined)
    return found && decodeUtf8(found)
  }

  async link(
    type: string,
    row: { id?: string | undefined; externalId?: string | undefined },
    record: string,
  ): Promise<void> {
    const value = encodeUtf8(record)
    const keys = [row.id && `i\n${type}\n${row.id}`, row.externalId && `e\n${type}\n${row.externalId}`]
    for (const key of keys) {
      if (!key) continue
      const known = await this.#get('links', key)
      if (!known || !equalBytes(known, value)) this.#put('links', key, value)
    }
  }

  putPosition(type: string, position: string | undefined): void {
    this.#put('position', type, position === undefined ? undefined : encodeUtf8(position))
  }

  /** A row to be read again, remembered until it was (B-25). The stamp tells this hint from a later one about the same row. */
  putHint(hint: Omit<StampedHint, 'version'>): void {
    this.#put('hints', hintKey(hint), encodeUtf8(JSON.stringify(hint)))
    this.newHints.push(hint)
  }

  async dropHint(hint: StampedHint): Promise<void> {
    const kept = await this.#get('hints', hintKey(hint))
    if (kept && decodeHint(kept).stamp === hint.stamp) this.#put('hints', hintKey(hint), undefined)
  }

  putUnread(type: string, rowId: string, unread: Unread | undefined): void {
    this.#put('unread', `${type}\n${rowId}`, unread && encodeUtf8(JSON.stringify(unread)))
  }

  async unread(type: string, rowId: string): Promise<Unread | undefined> {
    const bytes = await this.#get('unread', `${type}\n${rowId}`)
    return bytes && (JSON.parse(decodeUtf8(bytes) ?? '') as Unread)
  }

  #get(kind: TableKind, key: string): Promise<Uint8Array | undefined> {
    return this.transaction.tables.get(tableOf(this.#system, kind), key)
  }

  #put(kind: TableKind, key: string, value: Uint8Array | undefined): void {
    this.transaction.tables.put(tableOf(this.#system, kind), key, value)
  }
}
