/** The audit log outside an append: its ends, its entries, and what is kept of values. */
import { decodeUtf8, type ReplicaBase, type TableRow } from '@skerry/core'
import { BridgeError } from '../bridge-error.ts'
import { AUDIT_PAGE_ROWS } from '../limits.ts'
import { tableOf } from '../tables.ts'
import { type AuditEntry, type AuditHead, decodeAudit, decodeHead } from './audit-entry.ts'
import { HEAD_KEY, type KeptValues } from './audit-log.ts'

export type AuditTables = Pick<ReplicaBase, 'table' | 'tableRows'>

/** The newest entry. @throws BridgeError damaged-table */
export async function auditHead(replica: AuditTables, system: string): Promise<AuditHead> {
  return decodeHead(await replica.table(tableOf(system, 'audit-head'), HEAD_KEY))
}

/** The entry before the oldest one that is still there (SPEC B-155). @throws BridgeError damaged-table */
export async function auditSeal(replica: AuditTables, system: string): Promise<AuditHead> {
  return decodeHead(await replica.table(tableOf(system, 'audit-seal'), HEAD_KEY))
}

/** Every entry as it is stored, oldest first. */
export async function* auditRows(
  replica: AuditTables,
  system: string,
): AsyncGenerator<{ n: number; bytes: Uint8Array }> {
  for await (const { key, value } of rowsOf(replica, tableOf(system, 'audit'), ''))
    yield { n: Number(key), bytes: value }
}

/** The entries about a record, or a row that is none, oldest first. @throws BridgeError damaged-table */
export async function* auditOf(
  replica: AuditTables,
  system: string,
  subject: string,
): AsyncGenerator<AuditEntry> {
  const prefix = `${subject}\n`
  for await (const { key } of rowsOf(replica, tableOf(system, 'audit-of'), prefix)) {
    const number = key.slice(prefix.length)
    const bytes = await replica.table(tableOf(system, 'audit'), number)
    if (bytes) yield decodeAudit(Number(number), bytes)
  }
}

/** Whether an entry is found by what it is about. */
export async function isIndexed(
  replica: AuditTables,
  system: string,
  { subject, number }: { subject: string; number: string },
): Promise<boolean> {
  return (await replica.table(tableOf(system, 'audit-of'), `${subject}\n${number}`)) !== undefined
}

/** @returns undefined where none are kept @throws BridgeError damaged-table */
export async function keptValues(
  replica: AuditTables,
  system: string,
  key: { subject: string; number: string },
): Promise<KeptValues | undefined> {
  const bytes = await replica.table(tableOf(system, 'audit-values'), `${key.subject}\n${key.number}`)
  if (!bytes) return undefined
  try {
    return JSON.parse(decodeUtf8(bytes) ?? '') as KeptValues
  } catch (cause) {
    throw new BridgeError('damaged-table', `values of audit entry ${Number(key.number)} cannot be read`, {
      cause,
    })
  }
}

export function auditSalt(
  replica: AuditTables,
  system: string,
  subject: string,
): Promise<Uint8Array | undefined> {
  return replica.table(tableOf(system, 'audit-salts'), subject)
}

async function* rowsOf(replica: AuditTables, table: string, prefix: string): AsyncGenerator<TableRow> {
  let after: string | undefined
  for (;;) {
    const range = { prefix, limit: AUDIT_PAGE_ROWS, ...(after !== undefined && { after }) }
    const rows = await replica.tableRows(table, range)
    yield* rows
    if (rows.length < AUDIT_PAGE_ROWS) return
    after = rows.at(-1)!.key
  }
}
