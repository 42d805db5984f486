/** A type as it is bridged: config and facts together, and the pieces of SQL that follow from them. */
import type { ColumnFacts, TableFacts } from './facts.ts'
import type { Sql } from './statement.ts'
import type { TableConfig } from './table-config.ts'

export interface Shape {
  type: string
  config: TableConfig
  facts: TableFacts
  /** As the config names it. */
  tableName: string
  table: Sql
  key: readonly ColumnFacts[]
  externalId: ColumnFacts | undefined
  columns: readonly ColumnFacts[]
  modifiedAt: ColumnFacts | undefined
  modifiedBy: ColumnFacts | undefined
  version: Sql
}
