/**
 * Changes by a column of time: rows behind (time, key), ties included. A transaction shows its rows late, with the time of when it began, so each pass begins `overlapMs` before the one before did; what is told twice costs nothing. Deleted
 * rows are not seen.
 */

import type { Json } from '@skerry/core'
import * as z from 'zod'
import type { Source, SourcePage } from './changes.ts'
import type { Session } from './connections.ts'
import { nameOf } from './dialect.ts'
import type { Reader } from './rows.ts'
import type { Shape } from './shape.ts'
import { joined, raw, sql } from './statement.ts'
import type { TimeConfig } from './table-config.ts'

const markSchema = z.strictObject({
  /** Rows of this time and later. */
  since: z.string(),
  /** While a pass goes on: its last row told, as time and key, and where the next pass begins. */
  behind: z.array(z.string()).optional(),
  nextSince: z.string().optional(),
})

export class TimeSource implements Source {
  readonly by = 'time'
  readonly tellsDeletions = false
  readonly writes = false
  readonly #reader: Reader
  readonly #overlapMs: number

  constructor(reader: Reader, { overlapMs }: TimeConfig) {
    this.#reader = reader
    this.#overlapMs = overlapMs
  }

  async begin(shape: Shape, session: Session): Promise<Json> {
    return { since: await this.#overlapped(shape, session) }
  }

  async page(shape: Shape, given: Json, limit: number, session: Session): Promise<SourcePage> {
    const mark = markSchema.safeParse(given).data
    if (!mark || !shape.modifiedAt) return { kind: 'expired' }
    const time = nameOf(this.#reader.dialect, shape.modifiedAt)
    const order = [time, ...this.#reader.keyNames(shape)]
    const nextSince = mark.nextSince ?? (await this.#overlapped(shape, session))
    const where = mark.behind ? this.#reader.isBehind(order, mark.behind) : sql`${time} >= ${mark.since}`
    const rest = sql`WHERE ${where} ORDER BY ${joined(order, ', ')} LIMIT ${raw(String(limit))}`
    const found = await this.#reader.rows(shape, rest, session)
    const last = found.length < limit ? undefined : found.at(-1)
    const next = last
      ? { since: mark.since, behind: [last.modifiedAt ?? '', ...last.key], nextSince }
      : { since: nextSince }
    return { kind: 'rows', rows: found.map(({ row }) => row), mark: next, complete: last === undefined }
  }

  async faults(shapes: readonly Shape[]): Promise<string[]> {
    return shapes.flatMap(({ type, modifiedAt }) => {
      if (!modifiedAt) return [`${type}: changes by time want a column modifiedAt`]
      if (modifiedAt.kind !== 'time')
        return [`${type}: ${modifiedAt.name} is ${modifiedAt.sqlType}, and no time`]
      return modifiedAt.nullable
        ? [`${type}: ${modifiedAt.name} may be empty, and such a row is told once only`]
        : []
    })
  }

  async #overlapped({ modifiedAt }: Shape, session: Session): Promise<string> {
    const { dialect } = this.#reader
    if (!modifiedAt) return ''
    const moment = dialect.before(dialect.now, this.#overlapMs)
    const { rows } = await session.run(sql`SELECT ${dialect.asText(moment)}`)
    return rows[0]?.[0] ?? ''
  }
}
