/** Rows in SQLite: reading and storing, without any rule. `RowWriter` decides what may be stored. */
import type { Connection } from '../../database.ts'
import type { Row } from './row.ts'

type StoredRow = Omit<Row, 'deleted' | 'hidden' | 'fields'> & {
  deleted: number
  hidden: number
  fields: string
}

function rowOf(stored: StoredRow): Row {
  const { deleted, hidden, fields } = stored
  return { ...stored, deleted: deleted === 1, hidden: hidden === 1, fields: JSON.parse(fields) }
}

export class RowTable {
  readonly #put
  readonly #find
  readonly #living
  readonly #all
  readonly #since
  readonly #number
  readonly #last
  readonly #dropKeys
  readonly #putKey
  readonly #findKey

  constructor(connection: Connection) {
    this.#put = connection.prepare(
      `INSERT INTO rows VALUES (:type, :id, :version, :modifiedAt, :deleted, :hidden, :fields)
       ON CONFLICT (type, id) DO UPDATE SET version = :version, modifiedAt = :modifiedAt, deleted = :deleted,
       hidden = :hidden, fields = :fields`,
    )
    this.#find = connection.prepare<unknown[], StoredRow>('SELECT * FROM rows WHERE type = ? AND id = ?')
    this.#living = connection.prepare<unknown[], StoredRow>(
      'SELECT * FROM rows WHERE type = ? AND deleted = 0 AND hidden = 0 ORDER BY id',
    )
    this.#all = connection.prepare<unknown[], StoredRow>('SELECT * FROM rows WHERE type = ? ORDER BY version')
    this.#since = connection.prepare<unknown[], StoredRow>(
      'SELECT * FROM rows WHERE type = ? AND version > ? AND hidden = 0 ORDER BY version LIMIT ?',
    )
    this.#number = connection
      .prepare<unknown[], number>(
        `INSERT INTO versions VALUES ('service', 1) ON CONFLICT (name) DO UPDATE SET last = last + 1 RETURNING last`,
      )
      .pluck()
    this.#last = connection.prepare<unknown[], number>('SELECT last FROM versions').pluck()
    this.#dropKeys = connection.prepare('DELETE FROM keys WHERE type = ? AND id = ?')
    this.#putKey = connection.prepare('INSERT INTO keys VALUES (?, ?, ?, ?)')
    this.#findKey = connection.prepare<unknown[], StoredRow>(
      `SELECT rows.* FROM keys JOIN rows ON rows.type = keys.type AND rows.id = keys.id
       WHERE keys.type = ? AND field = ? AND value = ?`,
    )
  }

  /** @param keys values that no other row may have, by property */
  put(row: Row, keys: ReadonlyMap<string, string>): void {
    const { type, id, deleted, hidden, fields } = row
    this.#put.run({
      ...row,
      deleted: deleted ? 1 : 0,
      hidden: hidden ? 1 : 0,
      fields: JSON.stringify(fields),
    })
    this.#dropKeys.run(type, id)
    if (!deleted) for (const [field, value] of keys) this.#putKey.run(type, field, value, id)
  }

  /** Of the whole service, from 1, never given twice. */
  nextVersion(): number {
    return this.#number.get() as number
  }

  lastVersion(): number {
    return this.#last.get() ?? 0
  }

  /** Deleted and hidden ones too. */
  byId(type: string, id: string): Row | undefined {
    const stored = this.#find.get(type, id)
    return stored && rowOf(stored)
  }

  byKey(type: string, field: string, value: string): Row | undefined {
    const stored = this.#findKey.get(type, field, value)
    return stored && rowOf(stored)
  }

  /** Rows that live, in the order of their keys. */
  living(type: string): Row[] {
    return this.#living.all(type).map(rowOf)
  }

  /** Deleted and hidden ones too, in the order of their last change. */
  all(type: string): Row[] {
    return this.#all.all(type).map(rowOf)
  }

  /** Changed and deleted after a version, in that order. */
  since(type: string, version: number, limit: number): Row[] {
    return this.#since.all(type, version, limit).map(rowOf)
  }
}
