/** A decision of this bridge as a change on top of everything that is here: deterministic like an import, so two nodes that decide the same write the same (SPEC B-32). */

import type { JsonObject, RecordState } from '@skerry/core'
import { importRow } from '@skerry/core'
import type { BridgeContext } from './context.ts'
import type { BridgeTables } from './tables.ts'

interface Deciding {
  record: string
  value: JsonObject
  /** The row, as far as it was heard. */
  row: { type: string; id: string; version: string; modifiedAt?: number | undefined }
  /** False brings a deleted record back. */
  deleted?: boolean
}

export async function importAtHeads(
  { system }: BridgeContext,
  tables: BridgeTables,
  { record, value, row, deleted }: Deciding,
): Promise<RecordState> {
  return importRow(tables.transaction, record, {
    system,
    externalId: `${row.type}/${row.id}`,
    externalVersion: row.version,
    fork: await tables.transaction.save(record),
    value,
    time: row.modifiedAt,
    decided: true,
    ...(deleted !== undefined && { deleted }),
  })
}
