/**
 * Whether the audit log of a node tells what happened, and nothing else (SPEC B-150): held against what others say of it. Those are the receipts in the replica's log, the ledger of the system
 * itself, and the shadows.
 */
import type { Bridge, MemoryCall, MemorySystem } from '@skerry/bridge'
import { idOf, type Receipt, type ReplicaBase } from '@skerry/core'
import { expect } from 'vitest'
import type { AuditEntry } from '../src/audit/audit-entry.ts'
import { decodeAudit } from '../src/audit/audit-entry.ts'
import { auditRows } from '../src/audit/read-audit.ts'
import { decodeShadowHead } from '../src/shadow.ts'
import { allRows } from '../src/table-rows.ts'
import { tableOf } from '../src/tables.ts'

export async function auditEntries(replica: ReplicaBase, system: string): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = []
  for await (const { n, bytes } of auditRows(replica, system)) entries.push(decodeAudit(n, bytes))
  return entries
}

/** @param bridge at rest */
export async function expectAuditTold(
  bridge: Bridge,
  replica: ReplicaBase,
  system: MemorySystem,
  type = 'cases',
): Promise<void> {
  expect((await bridge.audit.verify()).problem).toBeUndefined()
  const entries = await auditEntries(replica, bridge.name)
  const records = [...new Set(entries.flatMap((entry) => ('record' in entry ? [entry.record] : [])))]
  for (const record of records) {
    const own = entries.filter((entry) => 'record' in entry && entry.record === record)
    await receiptsTold(bridge.name, replica, record, own)
    callsTold(record, own, system.effects(type))
  }
  await shadowsTold(bridge.name, replica, entries)
}

/** Each receipt has its entry, and each entry about a receipt has one. */
async function receiptsTold(
  place: string,
  replica: ReplicaBase,
  record: string,
  own: readonly AuditEntry[],
): Promise<void> {
  const given = (await replica.collection('jobs').receipts(idOf(record))).filter((one) => one.place === place)
  const told = own.filter((entry) => entry.kind === 'told')
  const answered = own.filter((entry) => entry.kind === 'answered')
  const same = (receipt: Receipt) => (entry: (typeof told)[number]) =>
    entry.outcome === receipt.outcome &&
    entry.rule === receipt.rule &&
    JSON.stringify(entry.seqs) === JSON.stringify(receipt.seqs)
  for (const receipt of given) {
    const isTold = told.some(same(receipt)) || (receipt.outcome === 'saved' && answered.length > 0)
    expect([record, receipt.outcome, isTold]).toEqual([record, receipt.outcome, true])
  }
  if (given.length > 0)
    for (const entry of told)
      expect([record, entry.n, given.some((receipt) => same(receipt)(entry))]).toEqual([
        record,
        entry.n,
        true,
      ])
}

/** Each write that the system carried out was begun, and each that it is said to have done it did. */
function callsTold(record: string, own: readonly AuditEntry[], effects: readonly MemoryCall[]): void {
  const written = effects.filter(({ externalId }) => externalId === `skerry:${idOf(record)}`)
  const begun = own.filter((entry) => entry.kind === 'begun')
  for (const { method, fields } of written) {
    const isBegun = begun.some((entry) => {
      const named = Object.values(entry.fields).map(({ external }) => external)
      return method === 'delete' ? entry.action === 'delete' : fields.every((field) => named.includes(field))
    })
    expect([record, method, fields, isBegun]).toEqual([record, method, fields, true])
  }
  const done = new Set(
    own.flatMap((entry) => (entry.kind === 'answered' && entry.answer === 'done' ? [entry.key] : [])),
  )
  const keys = new Set(begun.map(({ key }) => key))
  expect([record, [...done].every((key) => keys.has(key))]).toEqual([record, true])
}

/** The last version that is told of a record is the one that is known here. */
async function shadowsTold(
  place: string,
  replica: ReplicaBase,
  entries: readonly AuditEntry[],
): Promise<void> {
  for await (const { key: record, value } of allRows(replica, tableOf(place, 'shadow'))) {
    const { version } = decodeShadowHead(record, value)
    const last = entries.findLast(
      (entry) =>
        'record' in entry && entry.record === record && 'version' in entry && entry.version !== undefined,
    )
    expect([record, last && 'version' in last && last.version]).toEqual([record, version])
  }
}
