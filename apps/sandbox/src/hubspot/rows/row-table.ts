/** Rows in SQLite: reading and storing, without any rule. `RowWriter` decides what may be stored. */
import type { Connection } from '../../database.ts'
import type { Row } from './row.ts'

type StoredRow = Omit<Row, 'properties'> & { properties: string }

function rowOf(stored: StoredRow): Row {
  return { ...stored, properties: JSON.parse(stored.properties) }
}

export class RowTable {
  readonly #connection: Connection
  readonly #put
  readonly #find
  readonly #page
  readonly #number
  readonly #dropKeys
  readonly #putKey
  readonly #findKey

  constructor(connection: Connection) {
    this.#connection = connection
    this.#put = connection.prepare(
      `INSERT INTO rows VALUES (:type, :id, :createdAt, :modifiedAt, :archivedAt, :mergedInto, :properties)
       ON CONFLICT (type, id) DO UPDATE SET modifiedAt = :modifiedAt, archivedAt = :archivedAt, mergedInto = :mergedInto, properties = :properties`,
    )
    this.#find = connection.prepare<unknown[], StoredRow>('SELECT * FROM rows WHERE type = ? AND id = ?')
    this.#page = connection.prepare<unknown[], StoredRow>(
      `SELECT * FROM rows WHERE type = :type AND id > :after AND mergedInto IS NULL
       AND CASE WHEN :archived THEN archivedAt >= :keptSince ELSE archivedAt IS NULL END ORDER BY id LIMIT :limit`,
    )
    this.#number = connection
      .prepare<unknown[], number>(
        `INSERT INTO counters VALUES ('rows', 501) ON CONFLICT (name) DO UPDATE SET last = last + 1 RETURNING last`,
      )
      .pluck()
    this.#dropKeys = connection.prepare('DELETE FROM keys WHERE type = ? AND property = ? AND id = ?')
    this.#putKey = connection.prepare('INSERT INTO keys VALUES (?, ?, ?, ?)')
    this.#findKey = connection
      .prepare<unknown[], number>('SELECT id FROM keys WHERE type = ? AND property = ? AND value = ?')
      .pluck()
  }

  /** @param keys the row's values of unique properties, which no other row may have */
  put(row: Row, keys: Readonly<Record<string, string | undefined>>): void {
    this.#put.run({ ...row, properties: JSON.stringify(row.properties) })
    for (const [property, value] of Object.entries(keys)) {
      this.#dropKeys.run(row.type, property, row.id)
      if (value) this.#putKey.run(row.type, property, keyOf(value), row.id)
    }
  }

  /** The next number, never given twice. */
  nextNumber(): number {
    return this.#number.get() as number
  }

  /** Archived and merged ones too. */
  byId(type: string, id: number): Row | undefined {
    const stored = this.#find.get(type, id)
    return stored && rowOf(stored)
  }

  /** The living row that has this value. */
  byKey(type: string, property: string, value: string): Row | undefined {
    const id = this.#findKey.get(type, property, keyOf(value))
    return id === undefined ? undefined : this.byId(type, id)
  }

  /** @param keptSince archived rows from before are not listed any more */
  page(type: string, query: { after: number; archived: boolean; keptSince: number; limit: number }): Row[] {
    return this.#page.all({ type, ...query, archived: query.archived ? 1 : 0 }).map(rowOf)
  }

  /** All of a type, archived and merged ones too, in the order in which they were made. */
  all(type: string): Row[] {
    return this.#connection
      .prepare<unknown[], StoredRow>('SELECT * FROM rows WHERE type = ? ORDER BY id')
      .all(type)
      .map(rowOf)
  }
}

/** Unique values are compared without regard to case. */
function keyOf(value: string): string {
  return value.toLowerCase()
}
