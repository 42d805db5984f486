/** PostgreSQL's own: names, types, what a version is, and what it tells of a table (SPEC PG-10 to PG-15). */
import type { FieldKind } from '@skerry/bridge'
import {
  type Cell,
  type ColumnFacts,
  type Dialect,
  joined,
  raw,
  type Session,
  type Shape,
  sql,
  type TableFacts,
  tableOf,
} from '@skerry/bridge/sql'

const kinds: Readonly<Record<string, FieldKind>> = {
  int2: 'integer',
  int4: 'integer',
  int8: 'integer',
  float4: 'number',
  float8: 'number',
  numeric: 'decimal',
  money: 'decimal',
  bool: 'boolean',
  date: 'date',
  timestamp: 'time',
  timestamptz: 'time',
  json: 'json',
  jsonb: 'json',
}

/** Beside a length, what PostgreSQL keeps in the modifier of a type. */
const MODIFIER_OFFSET = 4
/** Where it keeps the digits behind the point of a `numeric`. */
const NUMERIC_SCALE_BITS = 0x7ff

function quoted(name: string) {
  return raw(`"${name.replaceAll('"', '""')}"`)
}

export const postgresDialect: Dialect = {
  name: 'PostgreSQL',
  quoted,
  facts,
  shown: ({ name, sqlType, kind, readOnly }) => {
    if (sqlType === 'money') return sql`${quoted(name)}::numeric::text`
    if (sqlType === 'bytea') return sql`replace(encode(${quoted(name)}, 'base64'), E'\\n', '')`
    return kind === 'json' && readOnly ? sql`to_jsonb(${quoted(name)})::text` : sql`${quoted(name)}::text`
  },
  version: ({ version = 'xmin' }, columns) => {
    if (version === 'xmin') return raw('xmin::text')
    const cells = columns.map(({ name }) => quoted(name))
    return sql`md5(ROW(${joined(cells, ', ')})::text)`
  },
  encoding: { true: 'true', false: 'false', time: (iso) => iso },
  insertOnce: (table, columns, values) =>
    sql`INSERT INTO ${table} (${joined(columns.map(quoted), ', ')}) VALUES (${joined(values, ', ')}) ON CONFLICT DO NOTHING`,
  now: raw('now()'),
  before: (moment, ms) => sql`(${moment} - interval '${raw(String(ms))} milliseconds')`,
  asText: (moment) => sql`(${moment})::text`,
  // What the log tells is waited for (log-source.ts), and what an outbox tells is visible with it.
  lastWord: raw(''),
  faults,
}

async function facts(table: string, session: Session): Promise<TableFacts | undefined> {
  const name = tableOf({ quoted }, table).rendered(() => '').text
  const found = await session.run(
    sql`SELECT oid::text, obj_description(oid, 'pg_class'), row_security_active(oid)::text FROM pg_class WHERE oid = to_regclass(${name})`,
  )
  const [oid = null, label, hidesRows] = found.rows[0] ?? []
  if (oid === null) return undefined
  const columns = await session.run(sql`
    SELECT a.attname, b.typname, format_type(b.oid, CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END), b.typtype, b.typcategory,
      a.attnotnull OR t.typnotnull, a.atthasdef OR a.attidentity <> '' OR t.typdefault IS NOT NULL, a.attgenerated <> '' OR a.attidentity = 'a',
      CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END,
      (SELECT json_agg(enumlabel ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = b.oid), col_description(a.attrelid, a.attnum)
    FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid JOIN pg_type b ON b.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END
    WHERE a.attrelid = ${oid}::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`)
  return {
    columns: new Map(columns.rows.map((row) => [row[0] ?? '', columnOf(row)])),
    label: label ?? undefined,
    hidesRows: hidesRows === 'true',
    ...(await keysOf(oid, session)),
  }
}

function columnOf(cells: readonly Cell[]): ColumnFacts {
  const [name, typeName, sqlType, typeKind, category, notNull, filled, computed, modifier, labels, label] =
    cells
  const isEnum = typeKind === 'e'
  const isList = category === 'A'
  const length = Number(modifier) - MODIFIER_OFFSET
  return {
    name: name ?? '',
    kind: isEnum ? 'enum' : isList ? 'json' : (kinds[typeName ?? ''] ?? 'text'),
    sqlType: sqlType ?? '',
    nullable: notNull !== 't',
    filled: filled === 't',
    computed: computed === 't',
    readOnly: isList || typeName === 'bytea' ? true : undefined,
    lengthMax: ['varchar', 'bpchar'].includes(typeName ?? '') && length > 0 ? length : undefined,
    scale: typeName === 'numeric' && length > 0 ? length & NUMERIC_SCALE_BITS : undefined,
    values: isEnum ? (JSON.parse(labels ?? '[]') as string[]) : undefined,
    label: label ?? undefined,
  }
}

/** Constraints, and indexes that are unique without being one; each with its columns. */
async function keysOf(
  oid: string,
  session: Session,
): Promise<Pick<TableFacts, 'primaryKey' | 'uniques' | 'constraints' | 'references'>> {
  const { rows } = await session.run(sql`
    SELECT c.conname, c.contype::text, k.names, CASE WHEN pg_table_is_visible(f.oid) THEN f.relname ELSE n.nspname || '.' || f.relname END
    FROM pg_constraint c LEFT JOIN pg_class f ON f.oid = c.confrelid LEFT JOIN pg_namespace n ON n.oid = f.relnamespace, LATERAL (
      SELECT json_agg(a.attname ORDER BY u.at) AS names FROM unnest(c.conkey) WITH ORDINALITY AS u (number, at)
      JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = u.number) k
    WHERE c.conrelid = ${oid}::oid
    UNION ALL
    SELECT r.relname, 'i', (SELECT json_agg(a.attname ORDER BY u.at) FROM unnest(i.indkey) WITH ORDINALITY AS u (number, at)
      JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.number WHERE u.at <= i.indnkeyatts), NULL
    FROM pg_index i JOIN pg_class r ON r.oid = i.indexrelid
    WHERE i.indrelid = ${oid}::oid AND i.indisunique AND i.indisvalid AND i.indexprs IS NULL AND i.indpred IS NULL`)
  const keys = rows.map(([name, type, names, leadsTo]) => ({
    name: name ?? '',
    type,
    columns: JSON.parse(names ?? '[]') as string[],
    leadsTo,
  }))
  const foreign = keys.filter(({ type, columns }) => type === 'f' && columns.length === 1)
  return {
    primaryKey: keys.find(({ type }) => type === 'p')?.columns ?? [],
    uniques: keys.filter(({ type }) => type === 'i').map(({ columns }) => columns),
    constraints: new Map(keys.map(({ name, columns }) => [name, columns])),
    references: new Map(foreign.map(({ columns, leadsTo }) => [columns[0]!, leadsTo ?? ''])),
  }
}

async function faults(shapes: readonly Shape[], session: Session): Promise<string[]> {
  const all: string[] = []
  for (const { type, table, config } of shapes) {
    // A view has no xmin, and says so only when it is asked for.
    const { version = 'xmin' } = config
    if (version === 'xmin') await session.run(sql`SELECT xmin FROM ${table} WHERE false`)
    const name = table.rendered(() => '').text
    for (const right of ['SELECT', 'INSERT', 'UPDATE', 'DELETE']) {
      const { rows } = await session.run(sql`SELECT has_table_privilege(${name}, ${right})::text`)
      if (rows[0]?.[0] !== 'true' && (right !== 'INSERT' || config.externalId !== undefined))
        all.push(`${type}: we have no right to ${right}`)
    }
  }
  return all
}
