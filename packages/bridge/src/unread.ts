/** Rows that could not be taken in: set aside with the reason, so that the rest goes on (SPEC B-28). */
import type { ExternalRow } from './adapter-port.ts'
import { mappingOfRow } from './choose-mapping.ts'
import type { BridgeContext } from './context.ts'
import { resolveRow } from './mapping/references.ts'
import { mappedValue } from './mapping.ts'
import type { BridgeTables } from './tables.ts'

export async function setAside(
  context: BridgeContext,
  tables: BridgeTables,
  row: ExternalRow,
  reason: string,
): Promise<void> {
  tables.putUnread(row.type, row.id, { version: row.version, reason })
  tables.tell({
    level: 'warn',
    code: 'row-set-aside',
    message: `${row.type} ${row.id} was not taken in: ${reason}`,
    fields: { type: row.type, row: row.id },
  })
  await waitForReferences(context, tables, row)
}

/** What it lacks may be a reference: once that is known the row is tried again (B-83). */
async function waitForReferences(
  context: BridgeContext,
  tables: BridgeTables,
  row: ExternalRow,
): Promise<void> {
  // Of several mappings the first does: their filters may be what failed.
  const mapping = await mappingOfRow(context, tables, {
    type: row.type,
    id: row.id,
    externalId: row.externalId,
  })
  if (!mapping || row.deleted) return
  const { unknown } = await resolveRow(context, tables, mapping, mappedValue(mapping, row))
  for (const link of unknown) tables.putWait(link, row)
}
