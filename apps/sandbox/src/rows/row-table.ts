/** Rows in SQLite: reading and storing, without any rule. `RowWriter` decides what may be stored. */
import type { Connection } from '../database.ts'
import type { Row } from './row.ts'

type StoredRow = Omit<Row, 'deleted' | 'fields'> & { deleted: number; fields: string }

export type PageQuery = {
  /** Only rows after this place in the order (modifiedAt, id). */
  after: { modifiedAt: number; id: string }
  includeDeleted: boolean
  limit: number
}

const columns = 'id, externalId, version, modifiedAt, modifiedBy, deleted, fields'

function rowOf(stored: StoredRow): Row {
  return { ...stored, deleted: stored.deleted === 1, fields: JSON.parse(stored.fields) }
}

export class RowTable {
  readonly #connection: Connection
  readonly #put
  readonly #byId
  readonly #byExternalId
  readonly #page
  readonly #latest
  readonly #count

  constructor(connection: Connection) {
    this.#connection = connection
    const select = `SELECT ${columns} FROM rows WHERE type = ?`
    this.#put = connection.prepare(
      `INSERT INTO rows (type, ${columns}) VALUES (:type, :id, :externalId, :version, :modifiedAt, :modifiedBy, :deleted, :fields)
       ON CONFLICT (type, id) DO UPDATE SET externalId = :externalId, version = :version, modifiedAt = :modifiedAt,
       modifiedBy = :modifiedBy, deleted = :deleted, fields = :fields`,
    )
    this.#byId = connection.prepare<unknown[], StoredRow>(`${select} AND id = ?`)
    this.#byExternalId = connection.prepare<unknown[], StoredRow>(`${select} AND externalId = ?`)
    this.#page = connection.prepare<unknown[], StoredRow>(
      `${select} AND (modifiedAt, id) > (?, ?) AND (deleted = 0 OR ?) ORDER BY modifiedAt, id LIMIT ?`,
    )
    this.#latest = connection.prepare<unknown[], StoredRow>(
      `${select} AND (? = '' OR instr(lower(id || ' ' || coalesce(externalId, '') || ' ' || fields), lower(?)) > 0)
       ORDER BY modifiedAt DESC, id DESC LIMIT ?`,
    )
    this.#count = connection
      .prepare<unknown[], number>(
        'INSERT INTO counters VALUES (?, 1) ON CONFLICT (type) DO UPDATE SET last = last + 1 RETURNING last',
      )
      .pluck()
  }

  put(type: string, row: Row): void {
    this.#put.run({ type, ...row, deleted: row.deleted ? 1 : 0, fields: JSON.stringify(row.fields) })
  }

  /** The next number of a type, from 1, never given twice. */
  nextNumber(type: string): number {
    return this.#count.get(type) as number
  }

  byId(type: string, id: string): Row | undefined {
    const stored = this.#byId.get(type, id)
    return stored && rowOf(stored)
  }

  byExternalId(type: string, externalId: string): Row | undefined {
    const stored = this.#byExternalId.get(type, externalId)
    return stored && rowOf(stored)
  }

  page(type: string, query: PageQuery): Row[] {
    const { after, includeDeleted, limit } = query
    return this.#page.all(type, after.modifiedAt, after.id, includeDeleted ? 1 : 0, limit).map(rowOf)
  }

  /** Newest first, tombstones too; `search` is a part of any value. */
  latest(type: string, search: string, limit: number): Row[] {
    return this.#latest.all(type, search, search, limit).map(rowOf)
  }

  /** Milliseconds of the newest change of any row, 0 when there is none. */
  lastModifiedAt(): number {
    return (
      this.#connection.prepare<[], number>('SELECT coalesce(max(modifiedAt), 0) FROM rows').pluck().get() ?? 0
    )
  }

  counts(type: string): { rows: number; deleted: number; duplicates: number } {
    const found = this.#connection
      .prepare<unknown[], { rows: number; deleted: number; duplicates: number }>(
        `SELECT count(*) - coalesce(sum(deleted), 0) AS rows, coalesce(sum(deleted), 0) AS deleted,
         count(externalId) - count(DISTINCT externalId) AS duplicates FROM rows WHERE type = ?`,
      )
      .get(type)
    return found ?? { rows: 0, deleted: 0, duplicates: 0 }
  }
}
