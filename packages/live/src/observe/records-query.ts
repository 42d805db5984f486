/** A live query written in the words of its collection: `live(replica, orders).where({ status: 'open' }).orderBy('title').limit(20)`. */
import type { Collection, Json, Seen } from '@skerry/core'
import type { LiveQuery, LiveReplica, Wanted } from '../port.ts'
import { keyOf, liveQuery, type QuerySnapshot } from './live-query.ts'
import { type Filter, narrowing } from './narrowing.ts'
import type { Observable } from './observable.ts'
import { Range } from './range.ts'

/** Of a field: a value, a list of which it is one, or a range. A list is never compared as a whole: that is for `filter`. */
export type LiveWhere<Value> = {
  readonly [Field in keyof Seen<Value>]?:
    | Seen<Value>[Field]
    | readonly Seen<Value>[Field][]
    | Range<NonNullable<Seen<Value>[Field]>>
}

/** Immutable: each method gives another query. It is an observable itself. */
export class RecordsQuery<Value extends object> implements Observable<QuerySnapshot<Seen<Value>>> {
  readonly filters: readonly Filter<Value>[]
  /** What the replica is asked, and what is left to the page. */
  readonly asked: LiveQuery
  readonly limitHere: number
  readonly get: () => QuerySnapshot<Seen<Value>>
  readonly initial: QuerySnapshot<Seen<Value>>
  readonly subscribe: Observable<unknown>['subscribe']
  readonly #replica: LiveReplica | undefined
  readonly #query: LiveQuery

  constructor(replica: LiveReplica | undefined, query: LiveQuery, filters: readonly Filter<Value>[] = []) {
    this.#replica = replica
    this.#query = query
    this.filters = filters
    // What is filtered here is counted here.
    this.asked = filters.length > 0 ? { ...query, limit: undefined } : query
    this.limitHere = query.limit ?? Number.POSITIVE_INFINITY
    const source = this.source
    const narrow = narrowing<Value>()
    this.get = () => narrow(this, source.get())
    this.initial = source.initial
    this.subscribe = source.subscribe
  }

  /** Without its filters. */
  get source(): Observable<QuerySnapshot<Seen<Value>>> {
    return liveQuery(this.#replica, this.asked) as Observable<QuerySnapshot<Seen<Value>>>
  }

  /** The same for two queries with one source. */
  get key(): string {
    return keyOf(this.asked)
  }

  where(where: LiveWhere<Value>): RecordsQuery<Value> {
    const wanted = Object.entries(where).flatMap(([field, value]) =>
      value === undefined ? [] : [[field, { wanted: wantedOf(value) }] as const],
    )
    return this.#with({ where: { ...this.#query.where, ...Object.fromEntries(wanted) } })
  }

  /** By one field and then the next; records that are equal in all come in order of their ids. */
  orderBy(
    field: keyof Value & string,
    direction: 'ascending' | 'descending' = 'ascending',
  ): RecordsQuery<Value> {
    return this.#with({ orderBy: [...this.#query.orderBy, { field, direction }] })
  }

  limit(count: number): RecordsQuery<Value> {
    return this.#with({ limit: count })
  }

  /** On the page, for what `where` cannot say; it is given every record of the query. */
  filter(filter: Filter<Value>): RecordsQuery<Value> {
    return new RecordsQuery(this.#replica, this.#query, [...this.filters, filter])
  }

  #with(query: Partial<LiveQuery>): RecordsQuery<Value> {
    return new RecordsQuery(this.#replica, { ...this.#query, ...query }, this.filters)
  }
}

/** All records of the collection; its methods narrow it. Without a replica, on a server or before it is open, it is loading. */
export function live<Value extends object>(
  replica: LiveReplica | undefined,
  { name }: Collection<Value>,
): RecordsQuery<Value> {
  return new RecordsQuery<Value>(replica, { collection: name, where: {}, orderBy: [] })
}

function wantedOf(value: unknown): Wanted {
  if (Array.isArray(value)) return { oneOf: value as Json[] }
  return value instanceof Range ? (value.wanted as Wanted) : (value as Json)
}
