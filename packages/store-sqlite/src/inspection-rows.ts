/** What inspection tells of single rows, as they are kept: key-value tables, and each record's frontier for core to decode. Beside a running node, like inspection.ts. */
import type { TableRow } from '@skerry/core'
import { reading } from './inspection.ts'
import { Names } from './names.ts'
import { PairReader } from './pairs.ts'
import { RowReader } from './record-rows.ts'

/** Rows of a key-value table in ascending key, above `after`, at most `limit`. @throws StoreError io (no such file), corrupt, newer-format */
export function inspectTable(
  path: string,
  { table, after, limit }: { table: string; after?: string; limit: number },
): TableRow[] {
  return reading(path, (db) =>
    new PairReader(db, new Names(db)).scan(table, { limit, ...(after !== undefined && { after }) }),
  )
}

export interface FrontierReport {
  record: string
  /** Encoded; core's decodeFrontier reads it. */
  frontier: Uint8Array
}

/** Records of a collection in ascending key, above `after`, at most `limit`. @throws StoreError as inspectTable */
export function inspectFrontiers(
  path: string,
  { collection, after = '', limit }: { collection: string; after?: string; limit: number },
): FrontierReport[] {
  return reading(path, (db) =>
    new RowReader(db, new Names(db))
      .scanRows(collection, after, limit)
      .map(({ record, frontier }) => ({ record, frontier })),
  )
}
