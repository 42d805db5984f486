/** What was deleted, and when: the recycle bin empties itself after 15 days, and an administrator may empty it, or the log, earlier. */
import type { Connection } from '../../database.ts'
import { deletedKeptMs } from '../limits.ts'
import type { RowTable } from './row-table.ts'

export type Deletion = { id: string; deletedAt: number }

export class DeletionLog {
  readonly #connection: Connection
  readonly #rows: RowTable

  constructor(connection: Connection, rows: RowTable) {
    this.#connection = connection
    this.#rows = rows
  }

  add(type: string, id: string, deletedAt: number): void {
    this.#connection.prepare('INSERT OR REPLACE INTO deletions VALUES (?, ?, ?)').run(type, id, deletedAt)
  }

  remove(type: string, id: string): void {
    this.#connection.prepare('DELETE FROM deletions WHERE type = ? AND id = ?').run(type, id)
  }

  /** Deletions in [start, end), oldest first. */
  between(type: string, start: number, end: number): Deletion[] {
    return this.#connection
      .prepare<unknown[], Deletion>(
        'SELECT id, deletedAt FROM deletions WHERE type = ? AND deletedAt >= ? AND deletedAt < ? ORDER BY deletedAt, id',
      )
      .all(type, start, end)
  }

  /** Milliseconds since 1970 from which on every deletion is known. */
  knownSince(type: string): number {
    return (
      this.#connection
        .prepare<unknown[], number>('SELECT time FROM deletionsKnownSince WHERE type = ?')
        .pluck()
        .get(type) ?? 0
    )
  }

  /** Takes deleted rows away for good; the log still tells of them. @returns how many there were */
  emptyBin(type: string): number {
    const deleted = this.#rows.all(type).filter((row) => row.deleted)
    for (const { id } of deleted) this.#rows.erase(type, id)
    return deleted.length
  }

  /** Rows and log both: whoever has not asked yet will never be told. */
  forget(type: string, before: number): void {
    for (const { id } of this.between(type, 0, before)) {
      if (this.#rows.byId(type, id)?.deleted) this.#rows.erase(type, id)
      this.remove(type, id)
    }
    this.#connection
      .prepare(
        'INSERT INTO deletionsKnownSince VALUES (?, ?) ON CONFLICT (type) DO UPDATE SET time = max(time, excluded.time)',
      )
      .run(type, before)
  }

  /** What is older than the bin keeps. */
  sweep(type: string, now: number): void {
    const before = now - deletedKeptMs
    if (this.between(type, 0, before).length > 0) this.forget(type, before)
  }
}
