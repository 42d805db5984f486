/** The bridge's own tables within one append, typed; it notes what whoever keeps an index, or a log, must hear of afterwards. */
import {
  collectionOf,
  decodeUtf8,
  encodeUtf8,
  type JsonObject,
  type TableRow,
  type Transaction,
} from '@skerry/core'
import type { Hint } from './adapter-port.ts'
import type { AuditFact } from './audit/audit-fact.ts'
import type { BridgeEvent } from './context.ts'
import { linkKey, linksAmong } from './links.ts'
import { decodeItem, encodeItem, type OutboxItem } from './outbox.ts'
import { itemAtRest, nothingWithheld, reviewAtRest, shadowAtRest, type Withheld } from './privacy/withheld.ts'
import { without } from './privacy/without.ts'
import { decodeReview, encodeReview, type ReviewItem } from './review/item.ts'
import { decodeShadow, decodeShadowHead, encodeShadow, type Shadow, type ShadowHead } from './shadow.ts'

/** Every table of a bridge. */
export const tableKinds = [
  'shadow',
  'outbox',
  'links',
  'position',
  'hints',
  'unread',
  'reviews',
  'conflicts',
  'decisions',
  'walks',
  'listed',
  'missing',
  'left',
  'reports',
  'matching',
  'pairs',
  'merged',
  'waits',
  'schema',
  'audit',
  'audit-of',
  'audit-values',
  'audit-salts',
  'audit-head',
  'audit-seal',
  'audit-echoes',
  'privacy',
] as const

export type TableKind = (typeof tableKinds)[number]

export function tableOf(system: string, kind: TableKind): string {
  return `bridge/${system}/${kind}`
}

const RECORD_LINK = 'r\n\n'

/** Stands for the link where what is waited for is that a record leaves quarantine. */
export function recordLink(record: string): string {
  return `${RECORD_LINK}${record}`
}

/** The record that it stands for; undefined for a link to a row. */
export function recordOfLink(link: string): string | undefined {
  return link.startsWith(RECORD_LINK) ? link.slice(RECORD_LINK.length) : undefined
}

/** Who waits: under the link's key, then the type and id of the row, both empty for the record itself. */
export function decodeWait(key: string): { link: string; row: { type: string; id: string } | undefined } {
  const [side, linkType, linkId, type = '', id = ''] = key.split('\n')
  return { link: `${side}\n${linkType}\n${linkId}`, row: type === '' ? undefined : { type, id } }
}

function waitKey(link: string, row: { type: string; id: string } | undefined): string {
  return `${link}\n${row?.type ?? ''}\n${row?.id ?? ''}`
}

/** A hint; one with a stamp is kept in the table. */
export interface StampedHint extends Hint {
  stamp?: string | undefined
}

export function decodeHint(bytes: Uint8Array): StampedHint {
  return JSON.parse(decodeUtf8(bytes) ?? '') as StampedHint
}

function hintKey({ type, id }: Hint): string {
  return `${type}\n${id}`
}

/** What is kept of a row that could not be taken in. */
export interface Unread {
  /** Empty for one that the system would not show. */
  version: string
  reason: string
}

export function unreadKey(type: string, rowId: string): string {
  return `${type}\n${rowId}`
}

export function decodeUnread(bytes: Uint8Array): Unread {
  return JSON.parse(decodeUtf8(bytes) ?? '') as Unread
}

export class BridgeTables {
  readonly transaction: Transaction
  readonly changedItems = new Map<string, OutboxItem | undefined>()
  readonly changedReviews = new Map<string, ReviewItem | undefined>()
  /** Rows that were set aside, by their keys; undefined for those that are so no more. */
  readonly changedUnread = new Map<string, Unread | undefined>()
  readonly newHints: StampedHint[] = []
  /** Keys of links that were put, and of those that a row waits for. */
  readonly newLinks: string[] = []
  readonly newWaits: string[] = []
  /** Records of which what waits for them should hear. */
  readonly stirred = new Set<string>()
  readonly events: BridgeEvent[] = []
  /** For the audit log, which is written at the end of this append. */
  readonly facts: AuditFact[] = []
  /** Every record that this append changes is settled in it: whoever follows the log need not look. */
  settlesAll = false
  /** It is a walk's. */
  isWalk = false
  /** A walk is due, or records wait to be released. */
  reconcileIsDue = false
  readonly #system: string
  /** Links that were read, as this append has them. */
  readonly #links = new Map<string, string | undefined>()

