/** Reading a replica's tables the same way inside a transaction and outside of one. */

import type { ReplicaBase, Tables } from '@skerry/core'

export type TableReader = Pick<Tables, 'get' | 'scan'>

/** The tables as they are durable. */
export function tablesOf(replica: ReplicaBase): TableReader {
  return {
    get: (table, key) => replica.table(table, key),
    scan: (table, range) => replica.tableRows(table, range),
  }
}
