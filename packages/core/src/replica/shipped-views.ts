/**
 * Views that the hub told of records before their entries (SPEC.md, section Shipped views): what of them is still unverified, in memory. A view stays text until somebody asks for it. It
 * only shows: nothing that decides anything looks here.
 */
import type { Host } from '../host.ts'
import type { Collection } from '../records/collection.ts'
import { equalJson } from '../records/edits.ts'
import type { JsonObject } from '../records/shape.ts'
import type { ToldView } from '../session/port.ts'
import { collectionOf, type OpenRecord } from './open-record.ts'
import type { ReplicaEvent } from './replica-event.ts'
import { readShippedJson } from './shipped-json.ts'

/** Hex digits of each head that a view names. */
const SHORT_HEAD_DIGITS = 16

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
  /** Of the page as it is kept. */
  bytes: number
  /** What of it is unverified. */
  views: readonly ToldView[]
}

interface Shipped {
  told: ToldView
  page: { bytes: number; left: number }
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
  /** Records that began or ceased to be shown. */
  #news = new Set<string>()
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
  add({ number, bytes, views }: ShippedPage): void {
    const page = { bytes, left: 0 }
    this.#pages.set(number, page)
    this.#bytes += bytes
    for (const view of views) {
      const { record } = view
      if (this.#size > 0) this.#remove(record)
      const collection = collectionOf(record)
      const shown = this.#byCollection.get(collection) ?? new Map<string, Shipped>()
      this.#byCollection.set(collection, shown.set(record, { told: view, page }))
      this.#size += 1
      page.left += 1
      this.#news.add(record)
    }
  }

  /** These records are here now, by their entries (U-7). */
  settle(records: Iterable<OpenRecord>): void {
    if (this.#size === 0) return
    for (const record of records) {
      const shipped = this.#of(record.key)
      if (!shipped) continue
      this.#judge(record, shipped.told)
      this.#remove(record.key)
      if (!record.visible) this.#news.add(record.key)
    }
  }

  /** They are not to be shown any more. */
  drop(records: Iterable<string>): number {
    let dropped = 0
    for (const record of records) {
      if (!this.#remove(record)) continue
      this.#news.add(record)
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
  takeNews(): { unverified: Iterable<UnverifiedChange>; confirmed: ReadonlySet<string> } {
    const news = { unverified: this.#changesOf(this.#news), confirmed: this.#confirmed }
    if (this.#news.size > 0) this.#news = new Set()
    if (this.#confirmed.size > 0) this.#confirmed = new Set()
    return news
  }

  /** Made when somebody looks: a first sync brings thousands, and mostly nobody subscribes to all. */
  #changesOf(records: ReadonlySet<string>): Iterable<UnverifiedChange> {
    const changeOf = (record: string) => ({
      record,
      collection: collectionOf(record),
      after: () => this.get(record),
    })
    return {
      *[Symbol.iterator]() {
        for (const record of records) yield changeOf(record)
      },
    }
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
      told.version === record.collection?.versions.number && told.heads === shortHeads(record.frontier.heads)
    if (!isSame) this.counts.outdated += 1
    else if (isShown(told.view, record.visible)) {
      this.counts.verified += 1
      // What was not shown yet is no confirmation to anybody.
      if (!this.#news.has(record.key)) this.#confirmed.add(record.key)
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
    const { version, view } = shipped.told
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
    shipped.page.left -= 1
    this.#size -= 1
    this.#wake(record)
    return true
  }

  #wake(record: string): void {
    const waiting = this.#waiting.get(record)
    if (!waiting) return
    this.#waiting.delete(record)
    for (const settled of waiting) settled()
  }
}

/** What a view names of heads (hex, ascending). */
export function shortHeads(heads: readonly string[]): string {
  return heads.map((head) => head.slice(0, SHORT_HEAD_DIGITS)).join('')
}

/** Both sides write a view in the same order of fields, so that the text nearly always decides. */
function isShown(view: string, visible: JsonObject | undefined): boolean {
  if (visible === undefined) return false
  return view === JSON.stringify(visible) || equalJson(readShippedJson(view), visible)
}
