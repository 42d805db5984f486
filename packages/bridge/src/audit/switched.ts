/** The log says when it begins to be written, by which mappings, and when it is not any more: a time of which nothing stands in it is told by it (SPEC B-156). */
import { encodeUtf8, toHex } from '@skerry/core'
import type { Shared } from '../bridge-life.ts'
import type { BridgeHost } from '../context.ts'
import { MappingFile } from '../mapping/file.ts'
import type { MappingConfig } from '../mapping-config.ts'
import { nothingWithheld } from '../privacy/withheld.ts'
import { BridgeTables, tableOf } from '../tables.ts'
import { type AuditHead, decodeAudit, numberKey } from './audit-entry.ts'
import { AuditLog } from './audit-log.ts'
import { auditHead } from './read-audit.ts'

/** Of all that is written down of the mappings: functions by their text. */
export function mappingsHash(
  { sha256 }: Pick<BridgeHost, 'sha256'>,
  source: readonly MappingConfig[] | MappingFile,
): string {
  const mappings = source instanceof MappingFile ? source.mappings : source
  const text = JSON.stringify(mappings, (_, value: unknown) =>
    typeof value === 'function' ? String(value) : value,
  )
  return toHex(sha256(encodeUtf8(text)))
}

/** When a bridge starts. */
export async function tellSwitched(shared: Shared, mappings: string): Promise<void> {
  if (shared.audit) {
    await shared.transact(async (tables) => tables.note({ kind: 'started', mappings }))
    return
  }
  const { context, replica } = shared
  const head = await auditHead(replica, context.system)
  if (head.n === 0 || (await endsStopped(shared, head))) return
  const log = new AuditLog({ host: context.host, keepsValues: false, withheld: nothingWithheld })
  await replica.transact(async (transaction) => {
    const tables = new BridgeTables(transaction, context.system)
    tables.note({ kind: 'stopped', mappings })
    await log.write(tables)
  })
}

async function endsStopped({ context, replica }: Shared, { n }: AuditHead): Promise<boolean> {
  const bytes = await replica.table(tableOf(context.system, 'audit'), numberKey(n))
  return bytes !== undefined && decodeAudit(n, bytes).kind === 'stopped'
}
