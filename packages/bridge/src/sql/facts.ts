/** What a database says of one table: columns, keys, and which of them a row cannot be without. */
import type { FieldKind, FieldSchema, TypeSchema } from '../adapter-port.ts'
import type { TableConfig } from './table-config.ts'

export interface ColumnFacts {
  name: string
  kind: FieldKind
  /** How the database writes the type: `character varying(40)`. */
  sqlType: string
  nullable: boolean
  /** A row made without it has something there. */
  filled: boolean
  /** The database computes it, and refuses to be told. */
  computed: boolean
  /** Of a kind that is read and never written: a list, a point. */
  readOnly?: boolean | undefined
  lengthMax?: number | undefined
  /** Digits behind the point, of a decimal. */
  scale?: number | undefined
  values?: readonly string[] | undefined
  label?: string | undefined
}

export interface TableFacts {
  columns: ReadonlyMap<string, ColumnFacts>
  /** In their order; empty: none. */
  primaryKey: readonly string[]
  /** Columns that are unique together, of constraints and indexes without a condition. */
  uniques: readonly (readonly string[])[]
  /** Columns that a constraint of this name is about. */
  constraints: ReadonlyMap<string, readonly string[]>
  /** By column, the table it leads to. */
  references: ReadonlyMap<string, string>
  /** Some rows may be hidden from us. */
  hidesRows: boolean
  label?: string | undefined
}

export function isUnique({ uniques }: TableFacts, column: string): boolean {
  return uniques.some((columns) => columns.length === 1 && columns[0] === column)
}

/** @param typesOf types that are bridged, by table */
export function typeSchemaOf(
  type: string,
  config: TableConfig,
  facts: TableFacts,
  typesOf: (table: string) => readonly string[],
): TypeSchema {
  const bridged = new Set(config.columns)
  const schemaOf = (column: ColumnFacts): FieldSchema => {
    const leadsTo = facts.references.get(column.name)
    return {
      name: column.name,
      label: column.label,
      kind: leadsTo === undefined ? column.kind : 'reference',
      required: !column.nullable && !column.filled,
      writable: bridged.has(column.name) && !column.computed && column.readOnly !== true,
      unique: isUnique(facts, column.name),
      lengthMax: column.lengthMax,
      scale: column.scale,
      values: column.values,
      references: leadsTo === undefined ? undefined : typesOf(leadsTo),
    }
  }
  return { type, label: facts.label, fields: [...facts.columns.values()].map(schemaOf) }
}
