/**
 * Queries over views: ids, and what equals values of declared indexes, are looked up in the store; the rest is filtered here. A subscribed query is kept up to date from commits,
 * without reading again; whoever keeps the result in a form of his own does it with `read`, `changesBy` and `compare`.
 */
import type { Collection } from '../records/collection.ts'
import { equalJson } from '../records/edits.ts'
import type { Json, JsonObject } from '../records/shape.ts'
import type { IndexValue, RecordRow, Store } from '../store/port.ts'
import { byCodeUnits } from '../store/sorted.ts'
import { idOf, keyOf } from './open-record.ts'
import type { RecordChange } from './pending.ts'
import type { Commit } from './writer.ts'

/** A record as an app reads it: its fields, and its id. */
export type Seen<Value> = Value & { readonly id: string }

export type Where<Value> = {
  [Field in keyof Seen<Value>]?:
    | Seen<Value>[Field]
    | readonly Seen<Value>[Field][]
    | ((value: Seen<Value>[Field]) => boolean)
}

/** Rows read at once while a collection is scanned, and views parsed between two pauses: some 5 ms. */
const SCAN_PAGE_ROWS = 1_000
/** Values of one index that are looked up each for itself; for more of them the collection is scanned. */
const LOOKUPS_MAX = 64

export interface QuerySource {
  store: Store
  /** What is shown of records that are not here yet (U-5). */
  readonly shipped: {
    get(record: string): JsonObject | undefined
    all(collection: string): Iterable<[record: string, value: JsonObject]>
  }
  onCommit(listener: (commit: Commit) => void): () => void
  listenerFailed(error: unknown): void
}

type Shown = Pick<RecordChange, 'record' | 'after'>

/** A record of the result, or one that is not, or no longer, in it. */
export type Followed<Value> = readonly [id: string, record: Seen<Value> | undefined]

interface Order {
  field: string
  direction: 'ascending' | 'descending'
}

export class Query<Value extends object> {
  readonly #source: QuerySource
  readonly #collection: Collection
  readonly #where: Where<Value>
  readonly #order: readonly Order[]
  readonly #limit: number

  constructor(
    source: QuerySource,
    collection: Collection,
    where: Where<Value>,
    order: readonly Order[] = [],
    limit = Number.POSITIVE_INFINITY,
  ) {
    this.#source = source
    this.#collection = collection
    this.#where = where
    this.#order = order
    this.#limit = limit
  }

  /** By one field and then the next; records that are equal in all come in order of their ids. */
  orderBy(field: keyof Value & string, direction: 'ascending' | 'descending' = 'ascending'): Query<Value> {
    return new Query<Value>(
      this.#source,
      this.#collection,
      this.#where,
      [...this.#order, { field, direction }],
      this.#limit,
    )
  }

  limit(count: number): Query<Value> {
    return new Query<Value>(this.#source, this.#collection, this.#where, this.#order, count)
  }

  async all(): Promise<Seen<Value>[]> {
    return this.#arrange(await this.read())
  }

  async first(): Promise<Seen<Value> | undefined> {
    return (await this.limit(1).all())[0]
  }

  async count(): Promise<number> {
    return (await this.read()).size
  }

  /**
   * Calls `render` with the result now and after every commit that changes it. The result is a new array each time; records that did not change are the same
   * objects. Returns a function that ends it. A failing first read or render is given to `failed`, without it to the
   * replica's events, as later renders are.
   */
  subscribe(
    render: (records: Seen<Value>[]) => void,
    failed: (error: unknown) => void = (error) => this.#source.listenerFailed(error),
  ): () => void {
    let records: Map<string, Seen<Value>> | undefined
    let ended = false
    const missed: Followed<Value>[] = []
    const stop = this.#source.onCommit((commit) => {
      const mine = this.changesBy(commit)
      if (mine.length === 0) return
      if (!records) missed.push(...mine)
      else if (follow(records, mine)) render(this.#arrange(records))
    })
    const begin = async () => {
      const read = await this.read()
      if (ended) return
      follow(read, missed)
      records = read
      render(this.#arrange(records))
    }
    begin().catch(failed)
    return () => {
      ended = true
      stop()
    }
  }

  /** What a commit changed in what this query may show: each record of the collection as it is now, if it is as wanted. */
  changesBy(commit: Commit): Followed<Value>[] {
    return this.#shownBy(commit).map(({ record, after }) => {
      const id = idOf(record)
      return [id, after && this.#matches(id, after) ? (seen(id, after) as Seen<Value>) : undefined]
    })
  }

  /** A record that is just what its view said changes nothing (U-7). */
  #shownBy({ changes, unverified, confirmed }: Commit): Shown[] {
    const { name } = this.#collection
    const shown: Shown[] = []
    for (const change of unverified)
      if (change.collection === name) shown.push({ record: change.record, after: change.after() })
    for (const change of changes)
      if (change.collection === name && !confirmed.has(change.record)) shown.push(change)
    return shown
  }

