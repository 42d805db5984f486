/** Whether an audit log is whole: every entry there, in its place, and as it was written. */
import type { BridgeHost } from '../context.ts'
import { auditHash, decodeAudit, NO_ENTRY } from './audit-entry.ts'
import { type AuditHead, type AuditTables, auditHead, auditRows } from './audit-trail.ts'

export interface AuditVerdict {
  /** Entries that are whole, from the first. */
  entries: number
  /** The newest of them; whoever notes it elsewhere can tell later that nothing before it was changed or cut off. */
  head: AuditHead
  /** What is wrong with the log, in words; undefined when nothing is. */
  problem?: string
}

/** @param noted a head that was noted earlier: it must still be in the log */
export async function verifyAudit(
  replica: AuditTables,
  system: string,
  host: Pick<BridgeHost, 'sha256'>,
  noted?: AuditHead,
): Promise<AuditVerdict> {
  let head: AuditHead = { n: 0, hash: NO_ENTRY }
  const broken = (problem: string): AuditVerdict => ({ entries: head.n, head, problem })
  let seen = noted === undefined || noted.n === 0
  for await (const { n, bytes } of auditRows(replica, system)) {
    if (n !== head.n + 1) return broken(`entry ${head.n + 1} is missing: entry ${n} follows entry ${head.n}`)
    let prev: string
    try {
      prev = decodeAudit(n, bytes).prev
    } catch {
      return broken(`entry ${n} cannot be read`)
    }
    if (prev !== head.hash)
      return broken(`entry ${n} does not follow entry ${head.n} as it is: one of the two was changed`)
    head = { n, hash: auditHash(host, bytes) }
    if (noted?.n === n) {
      if (noted.hash !== head.hash) return broken(`entry ${n} is another one than was noted`)
      seen = true
    }
  }
  const told = await auditHead(replica, system)
  if (told.n !== head.n || told.hash !== head.hash)
    return broken(
      `the log ends with entry ${head.n}, and says itself that it ends with another entry ${told.n}`,
    )
  if (!seen) return broken(`the log ends with entry ${head.n}, before entry ${noted!.n}, which was noted`)
  return { entries: head.n, head }
}
