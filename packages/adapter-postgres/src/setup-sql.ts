/** What a database's administrator runs once, as SQL: publication, outbox and its triggers, the table of kept answers. Running it again changes nothing. */
import { type Key, tableOf } from '@skerry/bridge/sql'
import { checkConfig, type PostgresAdapterOptions, type PostgresConfig } from './config.ts'
import { postgresDialect } from './postgres-dialect.ts'

/** @throws PostgresConfigError; a TypeError for an outbox of a table whose `key` is not configured */
export function setupSql(options: PostgresAdapterOptions): string {
  const config = checkConfig(options)
  const { changes, calls } = config
  const pieces: string[] = []
  if (changes.by === 'log') pieces.push(publicationSql(config, changes.publication))
  if (changes.by === 'outbox')
    pieces.push(outboxTableSql(changes.table), ...triggersSql(config, changes.table))
  if (calls)
    pieces.push(`CREATE TABLE IF NOT EXISTS ${quoted(calls.table)} (call_key text PRIMARY KEY, called_at timestamptz NOT NULL, answer text);
CREATE INDEX IF NOT EXISTS ${name(`${lastPart(calls.table)}_called_at`)} ON ${quoted(calls.table)} (called_at);`)
  return `${pieces.join('\n')}\n`
}

function publicationSql({ tables }: PostgresConfig, publication: string): string {
  const all = Object.entries(tables).map(([type, { table = type }]) => quoted(table))
  return `DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_publication WHERE pubname = ${text(publication)}) THEN CREATE PUBLICATION ${name(publication)}; END IF;
END $$;
ALTER PUBLICATION ${name(publication)} SET TABLE ${all.join(', ')};`
}

function outboxTableSql(table: string): string {
  return `CREATE TABLE IF NOT EXISTS ${quoted(table)} (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, type text NOT NULL, row_key text NOT NULL, external_id text, op text NOT NULL);
CREATE INDEX IF NOT EXISTS ${name(`${lastPart(table)}_type`)} ON ${quoted(table)} (type, seq);`
}

/** Rows of a table that is emptied are told one by one, before they are gone. */
function triggersSql({ tables }: PostgresConfig, outbox: string): string[] {
  return Object.entries(tables).map(([type, { table = type, key, externalId }]) => {
    if (!key) throw new TypeError(`${type}: the triggers of an outbox want its key: say which columns it has`)
    const into = `INSERT INTO ${quoted(outbox)} (type, row_key, external_id, op)`
    const row = (of: string, op: string) =>
      `${text(type)}, ${keyText(of, key)}, ${externalId === undefined ? 'NULL' : `${of}.${name(externalId)}`}, ${text(op)}`
    const trigger = name(`skerry_outbox_${lastPart(table)}`)
    const emptied = name(`skerry_emptied_${lastPart(table)}`)
    return `CREATE OR REPLACE FUNCTION ${trigger}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$ BEGIN
  IF TG_OP = 'TRUNCATE' THEN ${into} SELECT ${row('gone', 'd')} FROM ${quoted(table)} gone; RETURN NULL; END IF;
  IF TG_OP <> 'INSERT' THEN
    IF TG_OP = 'DELETE' OR ${keyText('OLD', key)} <> ${keyText('NEW', key)} THEN ${into} VALUES (${row('OLD', 'd')}); END IF;
  END IF;
  IF TG_OP <> 'DELETE' THEN ${into} VALUES (${row('NEW', 'u')}); END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER ${trigger} AFTER INSERT OR UPDATE OR DELETE ON ${quoted(table)} FOR EACH ROW EXECUTE FUNCTION ${trigger}();
CREATE OR REPLACE TRIGGER ${emptied} BEFORE TRUNCATE ON ${quoted(table)} FOR EACH STATEMENT EXECUTE FUNCTION ${trigger}();`
  })
}

/** As the adapter writes keys: a JSON list of texts. */
function keyText(row: string, key: Key): string {
  return `json_build_array(${key.map((column) => `${row}.${name(column)}::text`).join(', ')})::text`
}

function quoted(table: string): string {
  return tableOf(postgresDialect, table).rendered(() => '').text
}

function name(text: string): string {
  return postgresDialect.quoted(text).rendered(() => '').text
}

function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}

function lastPart(table: string): string {
  return table.split('.').at(-1) ?? table
}
