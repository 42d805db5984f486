/** The bridge's own tables within one append, typed; it notes what whoever keeps an index, or a log, must hear of afterwards. */
import { decodeUtf8, encodeUtf8, equalBytes, type Transaction } from '@skerry/core'
import type { Hint } from './adapter-port.ts'
import type { BridgeEvent } from './context.ts'
import { decodeItem, encodeItem, type OutboxItem } from './outbox.ts'
import { decodeShadow, encodeShadow, type Shadow } from './shadow.ts'

export type TableKind = 'shadow' | 'outbox' | 'links' | 'position' | 'hints' | 'unread' | 'waits'

export function tableOf(system: string, kind: TableKind): string {
  return `bridge/${system}/${kind}`
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

/** The key under which a row's link to its record stands. */
export function linkKey(type: string, row: { id: string } | { externalId: string }): string {
  return 'id' in row ? `i\n${type}\n${row.id}` : `e\n${type}\n${row.externalId}`
}

/** A row that waits for another one to be linked: under the link's key, then its own type and id. */
export function decodeWait(key: string): { link: string; type: string; id: string } {
  const [side, linkType, linkId, type = '', id = ''] = key.split('\n')
  return { link: `${side}\n${linkType}\n${linkId}`, type, id }
}

/** A row that could not be taken in. */
export interface Unread {
  version: string
  reason: string
}

export class BridgeTables {
  readonly transaction: Transaction
  readonly changedItems = new Map<string, OutboxItem | undefined>()
  readonly newHints: StampedHint[] = []
  readonly events: BridgeEvent[] = []
  /** Keys of links that were not there before, and of those that a row waits for. */
  readonly newLinks: string[] = []
  readonly newWaits: string[] = []
  /** Records of which what waits for them should hear. */
  readonly stirred = new Set<string>()
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
    this.stirred.add(record)
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

  /** The record that a row is linked with, by its own id or by its external id. */
  async linked(
    type: string,
    { id, externalId }: { id: string; externalId?: string | undefined },
  ): Promise<string | undefined> {
    const byId = await this.linkedBy(linkKey(type, { id }))
    return byId ?? (externalId ? this.linkedBy(linkKey(type, { externalId })) : undefined)
  }

  async linkedBy(key: string): Promise<string | undefined> {
    const found = await this.#get('links', key)
    return found && decodeUtf8(found)
  }

  async link(
    type: string,
    { id, externalId }: { id?: string | undefined; externalId?: string | undefined },
    record: string,
  ): Promise<void> {
    const value = encodeUtf8(record)
    const keys = [id && linkKey(type, { id }), externalId && linkKey(type, { externalId })]
    for (const key of keys) {
      if (!key) continue
      const known = await this.#get('links', key)
      if (known && equalBytes(known, value)) continue
      this.#put('links', key, value)
      this.newLinks.push(key)
    }
  }

  /** The row is to be read again once the link is there (SPEC B-83). */
  putWait(link: string, row: { type: string; id: string }): void {
    this.#put('waits', `${link}\n${row.type}\n${row.id}`, Uint8Array.of(1))
    this.newWaits.push(link)
  }

  /** At most `limit` rows that wait for the link. */
  async waiting(link: string, limit: number): Promise<{ type: string; id: string }[]> {
    const rows = await this.transaction.tables.scan(tableOf(this.#system, 'waits'), {
      prefix: `${link}\n`,
      limit,
    })
    return rows.map(({ key }) => decodeWait(key))
  }

  dropWait(link: string, row: { type: string; id: string }): void {
    this.#put('waits', `${link}\n${row.type}\n${row.id}`, undefined)
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
