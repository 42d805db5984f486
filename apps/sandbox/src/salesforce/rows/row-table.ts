/** Rows in SQLite: reading and storing, without any rule. `RowWriter` decides what may be stored. */
import type { Connection } from '../../database.ts'
import type { Row } from './row.ts'

export type StoredRow = Omit<Row, 'deleted' | 'hidden' | 'fields'> & {
  deleted: number
  hidden: number
  fields: string
}

export function rowOf(stored: StoredRow): Row {
  return {
    ...stored,
    deleted: stored.deleted === 1,
    hidden: stored.hidden === 1,
    fields: JSON.parse(stored.fields),
  }
}

export class RowTable {
  readonly #connection: Connection
  readonly #put
  readonly #find
  readonly #number
  readonly #dropKeys
  readonly #putKey
  readonly #findKey

  constructor(connection: Connection) {
    this.#connection = connection
    this.#put = connection.prepare(
      `INSERT INTO rows VALUES (:type, :id, :createdAt, :createdBy, :modifiedAt, :modifiedBy, :deleted, :hidden, :fields)
       ON CONFLICT (type, id) DO UPDATE SET modifiedAt = :modifiedAt, modifiedBy = :modifiedBy, deleted = :deleted,
       hidden = :hidden, fields = :fields`,
    )
    this.#find = connection.prepare<unknown[], StoredRow>('SELECT * FROM rows WHERE type = ? AND id = ?')
    this.#number = connection
      .prepare<unknown[], number>(
        'INSERT INTO counters VALUES (?, 1) ON CONFLICT (type) DO UPDATE SET last = last + 1 RETURNING last',
      )
      .pluck()
    this.#dropKeys = connection.prepare('DELETE FROM keys WHERE type = ? AND field = ? AND id = ?')
    this.#putKey = connection.prepare('INSERT INTO keys VALUES (?, ?, ?, ?)')
    this.#findKey = connection.prepare<unknown[], StoredRow>(
      `SELECT rows.* FROM keys JOIN rows ON rows.type = keys.type AND rows.id = keys.id
       WHERE keys.type = ? AND field = ? AND value = ? AND deleted = 0 ORDER BY rows.id`,
    )
  }

  /** @param keys the row's values of fields that rows are found by */
  put(row: Row, keys: Readonly<Record<string, string | null>>): void {
    const { deleted, hidden, fields } = row
    this.#put.run({
      ...row,
      deleted: deleted ? 1 : 0,
      hidden: hidden ? 1 : 0,
      fields: JSON.stringify(fields),
    })
    for (const [field, value] of Object.entries(keys)) {
      this.#dropKeys.run(row.type, field, row.id)
      if (value !== null) this.#putKey.run(row.type, field, value, row.id)
    }
  }

  /** The next number of a type, from 1, never given twice. */
  nextNumber(type: string): number {
    return this.#number.get(type) as number
  }

  /** Deleted and hidden ones too. */
  byId(type: string, id: string): Row | undefined {
    const stored = this.#find.get(type, id)
    return stored && rowOf(stored)
  }

  /** Rows that live and have this value in a field that rows are found by. */
  byKey(type: string, field: string, value: string): Row[] {
    return this.#findKey.all(type, field, value).map(rowOf)
  }

  /** All of a type, deleted and hidden ones too, in the order in which they were made. */
  all(type: string): Row[] {
    return this.#connection
      .prepare<unknown[], StoredRow>('SELECT * FROM rows WHERE type = ? ORDER BY id')
      .all(type)
      .map(rowOf)
  }

  /** Takes a row away for good. */
  erase(type: string, id: string): void {
    this.#connection.prepare('DELETE FROM keys WHERE type = ? AND id = ?').run(type, id)
    this.#connection.prepare('DELETE FROM rows WHERE type = ? AND id = ?').run(type, id)
  }

  /** When the oldest transaction of a type began that is not committed yet; undefined when there is none. */
  oldestHidden(type: string): number | undefined {
    return (
      this.#connection
        .prepare<unknown[], number | null>('SELECT min(modifiedAt) FROM rows WHERE type = ? AND hidden = 1')
        .pluck()
        .get(type) ?? undefined
    )
  }
}
