/** Messages of `pgoutput` as what the adapter wants to know: keys, where a transaction ends, and that a table was emptied. */
import { type LogEvent, SqlFailed } from '@skerry/bridge/sql'
import { type Pgoutput, PgoutputPlugin } from 'pg-logical-replication'

export interface Table {
  schema: string
  name: string
  key: readonly string[]
}

/** Decodes one session's messages, in their order: relations are told once, before their first row. */
export class LogMessages {
  readonly #plugin = new PgoutputPlugin({ protoVersion: 1, publicationNames: [] })

  parse(message: Buffer): Pgoutput.Message {
    const parsed = this.#plugin.parse(message)
    // The same object is looked into for every later row: keys stay the server's own text.
    if (parsed.tag === 'relation') for (const column of parsed.columns) column.parser = (text: string) => text
    return parsed
  }
}

function isOf(relation: Pick<Pgoutput.MessageRelation, 'schema' | 'name'>, table: Table): boolean {
  return relation.schema === table.schema && relation.name === table.name
}

/** What a message says of this table; a changed key is the end of the old one. @throws SqlFailed when the log does not have the key */
export function eventsOf(message: Pgoutput.Message, table: Table): LogEvent[] {
  switch (message.tag) {
    case 'commit':
      return [{ kind: 'commit', at: message.commitEndLsn ?? '' }]
    case 'truncate':
      return message.relations.some((relation) => isOf(relation, table)) ? [{ kind: 'emptied' }] : []
    case 'insert':
      return isOf(message.relation, table) ? [told(table, message.new, false)] : []
    case 'delete':
      return isOf(message.relation, table) ? [told(table, message.old ?? message.key, true)] : []
    case 'update': {
      if (!isOf(message.relation, table)) return []
      const now = told(table, message.new, false)
      const before = message.old ?? message.key
      if (before === null) return [now]
      const left = told(table, before, true)
      return left.told.key.every((part, i) => part === now.told.key[i]) ? [now] : [left, now]
    }
    default:
      return []
  }
}

function told(
  { key, schema, name }: Table,
  values: Record<string, unknown> | null,
  gone: boolean,
): Extract<LogEvent, { kind: 'told' }> {
  const parts = key.map((column) => values?.[column])
  if (parts.every((part) => typeof part === 'string')) return { kind: 'told', told: { key: parts, gone } }
  const reason = `the log of ${schema}.${name} is without ${key.join(', ')}: its replica identity must have the key`
  throw new SqlFailed({ kind: 'rejected', reason })
}
