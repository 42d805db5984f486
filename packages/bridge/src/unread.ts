/** Rows that could not be taken in: set aside with the reason, so that the rest goes on (SPEC B-28). */
import type { ReplicaBase } from '@skerry/core'
import type { ExternalRow } from './adapter-port.ts'
import { mappingOfRow } from './choose-mapping.ts'
import type { BridgeContext } from './context.ts'
import { knownPart } from './mapping/references.ts'
import { mappedValue } from './mapping.ts'
import { allRows } from './table-rows.ts'
import { type BridgeTables, decodeUnread, tableOf, type Unread, unreadKey } from './tables.ts'

/** Every row that was set aside and not taken in since, in order of type and id. */
export async function* eachUnread(
  replica: ReplicaBase,
  system: string,
): AsyncGenerator<Unread & { type: string; row: string }> {
  for await (const { key, value } of allRows(replica, tableOf(system, 'unread'))) {
    const [type = '', row = ''] = key.split('\n')
    yield { type, row, ...decodeUnread(value) }
  }
}

export async function unreadAt(
  replica: ReplicaBase,
  system: string,
  { type, row }: { type: string; row: string },
): Promise<Unread | undefined> {
  const bytes = await replica.table(tableOf(system, 'unread'), unreadKey(type, row))
  return bytes && decodeUnread(bytes)
}

/** @param row of one that the system would not show, its name alone */
export async function setAside(
  context: BridgeContext,
  tables: BridgeTables,
  row: ExternalRow | { type: string; id: string },
  reason: string,
): Promise<void> {
  const { type, id } = row
  const version = 'version' in row ? row.version : ''
  tables.putUnread(type, id, { version, reason })
  tables.note({ kind: 'aside', type, rowId: id, version, reason })
  tables.tell({
    level: 'warn',
    code: 'row-set-aside',
    message: `${type} ${id} was not taken in: ${reason}`,
    fields: { type, row: id },
  })
  if ('version' in row && !row.deleted) await waitForReferences(context, tables, row)
}

/** What it lacks may be a reference: once that is known the row is tried again (B-83). */
async function waitForReferences(
  context: BridgeContext,
  tables: BridgeTables,
  row: ExternalRow,
): Promise<void> {
  const { type, id, externalId } = row
  // Of several mappings the first does: their filters may be what failed.
  const mapping = await mappingOfRow(context, tables, { type, id, externalId })
  if (!mapping) return
  const { unknown } = await knownPart(context, tables, mapping, mappedValue(mapping, row))
  for (const link of unknown) tables.putWait(link, row)
}
