/** What MySQL and MariaDB have of their own: names, types, versions, and what they tell of a table (SPEC MY-10 to MY-15). */
import type { FieldKind } from '@skerry/bridge'
import {
  type Cell,
  type ColumnFacts,
  type Dialect,
  joined,
  raw,
  type Session,
  type Shape,
  type Sql,
  sql,
  type TableFacts,
} from '@skerry/bridge/sql'

const kinds: Readonly<Record<string, FieldKind>> = {
  tinyint: 'integer',
  smallint: 'integer',
  mediumint: 'integer',
  int: 'integer',
  bigint: 'integer',
  year: 'integer',
  bit: 'integer',
  float: 'number',
  double: 'number',
  decimal: 'decimal',
  date: 'date',
  datetime: 'time',
  timestamp: 'time',
  json: 'json',
  enum: 'enum',
}

const bytes = ['binary', 'varbinary', 'tinyblob', 'blob', 'mediumblob', 'longblob']
const US_PER_MS = 1_000

function quoted(name: string): Sql {
  return raw(`\`${name.replaceAll('`', '``')}\``)
}

export const mysqlDialect: Dialect = {
  name: 'MySQL',
  quoted,
  facts,
  shown,
  version: (_, columns) => {
    // `QUOTE` writes what is empty without quotes, so that no two rows look alike.
    const cells = columns.map((column) => sql`QUOTE(${shown(column)})`)
    return sql`SHA2(CONCAT_WS(',', ${joined(cells, ', ')}), 256)`
  },
  encoding: { true: '1', false: '0', time: (iso) => iso.replace('T', ' ').replace('Z', '') },
  insertOnce: (table, columns, values) =>
    sql`INSERT IGNORE INTO ${table} (${joined(columns.map(quoted), ', ')}) VALUES (${joined(values, ', ')})`,
  now: raw('UTC_TIMESTAMP(6)'),
  before: (moment, ms) => sql`(${moment} - INTERVAL ${raw(String(ms * US_PER_MS))} MICROSECOND)`,
  asText: (moment) => sql`CAST(${moment} AS CHAR)`,
  lastWord: raw('LOCK IN SHARE MODE'),
  faults,
}

function shown({ name, sqlType }: ColumnFacts): Sql {
  const type = sqlType.split('(')[0] ?? ''
  if (bytes.includes(type)) return sql`REPLACE(TO_BASE64(${quoted(name)}), '\n', '')`
  if (type === 'bit') return sql`CAST(${quoted(name)} + 0 AS CHAR)`
  return sql`CAST(${quoted(name)} AS CHAR)`
}

async function facts(table: string, session: Session): Promise<TableFacts | undefined> {
  const [name = '', schema] = table.split('.').reverse()
  const isIt = (schemaColumn: string, nameColumn: string) =>
    sql`${raw(schemaColumn)} = ${schema === undefined ? raw('DATABASE()') : schema} AND ${raw(nameColumn)} = ${name}`
  const found = await session.run(
    sql`SELECT TABLE_COMMENT FROM information_schema.TABLES WHERE ${isIt('TABLE_SCHEMA', 'TABLE_NAME')}`,
  )
  const [label] = found.rows[0] ?? []
  if (label === undefined) return undefined
  const { rows } = await session.run(sql`
    SELECT COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, IS_NULLABLE, COLUMN_DEFAULT, EXTRA, CHARACTER_MAXIMUM_LENGTH, COLUMN_COMMENT
    FROM information_schema.COLUMNS WHERE ${isIt('TABLE_SCHEMA', 'TABLE_NAME')} ORDER BY ORDINAL_POSITION`)
  const columns = rows.map(columnOf)
  const checks = await session.run(sql`
    SELECT t.CONSTRAINT_NAME, c.CHECK_CLAUSE FROM information_schema.TABLE_CONSTRAINTS t JOIN information_schema.CHECK_CONSTRAINTS c
      ON c.CONSTRAINT_SCHEMA = t.CONSTRAINT_SCHEMA AND c.CONSTRAINT_NAME = t.CONSTRAINT_NAME
    WHERE t.CONSTRAINT_TYPE = 'CHECK' AND ${isIt('t.TABLE_SCHEMA', 't.TABLE_NAME')}`)
  return {
    columns: new Map(columns.map((column) => [column.name, asJson(column, checks.rows)])),
    label: label === '' ? undefined : (label ?? undefined),
    hidesRows: false,
    ...(await keysOf(isIt, session, checks.rows, columns)),
  }
}

function columnOf(cells: readonly Cell[]): ColumnFacts {
  const [name, type = '', sqlType, isNullable, initial, extra = '', length, label] = cells
  const isEnum = type === 'enum'
  const isText = type === 'varchar' || type === 'char'
  return {
    name: name ?? '',
    kind: sqlType === 'tinyint(1)' ? 'boolean' : (kinds[type ?? ''] ?? 'text'),
    sqlType: sqlType ?? '',
    nullable: isNullable === 'YES',
    // MariaDB writes the word for a default that is none.
    filled: (initial !== null && initial !== 'NULL') || /auto_increment|DEFAULT_GENERATED/i.test(extra ?? ''),
    computed: /\b(?:VIRTUAL|STORED|PERSISTENT)\b/i.test(extra ?? ''),
    readOnly: [...bytes, 'bit', 'geometry'].includes(type ?? '') ? true : undefined,
    lengthMax: isText && length != null ? Number(length) : undefined,
    scale: type === 'decimal' ? Number(/,(\d+)\)/.exec(sqlType ?? '')?.[1] ?? 0) : undefined,
    values: isEnum ? valuesIn(sqlType ?? '') : undefined,
    label: label == null || label === '' ? undefined : label,
  }
}

