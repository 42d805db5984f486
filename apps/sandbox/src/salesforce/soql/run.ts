/** Runs a query, and keeps what its further pages are read from: the ids it found, as they were then. */
import { randomBytes } from 'node:crypto'
import type { Connection } from '../../database.ts'
import { queryLocatorsMax } from '../limits.ts'
import type { ObjectType } from '../objects/object-type.ts'
import { Refusal } from '../refusal.ts'
import type { Row } from '../rows/row.ts'
import { type RowTable, rowOf, type StoredRow } from '../rows/row-table.ts'
import { fieldNames, isFieldOf } from '../rows/told-row.ts'
import { parseSoql } from './parse.ts'
import type { Query } from './query.ts'
import { sqlOf } from './to-sql.ts'

export type Found = { type: ObjectType; query: Query; all: boolean }
type Kept = Found & { ids: readonly string[] }

/** `next`: where the following page begins, with the locator that leads there. */
export type Page = Found & { rows: Row[]; total: number; next: { locator: string; at: number } | undefined }

export class Queries {
  readonly #connection: Connection
  readonly #rows: RowTable
  readonly #typeNamed: (name: string) => ObjectType
  readonly #kept = new Map<string, Kept>()

  constructor(connection: Connection, rows: RowTable, typeNamed: (name: string) => ObjectType) {
    this.#connection = connection
    this.#rows = rows
    this.#typeNamed = typeNamed
  }

  /** @throws Refusal INVALID_TYPE, INVALID_FIELD, MALFORMED_QUERY */
  read(soql: string, all: boolean): Found {
    const query = parseSoql(soql)
    const type = this.#typeNamed(query.type)
    const unknown = query.fields.find((name) => !isFieldOf(type, name))
    if (unknown === undefined) return { type, query, all }
    throw new Refusal(
      'INVALID_FIELD',
      `\nSELECT ${unknown}\n       ^\nERROR at Row:1:Column:8\nNo such column '${unknown}' on entity '${type.name}'. Known here: ${fieldNames(type).join(', ')}.`,
    )
  }

  /** The first page. */
  first(found: Found, size: number): Page {
    const { type, query, all } = found
    const { where, orderBy, limit, bound } = sqlOf(type, query, all)
    if (query.fields.length === 0)
      return { ...found, rows: [], total: this.#count(where, bound), next: undefined }
    const wanted = query.limit ?? Number.MAX_SAFE_INTEGER
    if (wanted <= size) {
      const rows = this.#select(where, orderBy, limit, bound)
      return { ...found, rows, total: rows.length, next: undefined }
    }
    const ids = this.#connection
      .prepare<unknown[], string>(`SELECT id FROM rows WHERE ${where} ORDER BY ${orderBy} ${limit}`)
      .pluck()
      .all(...bound)
    return this.#page({ ...found, ids }, ids.length > size ? this.#keep({ ...found, ids }) : '', 0, size)
  }

  /** @throws Refusal INVALID_QUERY_LOCATOR */
  further(locator: string, at: number, size: number): Page {
    const kept = this.#kept.get(locator)
    if (kept) return this.#page(kept, locator, at, size)
    throw new Refusal('INVALID_QUERY_LOCATOR', 'invalid query locator')
  }

  /** Every row, without pages. */
  everything(found: Found): Row[] {
    const { where, orderBy, limit, bound } = sqlOf(found.type, found.query, found.all)
    return this.#select(where, orderBy, limit, bound)
  }

  forget(): void {
    this.#kept.clear()
  }

  #page(kept: Kept, locator: string, at: number, size: number): Page {
    const ids = kept.ids.slice(at, at + size)
    const rows = ids.flatMap((id) => this.#rows.byId(kept.type.name, id) ?? [])
    const end = at + size
    const next = end < kept.ids.length ? { locator, at: end } : undefined
    return { ...kept, rows, total: kept.ids.length, next }
  }

  #keep(kept: Kept): string {
    const locator = `01g${randomBytes(6).toString('hex')}`
    this.#kept.set(locator, kept)
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > queryLocatorsMax && oldest !== undefined) this.#kept.delete(oldest)
    return locator
  }

  #select(where: string, orderBy: string, limit: string, bound: readonly unknown[]): Row[] {
    return this.#connection
      .prepare<unknown[], StoredRow>(`SELECT * FROM rows WHERE ${where} ORDER BY ${orderBy} ${limit}`)
      .all(...bound)
      .map(rowOf)
  }

  #count(where: string, bound: readonly unknown[]): number {
    const statement = this.#connection.prepare<unknown[], number>(`SELECT count(*) FROM rows WHERE ${where}`)
    return statement.pluck().get(...bound) ?? 0
  }
}
