/** Types by their names: the config met with what the database says of its tables, asked once and again when something does not fit any more (SPEC SQ-05). */
import type { Failure } from '../adapter-port.ts'
import type { Session } from './connections.ts'
import { type Dialect, tableOf } from './dialect.ts'
import type { ColumnFacts, TableFacts } from './facts.ts'
import type { Shape } from './shape.ts'
import type { TableConfig } from './table-config.ts'

export type Shaped = { kind: 'shape'; shape: Shape } | Failure

export class Shapes {
  readonly #dialect: Dialect
  readonly #tables: Readonly<Record<string, TableConfig>>
  readonly #known = new Map<string, Shape>()

  constructor(dialect: Dialect, tables: Readonly<Record<string, TableConfig>>) {
    this.#dialect = dialect
    this.#tables = tables
  }

  get types(): readonly string[] {
    return Object.keys(this.#tables)
  }

  /** The next question is asked of the database again. */
  forget(): void {
    this.#known.clear()
  }

  /** @throws SqlFailed */
  async of(type: string, session: Session): Promise<Shaped> {
    const known = this.#known.get(type)
    if (known) return { kind: 'shape', shape: known }
    const config = this.#tables[type]
    if (!config)
      return {
        kind: 'rejected',
        reason: `'${type}' is none of the configured tables: ${this.types.join(', ')}`,
      }
    const facts = await this.factsOf(type, session)
    if (!('columns' in facts)) return facts
    const shaped = shapeOf(this.#dialect, { type, config, facts })
    if (shaped.kind === 'shape') this.#known.set(type, shaped.shape)
    return shaped
  }

  /** @throws SqlFailed */
  async factsOf(type: string, session: Session): Promise<TableFacts | Failure> {
    const table = this.#tables[type]?.table ?? type
    const facts = await this.#dialect.facts(table, session)
    return facts ?? { kind: 'rejected', reason: `there is no table ${table}, or we may not see it` }
  }
}

function shapeOf(
  dialect: Dialect,
  { type, config, facts }: { type: string; config: TableConfig; facts: TableFacts },
): Shaped {
  const tableName = config.table ?? type
  const missing: string[] = []
  const columnOf = (name: string): ColumnFacts => {
    const column = facts.columns.get(name)
    if (!column) missing.push(name)
    return column ?? unseen(name)
  }
  const optional = (name: string | undefined) => (name === undefined ? undefined : columnOf(name))
  const keyNames = config.key ?? facts.primaryKey
  if (keyNames.length === 0)
    return { kind: 'rejected', reason: `${tableName} has no primary key, and none is configured` }
  const columns = config.columns.map(columnOf)
  const parts = {
    key: keyNames.map(columnOf),
    externalId: optional(config.externalId),
    columns,
    modifiedAt: optional(config.modifiedAt),
    modifiedBy: optional(config.modifiedBy),
  }
  if (typeof config.version === 'object') columnOf(config.version.column)
  if (missing.length > 0)
    return {
      kind: 'rejected',
      reason: `${tableName} has no column ${missing.join(', ')}`,
      fields: missing,
    }
  const version =
    typeof config.version === 'object'
      ? dialect.shown(columnOf(config.version.column))
      : dialect.version(config, columns)
  const table = tableOf(dialect, tableName)
  return { kind: 'shape', shape: { type, config, facts, tableName, table, version, ...parts } }
}

/** Stands for a column that is reported as missing right after. */
function unseen(name: string): ColumnFacts {
  return { name, kind: 'text', sqlType: 'unknown', nullable: true, filled: true, computed: true }
}
