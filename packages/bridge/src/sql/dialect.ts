/** How one database speaks: what SQL leaves open, and what it tells of itself. */
import type { Session } from './connections.ts'
import type { ColumnFacts, TableFacts } from './facts.ts'
import type { Shape } from './shape.ts'
import { joined, type Sql } from './statement.ts'
import type { TableConfig } from './table-config.ts'

export interface Dialect {
  /** For people: `PostgreSQL`. */
  name: string
  /** An identifier, quoted. */
  quoted(name: string): Sql
  /** Undefined: there is no such table, or we may not see it. @throws SqlFailed */
  facts(table: string, session: Session): Promise<TableFacts | undefined>
  /** A column as text that `decoded` understands. */
  shown(column: ColumnFacts): Sql
  /** What a version consists of, as text; `table` names the row. */
  version(config: TableConfig, columns: readonly ColumnFacts[]): Sql
  /** Texts of true and false, and of a time that is given in ISO 8601 and UTC. */
  encoding: { true: string; false: string; time(iso: string): string }
  /** One row into a table where its key may be already: then nothing happens, and none is affected. */
  insertOnce(table: Sql, columns: readonly string[], values: readonly Sql[]): Sql
  /** Now, and a number of milliseconds before it, as a value of a time column. */
  now: Sql
  before(moment: Sql, ms: number): Sql
  /** A moment as text, as `shown` has a column of time. */
  asText(moment: Sql): Sql
  /** Reading rows of these keys must wait for whoever is about to commit one of them, so that no change that was told of is read too early. */
  lastWord: Sql
  /** What is not as the adapter needs it, in sentences; for `check`. @throws SqlFailed */
  faults(shapes: readonly Shape[], session: Session): Promise<string[]>
}

/** `sales.things`: each part quoted. */
export function tableOf(dialect: Pick<Dialect, 'quoted'>, name: string): Sql {
  return joined(
    name.split('.').map((part) => dialect.quoted(part)),
    '.',
  )
}

/** The column, by its name alone. */
export function nameOf(dialect: Pick<Dialect, 'quoted'>, { name }: ColumnFacts): Sql {
  return dialect.quoted(name)
}
