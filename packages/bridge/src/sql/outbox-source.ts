/**
 * Changes by a queue that triggers fill, in the transactions of the changes themselves. What was told is removed once the page behind it is asked for, so the order in which transactions become visible does not matter: what comes
 * late is simply still there. One row per type holds the number of the last page that was removed; by it a queue that was emptied or restored shows (SPEC SQ-33).
 */
import type { Json } from '@skerry/core'
import * as z from 'zod'
import type { Source, SourcePage, Told } from './changes.ts'
import type { Session } from './connections.ts'
import type { Reader } from './rows.ts'
import type { Shape } from './shape.ts'
import { type Cell, joined, raw, type Sql, sql } from './statement.ts'
import type { OutboxConfig } from './table-config.ts'

const markSchema = z.strictObject({
  /** Number of the page that was told last. */
  page: z.number().int(),
  /** What stood on it. */
  told: z.array(z.string()),
})

const keySchema = z.array(z.string())
/** Old positions may be one page ahead of what the queue has seen removed; a new beginning is ahead of them all. */
const PAGES_AHEAD = 2

export class OutboxSource implements Source {
  readonly by = 'outbox'
  readonly tellsDeletions = true
  readonly writes = true
  readonly #reader: Reader
  readonly #name: string

  constructor(reader: Reader, { table }: OutboxConfig) {
    this.#reader = reader
    this.#name = table
  }

  async begin(shape: Shape, session: Session): Promise<Json> {
    const before = await this.#removedPage(shape, session)
    const page = before === undefined ? Date.now() : before + PAGES_AHEAD
    if (before === undefined)
      await session.run(
        sql`INSERT INTO ${this.#table} (type, row_key, op) VALUES (${shape.type}, ${String(page)}, 'm')`,
      )
    else await this.#setRemovedPage(shape, page, session)
    return { page, told: [] }
  }

  async page(shape: Shape, given: Json, limit: number, session: Session): Promise<SourcePage> {
    const mark = markSchema.safeParse(given).data
    const removed = mark && (await this.#removedPage(shape, session))
    if (!mark || (removed !== mark.page && removed !== mark.page - 1)) return { kind: 'expired' }
    if (removed !== mark.page) await this.#remove(shape, mark, session)
    const { rows } = await session.run(
      sql`SELECT seq, row_key, external_id, op FROM ${this.#table} WHERE type = ${shape.type} AND op <> 'm' ORDER BY seq LIMIT ${raw(String(limit))}`,
    )
    const told = rows.flatMap((cells) => toldOf(shape, cells))
    const next =
      rows.length === 0
        ? { page: mark.page, told: [] }
        : { page: mark.page + 1, told: rows.map(([seq]) => seq ?? '') }
    return { kind: 'told', told, mark: next, complete: rows.length < limit }
  }

  /** @throws SqlFailed when there is no such table */
  async faults(_: readonly Shape[], session: Session): Promise<string[]> {
    await session.run(sql`SELECT seq, type, row_key, external_id, op FROM ${this.#table} WHERE 1 = 0`)
    return []
  }

  get #table(): Sql {
    return this.#reader.table(this.#name)
  }

  async #removedPage({ type }: Shape, session: Session): Promise<number | undefined> {
    const { rows } = await session.run(
      sql`SELECT row_key FROM ${this.#table} WHERE type = ${type} AND op = 'm'`,
    )
    return rows[0] === undefined ? undefined : Number(rows[0][0])
  }

  async #setRemovedPage({ type }: Shape, page: number, session: Session): Promise<void> {
    await session.run(
      sql`UPDATE ${this.#table} SET row_key = ${String(page)} WHERE type = ${type} AND op = 'm'`,
    )
  }

  async #remove(shape: Shape, { page, told }: z.output<typeof markSchema>, session: Session): Promise<void> {
    const numbers = told.map((seq) => sql`${seq}`)
    if (numbers.length > 0)
      await session.run(sql`DELETE FROM ${this.#table} WHERE seq IN (${joined(numbers, ', ')})`)
    await this.#setRemovedPage(shape, page, session)
  }
}

/** A queue that somebody else wrote into may say what is no key of this table: it is passed by, and removed with its page. */
function toldOf(shape: Shape, [, text, externalId, op]: readonly Cell[]): Told[] {
  const key = keySchema.safeParse(JSON.parse(text ?? '[]')).data
  if (key?.length !== shape.key.length) return []
  return [{ key, gone: op === 'd', externalId: externalId ?? undefined }]
}
