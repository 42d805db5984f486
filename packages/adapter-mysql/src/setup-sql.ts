/** What a database's administrator runs once, as statements one after the other: outbox and its triggers, the table of kept answers. Running them again changes nothing. */
import { type Key, tableOf } from '@skerry/bridge/sql'
import { checkConfig, type MysqlAdapterOptions } from './config.ts'
import { mysqlDialect } from './mysql-dialect.ts'

/** @throws MysqlConfigError; a TypeError for an outbox of a table whose `key` is not configured */
export function setupStatements(options: MysqlAdapterOptions): string[] {
  const { changes, calls, tables } = checkConfig(options)
  const statements: string[] = []
  if (changes.by === 'outbox') {
    statements.push(`CREATE TABLE IF NOT EXISTS ${quoted(changes.table)} (
  seq bigint AUTO_INCREMENT PRIMARY KEY, type varchar(190) NOT NULL, row_key text NOT NULL, external_id text, op char(1) NOT NULL, KEY (type, seq)) ENGINE = InnoDB`)
    for (const [type, { table = type, key, externalId }] of Object.entries(tables)) {
      if (!key)
        throw new TypeError(`${type}: the triggers of an outbox want its key: say which columns it has`)
      statements.push(...triggers({ type, table, key, externalId, outbox: changes.table }))
    }
  }
  if (calls)
    statements.push(
      `CREATE TABLE IF NOT EXISTS ${quoted(calls.table)} (call_key varchar(190) CHARACTER SET ascii PRIMARY KEY, called_at datetime(6) NOT NULL, answer longtext, KEY (called_at)) ENGINE = InnoDB`,
    )
  return statements
}

interface Filled {
  type: string
  table: string
  key: Key
  externalId: string | undefined
  outbox: string
}

function triggers({ type, table, key, externalId, outbox }: Filled): string[] {
  const row = (of: string, op: string) =>
    `SELECT ${text(type)}, ${keyText(of, key)}, ${externalId === undefined ? 'NULL' : `${of}.${name(externalId)}`}, ${text(op)} FROM DUAL`
  const moved = `WHERE ${keyText('OLD', key)} <> ${keyText('NEW', key)}`
  const bodies = {
    INSERT: row('NEW', 'u'),
    UPDATE: `${row('OLD', 'd')} ${moved} UNION ALL ${row('NEW', 'u')}`,
    DELETE: row('OLD', 'd'),
  }
  return Object.entries(bodies).flatMap(([event, body]) => {
    const trigger = name(`skerry_outbox_${lastPart(table)}_${event.toLowerCase()}`)
    return [
      `DROP TRIGGER IF EXISTS ${trigger}`,
      `CREATE TRIGGER ${trigger} AFTER ${event} ON ${quoted(table)} FOR EACH ROW INSERT INTO ${quoted(outbox)} (type, row_key, external_id, op) ${body}`,
    ]
  })
}

/** As the adapter writes keys: a JSON list of texts. */
function keyText(row: string, key: Key): string {
  return `JSON_ARRAY(${key.map((column) => `CAST(${row}.${name(column)} AS CHAR)`).join(', ')})`
}

function quoted(table: string): string {
  return tableOf(mysqlDialect, table).rendered(() => '').text
}

function name(text: string): string {
  return mysqlDialect.quoted(text).rendered(() => '').text
}

function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}

function lastPart(table: string): string {
  return table.split('.').at(-1) ?? table
}
