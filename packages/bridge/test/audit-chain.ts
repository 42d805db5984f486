/** An audit log without a bridge: facts that are told one after the other, and rows that somebody changes behind its back. */
import { decodeUtf8, encodeUtf8 } from '@skerry/core'
import { numberKey } from '../src/audit/audit-entry.ts'
import type { AuditFact, FactOf } from '../src/audit/audit-fact.ts'
import { AuditLog } from '../src/audit/audit-log.ts'
import { verifyAudit } from '../src/audit/verify-audit.ts'
import { nothingWithheld } from '../src/privacy/withheld.ts'
import { BridgeTables, type TableKind, tableOf } from '../src/tables.ts'
import { openNode, type TestNode } from './nodes.ts'

export const unchanged = (record: string, version = 'v1'): AuditFact => ({
  kind: 'unchanged',
  record,
  type: 'cases',
  rowId: '7',
  version,
})

export const told = (record: string, reason: string): FactOf<'told'> => ({
  kind: 'told',
  record,
  outcome: 'refused',
  fields: ['/title'],
  seqs: {},
  reason,
  values: { '/title': { was: 'a', became: null } },
})

export function append(
  { replica, host }: TestNode,
  facts: readonly AuditFact[],
  keepsValues = false,
): Promise<void> {
  return replica.transact(async (transaction) => {
    const tables = new BridgeTables(transaction, 'crm')
    for (const fact of facts) tables.note(fact)
    await new AuditLog({ host, keepsValues, withheld: nothingWithheld }).write(tables)
  })
}

export async function withEntries(count: number): Promise<TestNode> {
  const node = await openNode()
  await append(
    node,
    Array.from({ length: count }, (_, i) => unchanged(`jobs/${i % 3}`, `v${i}`)),
  )
  return node
}

export function put(
  { replica }: TestNode,
  kind: TableKind,
  key: string,
  value: Uint8Array | undefined,
): Promise<void> {
  return replica.transact(async (transaction) => transaction.tables.put(tableOf('crm', kind), key, value))
}

/** An entry as somebody would have it. */
export async function rewrite(node: TestNode, n: number, change: Record<string, unknown>): Promise<void> {
  const bytes = await node.replica.table(tableOf('crm', 'audit'), numberKey(n))
  const entry = JSON.parse(decodeUtf8(bytes!)!) as object
  await put(node, 'audit', numberKey(n), encodeUtf8(JSON.stringify({ ...entry, ...change })))
}

export async function problem(
  { replica, host }: TestNode,
  noted?: { n: number; hash: string },
): Promise<string | undefined> {
  return (await verifyAudit(replica, 'crm', host, noted)).problem
}
