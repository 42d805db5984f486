/**
 * Views that the hub told of records before their entries (SPEC.md, section Shipped views): what of them is still unverified, in memory. The bytes stay as they came, in pages; a view is
 * read when somebody asks for it. It only shows: nothing that decides anything looks here.
 *
 *      page 1 │ view │ view │ view │ …        record ──► page and where it begins
 */
import { equalBytes } from '../bytes/compare.ts'
import { fromHex } from '../bytes/hex.ts'
import { ByteReader } from '../bytes/reader.ts'
import { decodeUtf8 } from '../bytes/utf8.ts'
import type { Host } from '../host.ts'
import type { Collection } from '../records/collection.ts'
import { equalJson } from '../records/edits.ts'
import type { JsonObject } from '../records/shape.ts'
import { readView } from '../session/frame.ts'
import type { ToldView } from '../session/port.ts'
import { collectionOf, type OpenRecord } from './open-record.ts'
import type { ReplicaEvent } from './replica-event.ts'
import { readShippedJson } from './shipped-json.ts'

/** Bytes of each head that a view names. */
const SHORT_HEAD_BYTES = 8

/** A record that began or ceased to be shown by the hub's view alone. */
export interface UnverifiedChange {
  record: string
  collection: string
  /** The view, read when asked for; undefined: it is not shown any more, and no record has come in its place. */
  after(): JsonObject | undefined
}

/** What became of views so far. */
export interface ShippedCounts {
  /** As the record came. */
  verified: number
  /** Of the same heads, and different. */
  mismatched: number
  /** The record was another one already when it came, or has a version between. */
  outdated: number
  /** No record came. */
  dropped: number
}

export interface ShippedPage {
  number: number
  bytes: Uint8Array
  /** Records in it, and where each view begins. */
  starts: ReadonlyMap<string, number>
}

interface Shipped {
  page: { number: number; bytes: Uint8Array }
  start: number
}

export interface ShippedParts {
  host: Host
  collections: ReadonlyMap<string, Collection>
  events: (event: ReplicaEvent) => void
}

export class ShippedViews {
  readonly counts: ShippedCounts = { verified: 0, mismatched: 0, outdated: 0, dropped: 0 }
  readonly #parts: ShippedParts
  readonly #byCollection = new Map<string, Map<string, Shipped>>()
  /** By number: bytes of each page, and views in it that are unverified. */
  readonly #pages = new Map<number, { bytes: number; left: number }>()
  readonly #waiting = new Map<string, Set<() => void>>()
  #news: UnverifiedChange[] = []
  #confirmed = new Set<string>()
  #size = 0
  #bytes = 0

  constructor(parts: ShippedParts) {
    this.#parts = parts
  }

  /** Records that are shown by a view alone. */
  get size(): number {
    return this.#size
  }

  /** Of pages in memory. */
  get bytes(): number {
    return this.#bytes
  }

  has(record: string): boolean {
    return this.#of(record) !== undefined
  }

  /** What is shown of the record, if it is shown by a view alone. */
  get(record: string): JsonObject | undefined {
    const shipped = this.#of(record)
    return shipped && this.#value(record, shipped)
  }

  *all(collection: string): Generator<[record: string, value: JsonObject]> {
    for (const [record, shipped] of this.#byCollection.get(collection) ?? []) {
      const value = this.#value(record, shipped)
      if (value) yield [record, value]
    }
  }

  /** The page is durable. */
  add({ number, bytes, starts }: ShippedPage): void {
    const page = { number, bytes }
    const kept = { bytes: bytes.length, left: 0 }
    this.#pages.set(number, kept)
    this.#bytes += bytes.length
    for (const [record, start] of starts) {
      this.#remove(record)
      const collection = collectionOf(record)
      const views = this.#byCollection.get(collection) ?? new Map<string, Shipped>()
      this.#byCollection.set(collection, views.set(record, { page, start }))
      this.#size += 1
      kept.left += 1
      this.#news.push({ record, collection, after: () => this.get(record) })
    }
  }

