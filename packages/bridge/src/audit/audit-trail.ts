/** The audit log's rows in the node's own tables: appended to within a turn, read page by page. */
import { decodeUtf8, encodeUtf8, type ReplicaBase, type Transaction } from '@skerry/core'
import type { BridgeHost } from '../context.ts'
import { AUDIT_PAGE_ROWS } from '../limits.ts'
import {
  type AuditEntry,
  type AuditFact,
  auditHash,
  decodeAudit,
  encodeAudit,
  NO_ENTRY,
} from './audit-entry.ts'

/** The newest entry. */
export interface AuditHead {
  n: number
  hash: string
}

/** Digits of an entry's number in its key: as many as keep the order of numbers that a store can count. */
const DIGITS = 15
const HEAD_KEY = 'head'
const none: AuditHead = { n: 0, hash: NO_ENTRY }

const tables = (system: string) => ({
  entries: `bridge/${system}/audit`,
  byRecord: `bridge/${system}/audit-of`,
  head: `bridge/${system}/audit-head`,
})

function numberKey(n: number): string {
  return String(n).padStart(DIGITS, '0')
}

/** Adds what was done to the log; part of the same append as what was done. */
export async function appendAudit(
  transaction: Transaction,
  system: string,
  host: Pick<BridgeHost, 'now' | 'sha256'>,
  fact: AuditFact,
): Promise<void> {
  const names = tables(system)
  const known = await transaction.tables.get(names.head, HEAD_KEY)
  const { n, hash } = known ? (JSON.parse(decodeUtf8(known) ?? '') as AuditHead) : none
  const bytes = encodeAudit({ n: n + 1, at: host.now(), prev: hash, ...fact })
  const head: AuditHead = { n: n + 1, hash: auditHash(host, bytes) }
  transaction.tables.put(names.entries, numberKey(head.n), bytes)
  transaction.tables.put(names.byRecord, `${fact.record}\n${numberKey(head.n)}`, new Uint8Array(0))
  transaction.tables.put(names.head, HEAD_KEY, encodeUtf8(JSON.stringify(head)))
}

export type AuditTables = Pick<ReplicaBase, 'table' | 'tableRows'>

export async function auditHead(replica: AuditTables, system: string): Promise<AuditHead> {
  const value = await replica.table(tables(system).head, HEAD_KEY)
  return value ? (JSON.parse(decodeUtf8(value) ?? '') as AuditHead) : none
}

/** Every entry as it is stored, oldest first. */
export async function* auditRows(
  replica: AuditTables,
  system: string,
): AsyncGenerator<{ n: number; bytes: Uint8Array }> {
  for await (const { key, value } of rowsOf(replica, tables(system).entries, ''))
    yield { n: Number(key), bytes: value }
}

/** The entries of one record, oldest first. @throws BridgeError damaged-table */
export async function* auditOf(
  replica: AuditTables,
  system: string,
  record: string,
): AsyncGenerator<AuditEntry> {
  const names = tables(system)
  for await (const { key } of rowsOf(replica, names.byRecord, `${record}\n`)) {
    const number = key.slice(record.length + 1)
    const bytes = await replica.table(names.entries, number)
    if (bytes) yield decodeAudit(Number(number), bytes)
  }
}

async function* rowsOf(
  replica: AuditTables,
  table: string,
  prefix: string,
): AsyncGenerator<{ key: string; value: Uint8Array }> {
  let after = ''
  for (;;) {
    const rows = await replica.tableRows(table, { prefix, after, limit: AUDIT_PAGE_ROWS })
    yield* rows
    if (rows.length < AUDIT_PAGE_ROWS) return
    after = rows.at(-1)!.key
  }
}
