/** Rows of a table as the port tells them, and the SELECT that brings them. */
import type { ExternalRow } from '../adapter-port.ts'
import type { Session } from './connections.ts'
import { type Dialect, nameOf, tableOf } from './dialect.ts'
import type { ColumnFacts } from './facts.ts'
import type { Shape } from './shape.ts'
import { type Cell, joined, raw, type Sql, sql } from './statement.ts'
import { decoded } from './values.ts'

/** Texts of the key's columns, in their order. */
export type Key = readonly string[]

/** The version of what is not there. */
const GONE = 'gone'

export function idOf(key: Key): string {
  return key.length === 1 ? key[0]! : JSON.stringify(key)
}

/** Undefined for an id that no row of this table can have. */
export function keyOf({ key: columns }: Shape, id: string): Key | undefined {
  const key = columns.length === 1 ? [id] : textsIn(id)
  if (key?.length !== columns.length) return undefined
  return columns.every(({ kind }, i) => kind !== 'integer' || /^-?\d{1,19}$/.test(key[i]!)) ? key : undefined
}

function textsIn(id: string): string[] | undefined {
  try {
    const key: unknown = JSON.parse(id)
    return Array.isArray(key) && key.every((part) => typeof part === 'string') ? key : undefined
  } catch {
    return undefined
  }
}

export function goneRow(shape: Shape, id: string, externalId: string | undefined): ExternalRow {
  return { type: shape.type, id, externalId, version: GONE, deleted: true, value: {} }
}

/** A row, and the cells by which listings go on behind it. */
export interface Found {
  row: ExternalRow
  key: Key
  modifiedAt: Cell
}

export class Reader {
  readonly dialect: Dialect

  constructor(dialect: Dialect) {
    this.dialect = dialect
  }

  /** @param rest what follows FROM: conditions, order, limit @throws SqlFailed */
  async rows(shape: Shape, rest: Sql, session: Session): Promise<Found[]> {
    const shown = (column: ColumnFacts | undefined) => (column ? this.dialect.shown(column) : raw('NULL'))
    const { key, version, externalId, modifiedAt, modifiedBy, columns } = shape
    const wanted = [
      ...key.map(shown),
      version,
      ...[externalId, modifiedAt, modifiedBy, ...columns].map(shown),
    ]
    // Named anew: ORDER BY would take the text that is shown for the column that is ordered.
    const named = wanted.map((piece, i) => sql`${piece} AS ${raw(`c${i}`)}`)
    const { rows } = await session.run(sql`SELECT ${joined(named, ', ')} FROM ${shape.table} ${rest}`)
    return rows.map((cells) => foundIn(shape, cells))
  }

  /** @throws SqlFailed */
  async byKey(shape: Shape, key: Key, session: Session): Promise<Found | undefined> {
    return (await this.rows(shape, sql`WHERE ${this.isKey(shape, key)}`, session))[0]
  }

  /** Those that are there, in no order. @throws SqlFailed */
  async byKeys(shape: Shape, keys: readonly Key[], session: Session, rest = raw('')): Promise<Found[]> {
    if (keys.length === 0) return []
    const isOne = joined(
      keys.map((key) => this.isKey(shape, key)),
      ' OR ',
    )
    return this.rows(shape, sql`WHERE ${isOne} ${rest}`, session)
  }

  /** Where the database takes upper and lower case for the same, another row may be found than the one asked for. @throws SqlFailed */
  async byExternalId(shape: Shape, externalId: string, session: Session): Promise<Found | undefined> {
    if (!shape.externalId) return undefined
    const rest = sql`WHERE ${nameOf(this.dialect, shape.externalId)} = ${externalId}`
    return (await this.rows(shape, rest, session)).find(({ row }) => row.externalId === externalId)
  }

  isKey({ key: columns }: Shape, key: Key): Sql {
    const parts = columns.map((column, i) => sql`${nameOf(this.dialect, column)} = ${key[i]!}`)
    return sql`(${joined(parts, ' AND ')})`
  }

  /** Rows behind these cells in the order of these columns; spelled out, so that every database finds its index. */
  isBehind(columns: readonly Sql[], cells: readonly Cell[]): Sql {
    const [column, ...others] = columns
    const [cell = null, ...rest] = cells
    if (column === undefined) return raw('FALSE')
    if (others.length === 0) return sql`${column} > ${cell}`
    const deeper = this.isBehind(others, rest)
    return sql`(${column} >= ${cell} AND (${column} > ${cell} OR (${column} = ${cell} AND ${deeper})))`
  }

  keyNames(shape: Shape): Sql[] {
    return shape.key.map((column) => nameOf(this.dialect, column))
  }

  table(name: string): Sql {
    return tableOf(this.dialect, name)
  }
}

function foundIn(shape: Shape, cells: readonly Cell[]): Found {
  const keys = shape.key.length
  const key = cells.slice(0, keys).map((cell) => cell ?? '')
  const [version, externalId, modifiedAt = null, modifiedBy, ...values] = cells.slice(keys)
  const at =
    shape.modifiedAt && modifiedAt !== null
      ? Date.parse(String(decoded(shape.modifiedAt, modifiedAt)))
      : Number.NaN
  const row: ExternalRow = {
    type: shape.type,
    id: idOf(key),
    externalId: externalId ?? undefined,
    version: version ?? '',
    modifiedAt: Number.isNaN(at) ? undefined : at,
    modifiedBy: modifiedBy ?? undefined,
    deleted: false,
    value: Object.fromEntries(
      shape.columns.map((column, i) => [column.name, decoded(column, values[i] ?? null)]),
    ),
  }
  return { row, key, modifiedAt }
}
