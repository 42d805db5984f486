/** Rows that could not be taken in: set aside with the reason, so that the rest goes on (SPEC B-28). */
import type { BridgeTables } from './tables.ts'

export async function setAside(
  tables: BridgeTables,
  row: { type: string; id: string; version?: string | undefined },
  reason: string,
): Promise<void> {
  tables.putUnread(row.type, row.id, { version: row.version ?? '', reason })
  tables.tell({
    level: 'warn',
    code: 'row-set-aside',
    message: `${row.type} ${row.id} was not taken in: ${reason}`,
    fields: { type: row.type, row: row.id },
  })
}
