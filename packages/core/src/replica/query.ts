/**
 * Queries over views: equality on declared indexes is looked up in the store, the rest is filtered here. A subscribed query is kept up to date from commits,
 * without reading again.
 */
import type { Collection } from '../records/collection.ts'
import { equalJson } from '../records/edits.ts'
import type { Json, JsonObject } from '../records/shape.ts'
import type { IndexValue, RecordRow, Store } from '../store/port.ts'
import { idOf } from './open-record.ts'
import type { RecordChange } from './pending.ts'
import type { Commit } from './writer.ts'

/** A record as an app reads it: its fields, and its id. */
export type Seen<Value> = Value & { readonly id: string }

export type Where<Value> = {
  [Field in keyof Value]?: Value[Field] | readonly Value[Field][] | ((value: Value[Field]) => boolean)
}

/** Rows read at once while a collection is scanned. */
const SCAN_PAGE_ROWS = 1_000

export interface QuerySource {
  store: Store
  /** What is shown of records that are not here yet (U-5). */
  readonly shipped: { all(collection: string): Iterable<[record: string, value: JsonObject]> }
  onCommit(listener: (commit: Commit) => void): () => void
  listenerFailed(error: unknown): void
}

type Shown = Pick<RecordChange, 'record' | 'after'>

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
    return this.#arrange(await this.#read())
  }

  async first(): Promise<Seen<Value> | undefined> {
    return (await this.limit(1).all())[0]
  }

  async count(): Promise<number> {
    return (await this.#read()).size
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
    const missed: Shown[] = []
    const stop = this.#source.onCommit((commit) => {
      const mine = this.#shownBy(commit)
      if (mine.length === 0) return
      if (!records) missed.push(...mine)
      else if (this.#follow(records, mine)) render(this.#arrange(records))
    })
    const begin = async () => {
      const read = await this.#read()
      if (ended) return
      this.#follow(read, missed)
      records = read
      render(this.#arrange(records))
    }
    begin().catch(failed)
    return () => {
      ended = true
      stop()
    }
  }

  /** What a commit changed in what queries show. A record that is just what its view said changes nothing (U-7). */
  #shownBy({ changes, unverified, confirmed }: Commit): Shown[] {
    const { name } = this.#collection
    const shown: Shown[] = []
    for (const change of unverified)
      if (change.collection === name) shown.push({ record: change.record, after: change.after() })
    for (const change of changes)
      if (change.collection === name && !confirmed.has(change.record)) shown.push(change)
    return shown
  }

  #follow(records: Map<string, Seen<Value>>, changes: readonly Shown[]): boolean {
    let changed = false
    for (const { record, after } of changes) {
      const id = idOf(record)
      if (after && this.#matches(after)) {
        records.set(id, seen(id, after) as Seen<Value>)
        changed = true
      } else changed = records.delete(id) || changed
    }
    return changed
  }

  async #read(): Promise<Map<string, Seen<Value>>> {
    const found = new Map<string, Seen<Value>>()
    const take = (record: string, value: JsonObject | undefined) => {
      const id = idOf(record)
      // Read for this query alone, so it need not be copied.
      if (value && this.#matches(value)) found.set(id, Object.assign(value, { id }) as unknown as Seen<Value>)
      else found.delete(id)
    }
    // A record may come while rows are read: its row takes the view's place.
    for (const [record, value] of this.#source.shipped.all(this.#collection.name)) take(record, value)
    for await (const row of this.#rows()) take(row.record, parseView(row))
    return found
  }

  async *#rows(): AsyncGenerator<RecordRow> {
    const { store } = this.#source
    const equals = this.#indexed()
    if (equals.length > 0) {
      yield* await store.findRows(this.#collection.name, equals)
      return
    }
    let after = ''
    for (;;) {
      const rows = await store.scanRows(this.#collection.name, after, SCAN_PAGE_ROWS)
      yield* rows
      if (rows.length < SCAN_PAGE_ROWS) return
      after = rows.at(-1)!.record
    }
  }

  #indexed(): [string, IndexValue][] {
    return Object.entries(this.#where).filter(
      (entry): entry is [string, IndexValue] =>
        this.#collection.indexes.includes(entry[0]) && isIndexValue(entry[1]),
    )
  }

  #matches(value: JsonObject): boolean {
    return Object.entries(this.#where).every(([field, wanted]) => {
      const own = value[field]
      if (typeof wanted === 'function') return (wanted as (value: unknown) => boolean)(own)
      if (Array.isArray(wanted)) return wanted.some((one) => equalJson(one as Json, own))
      return wanted === undefined || equalJson(wanted as Json, own)
    })
  }

  #arrange(records: ReadonlyMap<string, Seen<Value>>): Seen<Value>[] {
    const sorted = [...records.values()].sort((a, b) => this.#compare(a, b))
    return this.#limit < sorted.length ? sorted.slice(0, this.#limit) : sorted
  }

  #compare(a: Seen<Value>, b: Seen<Value>): number {
    for (const { field, direction } of this.#order) {
      const order = compareValues((a as JsonObject)[field], (b as JsonObject)[field])
      if (order !== 0) return direction === 'ascending' ? order : -order
    }
    return compareValues(a.id, b.id)
  }
}

export function seen(id: string, value: JsonObject): JsonObject & { id: string } {
  return { ...value, id }
}

function isIndexValue(value: unknown): value is IndexValue {
  return (
    value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
  )
}

/** Absent values first, then by type, numbers by size and strings by code units; lists and objects have no order. */
function compareValues(a: Json | undefined, b: Json | undefined): number {
  const [left, right] = [typeOf(a), typeOf(b)]
  if (left !== right) return left < right ? -1 : 1
  if (left === '' || left === 'object' || a === b) return 0
  return a! < b! ? -1 : 1
}

function typeOf(value: Json | undefined): string {
  return value === undefined || value === null ? '' : typeof value
}

export function parseView(row: RecordRow): JsonObject | undefined {
  return row.view === undefined ? undefined : (JSON.parse(row.view) as JsonObject)
}
