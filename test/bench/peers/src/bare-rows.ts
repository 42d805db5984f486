/**
 * What the bare limit stores and sends: each record as JSON, in a row of plain SQLite with the durability that ours has, numbered in the order of writing so that a
 * device can ask for what came after. No merge, no rights, no history: nothing built on these two libraries can take less.
 */
import Database from 'better-sqlite3'

/** A row as it is sent: sequence at the server, id, record as JSON. */
export type Row = readonly [seq: number, id: string, json: string]

/** Characters of a message with rows: what a session of ours fills a frame with. */
const MESSAGE_LENGTH_MAX = 256 * 1024

export class BareRows {
  readonly #db: Database.Database
  readonly #put: Database.Statement<[string, string, number]>
  readonly #next: Database.Statement<[], number>

  constructor(path: string) {
    this.#db = new Database(path)
    this.#db.pragma('journal_mode = WAL')
    this.#db.pragma('synchronous = FULL')
    this.#db.exec(
      'CREATE TABLE IF NOT EXISTS rows (id TEXT PRIMARY KEY, json TEXT NOT NULL, seq INTEGER NOT NULL) WITHOUT ROWID;' +
        'CREATE INDEX IF NOT EXISTS rows_seq ON rows (seq)',
    )
    this.#put = this.#db.prepare('INSERT OR REPLACE INTO rows (id, json, seq) VALUES (?, ?, ?)')
    this.#next = this.#db.prepare<[], number>('SELECT coalesce(max(seq), 0) + 1 FROM rows').pluck()
  }

  /** Commits these rows, as they are numbered. */
  keep(rows: readonly Row[]): void {
    this.#db.exec('BEGIN IMMEDIATE')
    for (const [seq, id, json] of rows) this.#put.run(id, json, seq)
    this.#db.exec('COMMIT')
  }

  /** Commits a record under the next number. */
  add(id: string, json: string): Row {
    const row: Row = [this.#next.get()!, id, json]
    this.keep([row])
    return row
  }

  get(id: string): string | undefined {
    return this.#db.prepare<[string], string>('SELECT json FROM rows WHERE id = ?').pluck().get(id)
  }

  *all(): Generator<Row> {
    yield* this.after(0)
  }

  *after(seq: number): Generator<Row> {
    const rows = this.#db.prepare<[number], { seq: number; id: string; json: string }>(
      'SELECT seq, id, json FROM rows WHERE seq > ? ORDER BY seq',
    )
    for (const row of rows.iterate(seq)) yield [row.seq, row.id, row.json]
  }

  get head(): number {
    return this.#next.get()! - 1
  }

  close(): void {
    this.#db.close()
  }
}

/** Rows in messages of bounded length; one that is longer by itself goes alone. */
export function* messagesOf(rows: Iterable<Row>): Generator<Row[]> {
  let [message, length]: [Row[], number] = [[], 0]
  for (const row of rows) {
    if (message.length > 0 && length + row[2].length > MESSAGE_LENGTH_MAX) {
      yield message
      ;[message, length] = [[], 0]
    }
    message.push(row)
    length += row[2].length
  }
  if (message.length > 0) yield message
}