  readonly #withheld: Withheld

  /** @param withheld what may stand in none of the tables */
  constructor(transaction: Transaction, system: string, withheld: Withheld = nothingWithheld) {
    this.transaction = transaction
    this.#system = system
    this.#withheld = withheld
  }

  /** What this append does, for the audit log (SPEC B-153): part of it, or told never. */
  note(fact: AuditFact): void {
    this.facts.push(fact)
  }

  /** What of a record's value may be kept, and shown to operators. */
  shown(record: string, value: JsonObject): JsonObject {
    return without(value, this.#withheld.get(collectionOf(record)) ?? [])
  }

  /** A row was set aside. */
  get hasSetAside(): boolean {
    return [...this.changedUnread.values()].some((unread) => unread !== undefined)
  }

  /** Said once this append is durable. */
  tell(event: BridgeEvent): void {
    this.events.push(event)
  }

  async shadow(record: string): Promise<Shadow | undefined> {
    const bytes = await this.get('shadow', record)
    const shadow = bytes && decodeShadow(record, bytes)
    if (!shadow || shadow.document.length > 0) return shadow
    // It was not kept (B-159): the record's history has it.
    const saved = await this.transaction.savedAt(record, shadow.heads)
    return saved ? { ...shadow, document: saved.document, view: saved.content } : shadow
  }

  async shadowHead(record: string): Promise<ShadowHead | undefined> {
    const bytes = await this.get('shadow', record)
    return bytes && decodeShadowHead(record, bytes)
  }

  /** Keeps the shadow, and the links by which its row is found again. @param former the one that it takes the place of, where that is known: links that were made for it stand */
  putShadow(record: string, shadow: Shadow, former?: Shadow): void {
    this.put('shadow', record, encodeShadow(shadowAtRest(this.#withheld, record, shadow)))
    this.stirred.add(record)
    const { type, rowId, externalId } = shadow
    if (former?.rowId !== rowId || former.externalId !== externalId)
      this.link(type, { id: rowId, externalId }, record)
  }

  /** Its row is another record's now; the links are for whoever keeps that one's shadow. */
  dropShadow(record: string): void {
    this.put('shadow', record, undefined)
    this.stirred.add(record)
  }

  async item(record: string): Promise<OutboxItem | undefined> {
    const bytes = await this.get('outbox', record)
    return bytes && decodeItem(record, bytes)
  }

  putItem(record: string, item: OutboxItem | undefined): void {
    this.put('outbox', record, item && encodeItem(itemAtRest(this.#withheld, record, item)))
    this.changedItems.set(record, item)
  }

  async review(record: string): Promise<ReviewItem | undefined> {
    const bytes = await this.get('reviews', record)
    return bytes && decodeReview(record, bytes)
  }

  /** An item that holds nothing goes. */
  putReview(record: string, item: ReviewItem): void {
    const kept = item.whole || Object.keys(item.fields).length > 0 ? item : undefined
    this.put('reviews', record, kept && encodeReview(reviewAtRest(this.#withheld, record, kept)))
    this.changedReviews.set(record, kept)
  }

  /** A row of counts or decisions, as JSON. */
  async tally<T>(kind: 'conflicts' | 'decisions', key: string): Promise<T | undefined> {
    const bytes = await this.get(kind, key)
    return bytes && (JSON.parse(decodeUtf8(bytes) ?? '') as T)
  }

  putTally(kind: 'conflicts' | 'decisions', key: string, value: object): void {
    this.put(kind, key, encodeUtf8(JSON.stringify(value)))
  }

  /** The record that a row is linked with, by its own id or by its external id. */
  async linked(
    type: string,
    row: { id: string; externalId?: string | undefined },
  ): Promise<string | undefined> {
    const byId = await this.linkedBy(linkKey(type, { id: row.id }))
    return byId ?? (row.externalId ? this.linkedBy(linkKey(type, { externalId: row.externalId })) : undefined)
  }

  link(
    type: string,
    { id, externalId }: { id?: string | undefined; externalId?: string | undefined },
    record: string,
  ): void {
    if (id) this.#putLink(linkKey(type, { id }), record)
    if (externalId) this.#putLink(linkKey(type, { externalId }), record)
  }

  /** Reads the links of many rows at once, where their ids lie close together; those that are not found by it are read one by one. */
  async readLinks(type: string, rowIds: readonly string[]): Promise<void> {
    const links = await linksAmong((range) => this.scan('links', range), type, rowIds)
    for (const [key, record] of links) this.#links.set(key, record)
  }

  /** The record under the key of a link. */
  async linkedBy(key: string): Promise<string | undefined> {
    if (this.#links.has(key)) return this.#links.get(key)
    const bytes = await this.get('links', key)
    return bytes && decodeUtf8(bytes)
  }

  #putLink(key: string, record: string): void {
    this.put('links', key, encodeUtf8(record))
    this.newLinks.push(key)
    if (this.#links.has(key)) this.#links.set(key, record)
  }

  /** The row is to be read again once the link is there (SPEC B-83), or the record out of quarantine (B-169); without a row the record is to be settled then. */
  putWait(link: string, row: { type: string; id: string } | undefined): void {
    this.put('waits', waitKey(link, row), Uint8Array.of(1))
    this.newWaits.push(link)
  }

  /** At most `limit` of what waits for the link. */
  async waiting(link: string, limit: number): Promise<({ type: string; id: string } | undefined)[]> {
    const rows = await this.scan('waits', { prefix: `${link}\n`, limit })
    return rows.map(({ key }) => decodeWait(key).row)
  }

  dropWait(link: string, row: { type: string; id: string } | undefined): void {
    this.put('waits', waitKey(link, row), undefined)
  }

  putPosition(type: string, position: string | undefined): void {
    this.put('position', type, position === undefined ? undefined : encodeUtf8(position))
  }

  /** A row to be read again, remembered until it was (B-25). The stamp tells this hint from a later one about the same row. */
  putHint(hint: Omit<StampedHint, 'version'>): void {
    this.keepHint(hint)
    this.newHints.push(hint)
  }

  /** As `putHint`, for when the mapping of its row goes on (B-194): until then this table alone knows of it, and nobody reads the row. */
  keepHint(hint: Omit<StampedHint, 'version'>): void {
    this.put('hints', hintKey(hint), encodeUtf8(JSON.stringify(hint)))
  }

  async dropHint(hint: StampedHint): Promise<void> {
    const kept = await this.get('hints', hintKey(hint))
    if (kept && decodeHint(kept).stamp === hint.stamp) this.put('hints', hintKey(hint), undefined)
  }

  putUnread(type: string, rowId: string, unread: Unread | undefined): void {
    const key = unreadKey(type, rowId)
    this.put('unread', key, unread && encodeUtf8(JSON.stringify(unread)))
    this.changedUnread.set(key, unread)
  }

  async unread(type: string, rowId: string): Promise<Unread | undefined> {
    const bytes = await this.get('unread', unreadKey(type, rowId))
    return bytes && decodeUnread(bytes)
  }

  get(kind: TableKind, key: string): Promise<Uint8Array | undefined> {
    return this.transaction.tables.get(tableOf(this.#system, kind), key)
  }

  /** An undefined value removes the key. */
  put(kind: TableKind, key: string, value: Uint8Array | undefined): void {
    this.transaction.tables.put(tableOf(this.#system, kind), key, value)
  }

  scan(kind: TableKind, range: { prefix: string; after?: string; limit: number }): Promise<TableRow[]> {
    return this.transaction.tables.scan(tableOf(this.#system, kind), range)
  }
}
