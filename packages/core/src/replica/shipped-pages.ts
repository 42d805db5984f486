/** Pages of shipped views in the replica's tables: taken from the hub, read again at the next open, taken away (SPEC.md, section Shipped views). */
import { grants } from '../identity/credential.ts'
import { RECORD_KEY_BYTES_MAX } from '../log/entry.ts'
import type { Collection } from '../records/collection.ts'
import type { ToldView, ToldViews } from '../session/port.ts'
import { decodeViews } from '../session/view-text.ts'
import type { Store } from '../store/port.ts'
import { decidedCredential } from './credentials.ts'
import { SHIPPED_BYTES_MAX } from './limits.ts'
import { collectionOf } from './open-record.ts'
import type { ReplicaEvent } from './replica-event.ts'
import type { ShippedViews } from './shipped-views.ts'
import type { Turn } from './turn.ts'

const SHIPPED_TABLE = 'shipped'
const PAGE_PREFIX = 'page/'
const GONE_PREFIX = 'gone/'
/** Pages read at once at open: up to a megabyte each. */
const PAGES_PER_SCAN = 4
const GONE_PER_SCAN = 1_000
/** Digits of a page's number in its key, so that keys ascend as numbers do. */
const NUMBER_DIGITS = 12

export class ShippedPages {
  readonly #views: ShippedViews
  readonly #collections: ReadonlyMap<string, Collection>
  readonly #events: (event: ReplicaEvent) => void
  /** Pages that are in the table, or may be: a turn that failed leaves a number without one, which does not matter. */
  readonly #numbers = new Set<number>()
  /** Records that are in some page and must not be shown by it any more, in the same way. */
  readonly #gone = new Set<string>()
  #next = 1

  constructor(
    views: ShippedViews,
    collections: ReadonlyMap<string, Collection>,
    events: (event: ReplicaEvent) => void,
  ) {
    this.#views = views
    this.#collections = collections
    this.#events = events
  }

  get isEmpty(): boolean {
    return this.#numbers.size === 0
  }

  /** What was shown when the replica was closed, or died, is shown again. */
  async load(store: Store): Promise<void> {
    for (let after = ''; ; ) {
      const rows = await store.scan(SHIPPED_TABLE, { prefix: GONE_PREFIX, after, limit: GONE_PER_SCAN })
      for (const { key } of rows) this.#gone.add(key.slice(GONE_PREFIX.length))
      if (rows.length < GONE_PER_SCAN) break
      after = rows.at(-1)!.key
    }
    for (let after = ''; ; ) {
      const rows = await store.scan(SHIPPED_TABLE, { prefix: PAGE_PREFIX, after, limit: PAGES_PER_SCAN })
      for (const { key, value } of rows)
        await this.#loadPage(store, Number(key.slice(PAGE_PREFIX.length)), value)
      if (rows.length < PAGES_PER_SCAN) return
      after = rows.at(-1)!.key
    }
  }

  /** U-3. A page is kept as it came. @throws ProtocolError malformed */
  async take(turn: Turn, { pages, channels }: ToldViews): Promise<void> {
    if (!(await mayRead(turn, channels))) return
    let room = SHIPPED_BYTES_MAX - this.#views.bytes
    for (const bytes of pages) {
      const views = await this.#fresh(decodeViews(bytes), (records) => turn.known(records))
      room -= bytes.length
      if (views.length === 0 || room < 0) continue
      const number = this.#next++
      this.#numbers.add(number)
      turn.put(SHIPPED_TABLE, keyOfPage(number), bytes)
      turn.afterCommit(() => this.#views.add({ number, bytes: bytes.length, views }))
    }
  }

  /** Pages of which nothing is shown any more go (U-11). */
  sweep(turn: Turn): void {
    const settled = this.#views.settledPages()
    if (settled.length === 0) return
    if (settled.length === this.#numbers.size) this.#clear(turn)
    else for (const number of settled) this.#remove(turn, number)
  }

  /** The record was given up: a page that still has its view must not show it when it is read again. */
  forgotten(turn: Turn, record: string): void {
    if (this.isEmpty) return
    this.#gone.add(record)
    turn.put(SHIPPED_TABLE, GONE_PREFIX + record, new Uint8Array())
  }

  /** The hub says that the record is not for this replica. */
  takeAway(turn: Turn, record: string): void {
    if (!this.#views.has(record)) return
    this.forgotten(turn, record)
    turn.afterCommit(() => this.#dropped(this.#views.drop([record])))
  }

  /** Whatever is shown by a view alone is not shown any more (U-8, U-9). */
  dropAll(turn: Turn): void {
    if (this.isEmpty) return
    turn.afterCommit(() => this.#dropped(this.#views.drop(this.#views.records())))
    this.#clear(turn)
  }

  #dropped(records: number): void {
    if (records === 0) return
    this.#events({
      level: 'warn',
      code: 'views-dropped',
      message: `${records} records that the hub had shown are not shown any more: their entries did not come`,
      fields: { records },
    })
  }

  #clear(turn: Turn): void {
    for (const number of this.#numbers) this.#remove(turn, number)
    const gone = [...this.#gone]
    for (const record of gone) turn.put(SHIPPED_TABLE, GONE_PREFIX + record, undefined)
    turn.afterCommit(() => {
      for (const record of gone) this.#gone.delete(record)
    })
  }

  #remove(turn: Turn, number: number): void {
    turn.put(SHIPPED_TABLE, keyOfPage(number), undefined)
    turn.afterCommit(() => {
      this.#numbers.delete(number)
      this.#views.forgetPage(number)
    })
  }

  async #loadPage(store: Store, number: number, bytes: Uint8Array): Promise<void> {
    this.#next = Math.max(this.#next, number + 1)
    this.#numbers.add(number)
    const views = await this.#fresh(decodeViews(bytes), async (records) => {
      const rows = await store.rows(records)
      return new Set(records.filter((_, i) => rows[i] !== undefined))
    })
    this.#views.add({ number, bytes: bytes.length, views })
  }

  /** What of a page may be shown. */
  async #fresh(
    views: readonly ToldView[],
    knownOf: (records: readonly string[]) => Promise<ReadonlySet<string>>,
  ): Promise<ToldView[]> {
    const welcome = views.filter((view) => this.#isWelcome(view) && !this.#gone.has(view.record))
    const known = await knownOf(welcome.map(({ record }) => record))
    return known.size === 0 ? welcome : welcome.filter(({ record }) => !known.has(record))
  }

  #isWelcome({ record, version }: ToldView): boolean {
    const name = collectionOf(record)
    const collection = this.#collections.get(name)
    const isKey = record.length <= RECORD_KEY_BYTES_MAX && record.length > name.length + 1
    return collection !== undefined && isKey && version >= 1 && version <= collection.versions.number
  }
}

/** A credential that came meanwhile may not grant all of what these views were told for. */
async function mayRead(turn: Turn, channels: readonly string[]): Promise<boolean> {
  const read = (await decidedCredential(turn))?.read ?? []
  return channels.every((channel) => grants(read, channel))
}

function keyOfPage(number: number): string {
  return PAGE_PREFIX + String(number).padStart(NUMBER_DIGITS, '0')
}
