/** What this device knows of each blob that it took or fetched, as rows of the replica's store: they survive whatever the replica survives. */
import { decodeUtf8, encodeUtf8, type ReplicaBase, type TableRow } from '@skerry/core'
import { LEDGER_PAGE_ROWS } from './limits.ts'
import type { BlobReasonCode } from './reason.ts'

export interface LedgerRow {
  sha256: string
  bytes: number
  type: string
  /** Key of the record that refers to it: `orders/17`. */
  record: string
  /** Other records that an original was taken for. */
  alsoFor?: readonly string[]
  /** `waiting`: an original that the hub has not confirmed. `dropped`: one that nobody wants, and whose content goes when the hub has answered its removal. */
  state: 'waiting' | 'at-hub' | 'refused' | 'dropped'
  /** Its content was made here, not fetched: if the hub goes back to a backup, this device may be the only one that has it. Absent in rows of earlier versions. */
  taken?: true
  /** Why it was refused. A row of an earlier version has no code. */
  code?: BlobReasonCode
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
  /** Those that the hub is not known to have. Read once, and kept at hand from then on: they are few among all. */
  notAtHub(): Promise<LedgerRow[]>
  /** The hub's generation that this device kept last. */
  generation(): Promise<string | undefined>
  /** Keeps another one, and makes of every row what it is to be under it, in one commit. Resolves with the rows that are new. */
  keepGeneration(generation: string, change: (row: LedgerRow) => LedgerRow): Promise<LedgerRow[]>
}

const TABLE = 'blobs'
/** Of what is known of the hub: hashes are no keys of it. */
const HUB_TABLE = 'blobs-hub'
const GENERATION = 'generation'

/** One at a time over a replica: nobody else writes these rows. */
export function replicaLedger(replica: Pick<ReplicaBase, 'transact' | 'table' | 'tableRows'>): Ledger {
  let notAtHub: Promise<Map<string, LedgerRow>> | undefined
  /** In the order of their commits, as turns resolve in it. */
  const note = async (rows: readonly (readonly [string, LedgerRow | undefined])[]) => {
    const held = await notAtHub
    for (const [sha256, row] of rows) {
      if (row && row.state !== 'at-hub') held?.set(sha256, row)
      else held?.delete(sha256)
    }
  }
  /** A turn of its own, so that it is before an update or after it. */
  const load = async () => {
    const rows = await replica.transact(({ tables }) => allRows((page) => tables.scan(TABLE, page)))
    return new Map(rows.filter(({ state }) => state !== 'at-hub').map((row) => [row.sha256, row]))
  }
  return {
    async get(sha256) {
      const value = await replica.table(TABLE, sha256)
      return value && decode(value)
    },
    async update(sha256, change) {
      const row = await replica.transact(async ({ tables }) => {
        const value = await tables.get(TABLE, sha256)
        const became = change(value && decode(value))
        tables.put(TABLE, sha256, became && encode(became))
        return became
      })
      await note([[sha256, row]])
    },
    all: () => allRows((page) => replica.tableRows(TABLE, page)),
    async notAtHub() {
      notAtHub ??= load()
      try {
        return [...(await notAtHub).values()]
      } catch (error) {
        notAtHub = undefined
        throw error
      }
    },
    async generation() {
      const value = await replica.table(HUB_TABLE, GENERATION)
      return value && decodeUtf8(value)
    },
    async keepGeneration(generation, change) {
      const changed = await replica.transact(async ({ tables }) => {
        tables.put(HUB_TABLE, GENERATION, encodeUtf8(generation))
        const before = await allRows((page) => tables.scan(TABLE, page))
        const after = before.map(change).filter((row, i) => row !== before[i])
        for (const row of after) tables.put(TABLE, row.sha256, encode(row))
        return after
      })
      await note(changed.map((row) => [row.sha256, row]))
      return changed
    },
  }
}

async function allRows(
  read: (page: { after?: string; limit: number }) => Promise<TableRow[]>,
): Promise<LedgerRow[]> {
  const rows: LedgerRow[] = []
  for (let after: string | undefined; ; ) {
    const page = await read({ limit: LEDGER_PAGE_ROWS, ...(after !== undefined && { after }) })
    for (const { value } of page) rows.push(decode(value))
    if (page.length < LEDGER_PAGE_ROWS) return rows
    after = page.at(-1)!.key
  }
}

function encode(row: LedgerRow): Uint8Array {
  return encodeUtf8(JSON.stringify(row))
}

function decode(value: Uint8Array): LedgerRow {
  return JSON.parse(decodeUtf8(value) ?? '') as LedgerRow
}
