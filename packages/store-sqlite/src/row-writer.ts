/** Writes record rows and their indexes, and gives record keys their ids. */
import type { RecordRow } from '@skerry/core'
import type Database from 'better-sqlite3'
import { rowCrc } from './checksum.ts'
import { fromKeyText, toKeyText } from './key-text.ts'
import type { Names } from './names.ts'
import { fieldName, indexedPairs, indexedText, taggedValue } from './record-rows.ts'

/** Declared indexes of a record are few; this many go in one statement. */
const FIELDS_PER_STATEMENT = 8

type Known = [id: number, indexed: string | null, shown: number]

export class RowWriter {
  readonly #path: string
  readonly #names: Names
  readonly #sql: ReturnType<typeof statements>
  /** Inserts of so many index rows: one call for several costs a quarter less. */
  readonly #fields: Database.Statement<(string | number)[]>[]
  /** Ids met in this batch: most batches name each record three times. */
  readonly #ids = new Map<string, number>()
  /** Keys of records whose rows were found damaged: what they say of their index rows may be wrong. */
  readonly #damaged: Set<string>
  /** Rows in the database, as far as this batch has come. */
  count = 0

  constructor(db: Database.Database, names: Names, damaged: Set<string>) {
    this.#path = db.name
    this.#names = names
    this.#damaged = damaged
    this.#sql = statements(db)
    this.#fields = Array.from({ length: FIELDS_PER_STATEMENT + 1 }, (_, rows) =>
      insertFields(db, Math.max(1, rows)),
    )
  }

  begin(count: number): void {
    this.#ids.clear()
    this.count = count
  }

  /** The id of a record key, new where it has none. */
  idOf(record: string): number {
    const met = this.#ids.get(record)
    if (met !== undefined) return met
    const key = toKeyText(record)
    const id = this.find(key) ?? Number(this.#sql.internKey.run(key).lastInsertRowid)
    this.#ids.set(record, id)
    return id
  }

  find(key: string): number | undefined {
    return this.#sql.known.get(key)?.[0]
  }

  put(row: RecordRow): void {
    const key = toKeyText(row.record)
    const indexed = indexedText(row.indexed)
    const view = row.view ?? null
    const crc = rowCrc(key, row.frontier, indexed, view)
    // Most rows of a large batch are new, so that is tried first.
    const inserted = this.#sql.insert.run(key, crc, indexed, row.frontier, view)
    if (inserted.changes === 1) {
      const id = Number(inserted.lastInsertRowid)
      this.#ids.set(row.record, id)
      this.count += 1
      if (view !== null) this.#index(id, row.collection, row.indexed)
      return
    }
    const known = this.#sql.known.get(key) as Known
    const [id] = known
    this.#sql.update.run(crc, indexed, row.frontier, view, id)
    this.#ids.set(row.record, id)
    if (known[1] === null) this.count += 1
    const before = this.#damaged.has(row.record) ? this.#withoutIndex(id) : shownText(known)
    if (before === (view === null ? '[]' : indexed)) return
    this.#unindex(id, row.collection, before)
    if (view !== null) this.#index(id, row.collection, row.indexed)
  }

  /** Removes the key with its row and indexes; its entries and marks must be gone. */
  forget(id: number): void {
    const [key, indexed, shown] = this.#sql.byId.get(id) as [string, string | null, number]
    const record = fromKeyText(key)
    const before = this.#damaged.has(record) ? this.#withoutIndex(id) : shownText([id, indexed, shown])
    this.#unindex(id, record.slice(0, record.indexOf('/')), before)
    if (indexed !== null) this.count -= 1
    this.#sql.drop.run(id)
    this.#ids.delete(record)
  }

  #index(id: number, collection: string, indexed: RecordRow['indexed']): void {
    for (let from = 0; from < indexed.length; from += FIELDS_PER_STATEMENT) {
      const some = indexed.slice(from, from + FIELDS_PER_STATEMENT)
      const values = some.flatMap(([field, value]) => [
        this.#fieldId(collection, field),
        toKeyText(taggedValue(value)),
        id,
      ])
      this.#fields[some.length]?.run(...values)
    }
  }

  /** Drops whatever index rows a damaged row has; returns what it has then. */
  #withoutIndex(id: number): string {
    this.#sql.dropFields.run(id)
    return '[]'
  }

  #unindex(id: number, collection: string, indexed: string): void {
    for (const [field, tagged] of indexedPairs(indexed, this.#path)) {
      this.#sql.dropField.run(this.#fieldId(collection, field), toKeyText(tagged), id)
    }
  }

  #fieldId(collection: string, field: string): number {
    return this.#names.intern('f', fieldName(collection, field))
  }
}

/** What stands in the index for a row: nothing for one without a view. */
function shownText(known: Known | undefined): string {
  return known && known[1] !== null && known[2] === 1 ? known[1] : '[]'
}

function insertFields(db: Database.Database, rows: number): Database.Statement<(string | number)[]> {
  const values = Array.from({ length: rows }, () => '(?, ?, ?)').join()
  return db.prepare<(string | number)[]>(`INSERT OR IGNORE INTO fields VALUES ${values}`)
}

function statements(db: Database.Database) {
  return {
    known: db
      .prepare<[string], Known>('SELECT id, indexed, view IS NOT NULL FROM records WHERE record = ?')
      .raw(),
    byId: db
      .prepare<[number], [string, string | null, number]>(
        'SELECT record, indexed, view IS NOT NULL FROM records WHERE id = ?',
      )
      .raw(),
    internKey: db.prepare('INSERT INTO records (record) VALUES (?)'),
    insert: db.prepare(
      'INSERT INTO records (record, crc, indexed, frontier, view) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    ),
    update: db.prepare('UPDATE records SET crc = ?, indexed = ?, frontier = ?, view = ? WHERE id = ?'),
    drop: db.prepare('DELETE FROM records WHERE id = ?'),
    dropFields: db.prepare('DELETE FROM fields WHERE record = ?'),
    dropField: db.prepare('DELETE FROM fields WHERE field = ? AND value = ? AND record = ?'),
  }
}
