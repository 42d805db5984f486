/** What this device knows of each blob that it took or fetched, as rows of the replica's store: they survive whatever the replica survives. */
import { decodeUtf8, encodeUtf8, type ReplicaBase } from '@skerry/core'
import { LEDGER_ROWS_MAX } from './limits.ts'

export interface LedgerRow {
  sha256: string
  bytes: number
  type: string
  /** Key of the record that refers to it: `orders/17`. */
  record: string
  /** Other records that an original was taken for. */
  alsoFor?: readonly string[]
  /** `waiting`: an original that the hub has not confirmed. `dropped`: one that nobody wants, and whose content is on its way out. */
  state: 'waiting' | 'at-hub' | 'refused' | 'dropped'
  /** Why it was refused. */
  words?: string
  /** Place in the queue; thumbnails come before their pictures. */
  order: number
  /** Where an upload goes on. */
  uploadUrl?: string
  /** Milliseconds since 1970, to USED_GRAIN_MS. */
  usedAt: number
}

export interface Ledger {
  get(sha256: string): Promise<LedgerRow | undefined>
  /** Makes of the row as it is now what it is to be; undefined: none. Durable when it resolves, and nobody comes between. */
  update(sha256: string, change: (row: LedgerRow | undefined) => LedgerRow | undefined): Promise<void>
  all(): Promise<LedgerRow[]>
}

const TABLE = 'blobs'

export function replicaLedger(replica: Pick<ReplicaBase, 'transact' | 'table' | 'tableRows'>): Ledger {
  return {
    async get(sha256) {
      const value = await replica.table(TABLE, sha256)
      return value && decode(value)
    },
    update: (sha256, change) =>
      replica.transact(async ({ tables }) => {
        const value = await tables.get(TABLE, sha256)
        const row = change(value && decode(value))
        tables.put(TABLE, sha256, row && encodeUtf8(JSON.stringify(row)))
      }),
    async all() {
      const rows = await replica.tableRows(TABLE, { limit: LEDGER_ROWS_MAX })
      return rows.map(({ value }) => decode(value))
    },
  }
}

function decode(value: Uint8Array): LedgerRow {
  return JSON.parse(decodeUtf8(value) ?? '') as LedgerRow
}