  /** These records are here now, by their entries (U-7). */
  settle(records: Iterable<OpenRecord>): void {
    if (this.#size === 0) return
    for (const record of records) {
      const shipped = this.#of(record.key)
      if (!shipped) continue
      this.#judge(record, toldView(shipped))
      this.#remove(record.key)
      if (!record.visible) this.#vanished(record.key)
    }
  }

  /** They are not to be shown any more. */
  drop(records: Iterable<string>): number {
    let dropped = 0
    for (const record of records) {
      if (!this.#remove(record)) continue
      this.#vanished(record)
      dropped += 1
    }
    this.counts.dropped += dropped
    return dropped
  }

  records(): string[] {
    return [...this.#byCollection.values()].flatMap((views) => [...views.keys()])
  }

  /** Pages in which nothing is unverified any more. */
  settledPages(): number[] {
    return [...this.#pages].flatMap(([number, { left }]) => (left === 0 ? [number] : []))
  }

  forgetPage(number: number): void {
    this.#bytes -= this.#pages.get(number)?.bytes ?? 0
    this.#pages.delete(number)
  }

  /** What listeners are to hear since this was asked last. */
  takeNews(): { unverified: UnverifiedChange[]; confirmed: ReadonlySet<string> } {
    const news = { unverified: this.#news, confirmed: this.#confirmed }
    if (this.#news.length > 0) this.#news = []
    if (this.#confirmed.size > 0) this.#confirmed = new Set()
    return news
  }

  /** Resolves when the record is not shown by a view alone: true; or after so many milliseconds: false. */
  arrived(record: string, timeoutMs: number | undefined): Promise<boolean> {
    if (!this.has(record)) return Promise.resolve(true)
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(record) ?? new Set()
      this.#waiting.set(record, waiting)
      const end = (hasArrived: boolean) => {
        waiting.delete(settled)
        cancel?.()
        resolve(hasArrived)
      }
      const settled = () => end(true)
      waiting.add(settled)
      const cancel = timeoutMs === undefined ? undefined : this.#parts.host.timer(timeoutMs, () => end(false))
    })
  }

  /** Nobody waits any longer. */
  end(): void {
    for (const record of [...this.#waiting.keys()]) this.#wake(record)
  }

  #judge(record: OpenRecord, told: ToldView): void {
    const isSame =
      told.version === record.collection?.versions.number &&
      equalBytes(told.heads, shortHeads(record.frontier.heads))
    if (!isSame) this.counts.outdated += 1
    else if (isShown(told.view, record.visible)) {
      this.counts.verified += 1
      this.#confirmed.add(record.key)
    } else this.#mismatched(record.key)
  }

  #mismatched(record: string): void {
    this.counts.mismatched += 1
    this.#parts.events({
      level: 'error',
      code: 'view-mismatch',
      message: `the hub showed ${record} otherwise than its entries say; the entries count`,
      fields: { record },
    })
  }

  #of(record: string): Shipped | undefined {
    return this.#size === 0 ? undefined : this.#byCollection.get(collectionOf(record))?.get(record)
  }

  /** U-4: what cannot be shown goes. */
  #value(record: string, shipped: Shipped): JsonObject | undefined {
    const { version, view } = toldView(shipped)
    const versions = this.#parts.collections.get(collectionOf(record))?.versions
    const json = readShippedJson(view)
    const value = json && versions?.viewFrom(version, json)
    if (value) return value
    this.drop([record])
    this.#parts.events({
      level: 'error',
      code: 'view-unreadable',
      message: `the hub's view of ${record} cannot be read; the record is shown when its entries are here`,
      fields: { record },
    })
    return undefined
  }

  #remove(record: string): boolean {
    const shipped = this.#of(record)
    if (!shipped) return false
    this.#byCollection.get(collectionOf(record))!.delete(record)
    const page = this.#pages.get(shipped.page.number)
    if (page) page.left -= 1
    this.#size -= 1
    this.#wake(record)
    return true
  }

  #vanished(record: string): void {
    this.#news.push({ record, collection: collectionOf(record), after: () => undefined })
  }

  #wake(record: string): void {
    const waiting = this.#waiting.get(record)
    if (!waiting) return
    this.#waiting.delete(record)
    for (const settled of waiting) settled()
  }
}

/** What a view names of heads (hex, ascending). */
export function shortHeads(heads: readonly string[]): Uint8Array {
  return fromHex(heads.map((head) => head.slice(0, 2 * SHORT_HEAD_BYTES)).join(''))
}

function toldView({ page, start }: Shipped): ToldView {
  return readView(new ByteReader(page.bytes, start))
}

/** Both sides write a view in the same order of fields, so that the text nearly always decides. */
function isShown(view: Uint8Array, visible: JsonObject | undefined): boolean {
  if (visible === undefined) return false
  const text = decodeUtf8(view)
  if (text === JSON.stringify(visible)) return true
  return equalJson(readShippedJson(view), visible)
}
