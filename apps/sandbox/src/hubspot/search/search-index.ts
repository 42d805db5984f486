/** What a search sees: rows as they were when the index last heard of them, which is some time ago. */
import type { Clock } from '../../clock.ts'
import type { Connection } from '../../database.ts'
import type { ObjectType } from '../objects/object-type.ts'
import type { Values } from '../objects/values.ts'
import type { Row } from '../rows/row.ts'
import { allValues } from '../rows/told-row.ts'
import type { HubSpotSettings } from '../settings.ts'

export type IndexedRow = { id: number; modifiedAt: number; values: Values }
type Stored = { id: number; modifiedAt: number; properties: string }
type Waiting = Stored & { seq: number; type: string }

/** A question in SQL over the columns of `indexed`. */
export type Question = { where: string; values: unknown[]; order: string; limit: number; offset: number }

export class SearchIndex {
  readonly #connection: Connection
  readonly #clock: Clock
  readonly #settings: HubSpotSettings
  readonly #wait
  readonly #due
  readonly #put
  readonly #drop
  readonly #done

  constructor(connection: Connection, clock: Clock, settings: HubSpotSettings) {
    this.#connection = connection
    this.#clock = clock
    this.#settings = settings
    this.#wait = connection.prepare(
      'INSERT INTO indexing (type, id, dueAt, modifiedAt, properties) VALUES (?, ?, ?, ?, ?)',
    )
    this.#due = connection.prepare<unknown[], Waiting>('SELECT * FROM indexing WHERE dueAt <= ? ORDER BY seq')
    this.#put = connection.prepare(
      `INSERT INTO indexed VALUES (:type, :id, :modifiedAt, :properties)
       ON CONFLICT (type, id) DO UPDATE SET modifiedAt = :modifiedAt, properties = :properties`,
    )
    this.#drop = connection.prepare('DELETE FROM indexed WHERE type = ? AND id = ?')
    this.#done = connection.prepare('DELETE FROM indexing WHERE seq = ?')
  }

  add(type: ObjectType, row: Row): void {
    const lives = row.archivedAt === null && row.mergedInto === null
    const dueAt = this.#clock.now() + this.#settings.searchLagMs
    const properties = lives ? JSON.stringify(allValues(type, row)) : null
    this.#wait.run(type.name, row.id, dueAt, row.modifiedAt, properties)
  }

  /** What waits for a row, however long, is seen from now on. */
  show(type: string, id: number): number {
    return this.#connection
      .prepare('UPDATE indexing SET dueAt = 0 WHERE type = ? AND id = ? AND dueAt IS NULL')
      .run(type, id).changes
  }

  /** What a row waits for is held back until `show`. */
  hold(type: string, id: number): void {
    this.#connection.prepare('UPDATE indexing SET dueAt = NULL WHERE type = ? AND id = ?').run(type, id)
  }

  ask(
    type: string,
    { where, values, order, limit, offset }: Question,
  ): { total: number; rows: IndexedRow[] } {
    this.#catchUp()
    const total = this.#connection
      .prepare<unknown[], number>(`SELECT count(*) FROM indexed WHERE type = ? AND (${where})`)
      .pluck()
      .get(type, ...values) as number
    const rows = this.#connection
      .prepare<unknown[], Stored>(
        `SELECT id, modifiedAt, properties FROM indexed WHERE type = ? AND (${where}) ORDER BY ${order} LIMIT ? OFFSET ?`,
      )
      .all(type, ...values, limit, offset)
      .map(({ properties, ...rest }) => ({ ...rest, values: JSON.parse(properties) as Values }))
    return { total, rows }
  }

  #catchUp(): void {
    this.#connection.transaction(() => {
      for (const { seq, type, id, modifiedAt, properties } of this.#due.all(this.#clock.now())) {
        if (properties === null) this.#drop.run(type, id)
        else this.#put.run({ type, id, modifiedAt, properties })
        this.#done.run(seq)
      }
    })()
  }
}
