/** Answers of writes, kept in the database in the transaction of the write itself: a repeat under its key has the answer of the first time (SPEC SQ-27). */
import type { ExternalRow } from '../adapter-port.ts'
import type { Session } from './connections.ts'
import { type Dialect, tableOf } from './dialect.ts'
import { FORGET_MS, FORGOTTEN_ROWS_MAX } from './limits.ts'
import { joined, raw, type Sql, sql } from './statement.ts'
import type { CallsConfig } from './table-config.ts'

const DAY_MS = 86_400_000

export class Calls {
  readonly replayMs: number
  readonly #dialect: Dialect
  readonly #table: Sql
  #forgotAt = Number.NEGATIVE_INFINITY

  constructor(dialect: Dialect, { table, keptDays }: CallsConfig) {
    this.#dialect = dialect
    this.#table = tableOf(dialect, table)
    this.replayMs = keptDays * DAY_MS
  }

  /** The row that the call was answered with before; undefined: it is ours to carry out, and whoever sends it at the same time waits. @throws SqlFailed */
  async claim(key: string, session: Session): Promise<ExternalRow | undefined> {
    const names = ['call_key', 'called_at']
    const claimed = await session.run(
      this.#dialect.insertOnce(this.#table, names, [sql`${key}`, this.#dialect.now]),
    )
    if (claimed.affected > 0) return undefined
    const { rows } = await session.run(sql`SELECT answer FROM ${this.#table} WHERE call_key = ${key}`)
    const answer = rows[0]?.[0]
    return answer == null ? undefined : (JSON.parse(answer) as ExternalRow)
  }

  /** @throws SqlFailed */
  async keep(key: string, row: ExternalRow, session: Session): Promise<void> {
    await session.run(sql`UPDATE ${this.#table} SET answer = ${JSON.stringify(row)} WHERE call_key = ${key}`)
  }

  /** Now and then, some of those that are older than anybody asks for; twice as old, because a clock may be wrong. @throws SqlFailed */
  async forget(session: Session): Promise<void> {
    if (performance.now() - this.#forgotAt < FORGET_MS) return
    this.#forgotAt = performance.now()
    const old = this.#dialect.before(this.#dialect.now, 2 * this.replayMs)
    const { rows } = await session.run(
      sql`SELECT call_key FROM ${this.#table} WHERE called_at < ${old} ORDER BY called_at LIMIT ${raw(String(FORGOTTEN_ROWS_MAX))}`,
    )
    const keys = rows.map(([key = null]) => sql`${key}`)
    if (keys.length > 0)
      await session.run(sql`DELETE FROM ${this.#table} WHERE call_key IN (${joined(keys, ', ')})`)
  }

  /** @throws SqlFailed when there is no such table */
  async check(session: Session): Promise<void> {
    await session.run(sql`SELECT call_key, called_at, answer FROM ${this.#table} WHERE 1 = 0`)
  }
}
