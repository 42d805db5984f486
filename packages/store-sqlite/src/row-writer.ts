/** Writes record rows and their indexes, and gives record keys their ids. */
import type { RecordRow } from '@skerry/core'
import type Database from 'better-sqlite3'
import { rowCrc } from './checksum.ts'
import { fromKeyText, toKeyText } from './key-text.ts'
import type { Names } from './names.ts'
import { fieldName, indexedPairs, indexedText } from './record-rows.ts'

type Known = [id: number, indexed: string | null, shown: number]

export class RowWriter {
  readonly #names: Names
  readonly #sql: ReturnType<typeof statements>
  /** Ids met in this batch: most batches name each record three times. */
  readonly #ids = new Map<string, number>()
  /** Rows in the database, as far as this batch has come. */
  count = 0

  constructor(db: Database.Database, names: Names) {
    this.#names = names
    this.#sql = statements(db)
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
    const known = this.#sql.known.get(key)
    const id = known
      ? known[0]
      : Number(this.#sql.insert.run(key, crc, indexed, row.frontier, view).lastInsertRowid)
    if (known) this.#sql.update.run(crc, indexed, row.frontier, view, id)
    if (!known || known[1] === null) this.count += 1
    this.#ids.set(row.record, id)
    this.#reindex(id, row.collection, shownText(known), view === null ? '[]' : indexed)
  }

  /** Removes the key with its row and indexes; its entries and marks must be gone. */
  forget(id: number): void {
    const [key, indexed, shown] = this.#sql.byId.get(id) as [string, string | null, number]
    const record = fromKeyText(key)
    this.#reindex(id, record.slice(0, record.indexOf('/')), shownText([id, indexed, shown]), '[]')
    if (indexed !== null) this.count -= 1
    this.#sql.drop.run(id)
    this.#ids.delete(record)
  }

  #reindex(id: number, collection: string, before: string, after: string): void {
    if (before === after) return
    const kept = new Set(indexedPairs(after).map((pair) => JSON.stringify(pair)))
    for (const [field, tagged] of indexedPairs(before)) {
      if (kept.has(JSON.stringify([field, tagged]))) continue
      this.#sql.dropField.run(this.#names.intern('f', fieldName(collection, field)), toKeyText(tagged), id)
    }
    for (const [field, tagged] of indexedPairs(after)) {
      this.#sql.field.run(this.#names.intern('f', fieldName(collection, field)), toKeyText(tagged), id)
    }
  }
}

/** What stands in the index for a row: nothing for one without a view. */
function shownText(known: Known | undefined): string {
  return known && known[1] !== null && known[2] === 1 ? known[1] : '[]'
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
    insert: db.prepare('INSERT INTO records (record, crc, indexed, frontier, view) VALUES (?, ?, ?, ?, ?)'),
    update: db.prepare('UPDATE records SET crc = ?, indexed = ?, frontier = ?, view = ? WHERE id = ?'),
    drop: db.prepare('DELETE FROM records WHERE id = ?'),
    field: db.prepare('INSERT OR IGNORE INTO fields VALUES (?, ?, ?)'),
    dropField: db.prepare('DELETE FROM fields WHERE field = ? AND value = ? AND record = ?'),
  }
}
