/** Every row of a table of a replica, read page by page: what a bridge loads when it starts, and what operators list. */
import type { ReplicaBase, TableRow } from '@skerry/core'
import { SCAN_ROWS } from './limits.ts'

export async function* allRows(replica: ReplicaBase, table: string): AsyncGenerator<TableRow> {
  let after: string | undefined
  for (;;) {
    const rows = await replica.tableRows(table, { limit: SCAN_ROWS, ...(after !== undefined && { after }) })
    yield* rows
    after = rows.at(-1)?.key
    if (rows.length < SCAN_ROWS) return
  }
}
