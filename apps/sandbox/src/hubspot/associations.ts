/** Which rows belong together: unlabelled associations, seen from both ends. */
import type { Connection } from '../database.ts'

export type Place = { type: string; id: number }

export class Associations {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  add(one: Place, other: Place): void {
    const insert = this.#connection.prepare('INSERT OR IGNORE INTO associations VALUES (?, ?, ?, ?)')
    insert.run(one.type, one.id, other.type, other.id)
    insert.run(other.type, other.id, one.type, one.id)
  }

  remove(one: Place, other: Place): void {
    const remove = this.#connection.prepare(
      'DELETE FROM associations WHERE fromType = ? AND fromId = ? AND toType = ? AND toId = ?',
    )
    remove.run(one.type, one.id, other.type, other.id)
    remove.run(other.type, other.id, one.type, one.id)
  }

  of({ type, id }: Place, toType: string): number[] {
    return this.#connection
      .prepare<unknown[], number>(
        'SELECT toId FROM associations WHERE fromType = ? AND fromId = ? AND toType = ? ORDER BY toId',
      )
      .pluck()
      .all(type, id, toType)
  }
}