/** `enum('open','it''s')` as its values. */
function valuesIn(sqlType: string): string[] {
  return Array.from(sqlType.matchAll(/'((?:[^']|'')*)'/g), ([, value = '']) => value.replaceAll("''", "'"))
}

/** MariaDB keeps JSON as a text with a check. */
function asJson(column: ColumnFacts, checks: readonly (readonly Cell[])[]): ColumnFacts {
  const isJson = checks.some(([, clause]) => clause === `json_valid(\`${column.name}\`)`)
  return isJson ? { ...column, kind: 'json' } : column
}

async function keysOf(
  isIt: (schemaColumn: string, nameColumn: string) => Sql,
  session: Session,
  checks: readonly (readonly Cell[])[],
  columns: readonly ColumnFacts[],
): Promise<Pick<TableFacts, 'primaryKey' | 'uniques' | 'constraints' | 'references'>> {
  const indexes = await session.run(sql`
    SELECT INDEX_NAME, GROUP_CONCAT(COLUMN_NAME ORDER BY SEQ_IN_INDEX SEPARATOR '\n'), COUNT(SUB_PART) FROM information_schema.STATISTICS
    WHERE ${isIt('TABLE_SCHEMA', 'TABLE_NAME')} AND NON_UNIQUE = 0 GROUP BY INDEX_NAME`)
  const foreign = await session.run(sql`
    SELECT CONSTRAINT_NAME, COLUMN_NAME, IF(REFERENCED_TABLE_SCHEMA = DATABASE(), REFERENCED_TABLE_NAME, CONCAT(REFERENCED_TABLE_SCHEMA, '.', REFERENCED_TABLE_NAME))
    FROM information_schema.KEY_COLUMN_USAGE WHERE ${isIt('TABLE_SCHEMA', 'TABLE_NAME')} AND REFERENCED_TABLE_NAME IS NOT NULL`)
  const unique = indexes.rows.map(([name, names, parts]) => ({
    name: name ?? '',
    columns: (names ?? '').split('\n'),
    isWhole: parts === '0',
  }))
  const named = checks.map(([name, clause]) => ({
    name: name ?? '',
    columns: columns.map((column) => column.name).filter((column) => clause?.includes(`\`${column}\``)),
  }))
  const leading = Map.groupBy(foreign.rows, ([name]) => name ?? '')
  return {
    primaryKey: unique.find(({ name }) => name === 'PRIMARY')?.columns ?? [],
    uniques: unique.filter(({ isWhole }) => isWhole).map((index) => index.columns),
    constraints: new Map([
      ...[...unique, ...named].map((one) => [one.name, one.columns] as const),
      ...[...leading].map(([name, rows]) => [name, rows.map(([, column]) => column ?? '')] as const),
    ]),
    references: new Map(foreign.rows.map(([, column, leadsTo]) => [column ?? '', leadsTo ?? ''])),
  }
}

async function faults(shapes: readonly Shape[], session: Session): Promise<string[]> {
  const all: string[] = []
  for (const { type, tableName, externalId } of shapes) {
    const [name = '', schema] = tableName.split('.').reverse()
    const inSchema = schema === undefined ? raw('DATABASE()') : schema
    const { rows } = await session.run(sql`
      SELECT ENGINE, (SELECT COLLATION_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ${inSchema} AND TABLE_NAME = ${name} AND COLUMN_NAME = ${externalId?.name ?? ''})
      FROM information_schema.TABLES WHERE TABLE_SCHEMA = ${inSchema} AND TABLE_NAME = ${name}`)
    const [engine, collation] = rows[0] ?? []
    if (engine !== 'InnoDB') all.push(`${type}: its engine ${engine} has no transactions`)
    if (collation?.endsWith('_ci'))
      all.push(
        `${type}: ${externalId?.name} is compared without upper and lower case (${collation}), and ids differ by them: give it a collation _bin`,
      )
  }
  return all
}