  /** All records that are as wanted, by id, in no order and without the limit. `pause` is awaited after every thousand views. */
  async read(pause: () => Promise<void> = async () => undefined): Promise<Map<string, Seen<Value>>> {
    const found = new Map<string, Seen<Value>>()
    let taken = 0
    const take = async (views: Iterable<[record: string, value: JsonObject | undefined]>) => {
      for (const [record, value] of views) {
        const id = idOf(record)
        // Read for this query alone, so it need not be copied.
        if (value && this.#matches(id, value))
          found.set(id, Object.assign(value, { id }) as unknown as Seen<Value>)
        else found.delete(id)
        taken += 1
        if (taken % SCAN_PAGE_ROWS === 0) await pause()
      }
    }
    // A record may come while rows are read: its row takes the view's place.
    await take(this.#shipped())
    for await (const rows of this.#pages()) await take(viewsOf(rows))
    return found
  }

  *#shipped(): Iterable<[record: string, value: JsonObject]> {
    const { shipped } = this.#source
    const keys = this.#keys()
    if (!keys) yield* shipped.all(this.#collection.name)
    for (const key of keys ?? []) {
      const value = shipped.get(key)
      if (value) yield [key, value]
    }
  }

  /** Rows, a thousand at a time where the collection is scanned: to await each by itself takes longer than to parse it. */
  async *#pages(): AsyncGenerator<readonly RecordRow[]> {
    const { store } = this.#source
    const { name } = this.#collection
    const keys = this.#keys()
    const lookups = this.#lookups()
    if (keys) yield (await store.rows(keys)).filter((row) => row !== undefined)
    else if (lookups) for (const equals of lookups) yield await store.findRows(name, equals)
    else {
      let rows: RecordRow[] = []
      do {
        rows = await store.scanRows(name, rows.at(-1)?.record ?? '', SCAN_PAGE_ROWS)
        yield rows
      } while (rows.length === SCAN_PAGE_ROWS)
    }
  }

  /** Of the records that can be meant, where ids are wanted. */
  #keys(): string[] | undefined {
    const wanted: unknown = (this.#where as { id?: unknown }).id
    const ids = Array.isArray(wanted) ? wanted : [wanted]
    if (this.#collection.shape.fields.has('id') || !ids.every((id) => typeof id === 'string'))
      return undefined
    return ids.map((id) => keyOf(this.#collection.name, id))
  }

  /** What to look up in the store; undefined where all is to be read. One list of values is looked up, further ones are filtered. */
  #lookups(): [string, IndexValue][][] | undefined {
    const indexed = Object.entries(this.#where).filter(([field]) => this.#collection.indexes.includes(field))
    const equals = indexed.filter((entry): entry is [string, IndexValue] => isIndexValue(entry[1]))
    const list = indexed.find(([, wanted]) => isLookedUp(wanted))
    if (!list) return equals.length > 0 ? [equals] : undefined
    return (list[1] as IndexValue[]).map((value) => [...equals, [list[0], value]])
  }

  #matches(id: string, value: JsonObject): boolean {
    return Object.entries(this.#where).every(([field, wanted]) => {
      const own = field === 'id' && !this.#collection.shape.fields.has('id') ? id : value[field]
      if (typeof wanted === 'function') return (wanted as (value: unknown) => boolean)(own)
      if (Array.isArray(wanted)) return wanted.some((one) => equalJson(one as Json, own))
      return wanted === undefined || equalJson(wanted as Json, own)
    })
  }

  #arrange(records: ReadonlyMap<string, Seen<Value>>): Seen<Value>[] {
    const sorted = [...records.values()].sort((a, b) => this.compare(a, b))
    return this.#limit < sorted.length ? sorted.slice(0, this.#limit) : sorted
  }

  /** By the order that was asked for, then by id: never 0 between two records. */
  compare(a: Seen<Value>, b: Seen<Value>): number {
    for (const { field, direction } of this.#order) {
      const order = compareValues((a as JsonObject)[field], (b as JsonObject)[field])
      if (order !== 0) return direction === 'ascending' ? order : -order
    }
    return compareValues(a.id, b.id)
  }
}

function follow<Value>(records: Map<string, Seen<Value>>, changes: readonly Followed<Value>[]): boolean {
  let changed = false
  for (const [id, record] of changes) {
    changed = record !== undefined || records.has(id) || changed
    if (record) records.set(id, record)
    else records.delete(id)
  }
  return changed
}

export function seen(id: string, value: JsonObject): JsonObject & { id: string } {
  return { ...value, id }
}

function isIndexValue(value: unknown): value is IndexValue {
  return (
    value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
  )
}

function isLookedUp(wanted: unknown): boolean {
  return Array.isArray(wanted) && wanted.length <= LOOKUPS_MAX && wanted.every(isIndexValue)
}

/** Absent values first, then by type, numbers by size and strings by code units; lists and objects have no order. */
export function compareValues(a: Json | undefined, b: Json | undefined): number {
  if (typeof a === 'string' && typeof b === 'string') return byCodeUnits(a, b)
  const [left, right] = [typeOf(a), typeOf(b)]
  if (left !== right) return left < right ? -1 : 1
  if (left === '' || left === 'object' || a === b) return 0
  return a! < b! ? -1 : 1
}

function typeOf(value: Json | undefined): string {
  return value === undefined || value === null ? '' : typeof value
}

function* viewsOf(rows: readonly RecordRow[]): Iterable<[record: string, value: JsonObject | undefined]> {
  for (const row of rows) yield [row.record, parseView(row)]
}

export function parseView(row: RecordRow): JsonObject | undefined {
  return row.view === undefined ? undefined : (JSON.parse(row.view) as JsonObject)
}
