/** Whether an audit log is whole: every entry there, in its place, as it was written, and the values kept beside it those that it was written of (SPEC B-151). */
import { BridgeError } from '../bridge-error.ts'
import type { BridgeHost } from '../context.ts'
import {
  type AuditEntry,
  type AuditHead,
  auditHash,
  decodeAudit,
  NO_ENTRY,
  numberKey,
  subjectOf,
} from './audit-entry.ts'
import {
  type AuditTables,
  auditHead,
  auditRows,
  auditSalt,
  auditSeal,
  isIndexed,
  keptValues,
} from './read-audit.ts'
import { SaltCheck } from './salt-check.ts'
import { REASON, sealed, sealValues } from './seal.ts'

export interface AuditVerdict {
  /** Entries that are whole, from the oldest that was not cut off. */
  entries: number
  /** The last entry that was cut off; number 0 for none. */
  seal: AuditHead
  /** The newest whole one. Noted elsewhere, it tells later that nothing before it was changed or cut off at its new end. */
  head: AuditHead
  /** The first thing that is wrong, in words; undefined when nothing is. */
  problem?: string
}

interface Log {
  replica: AuditTables
  system: string
  host: Pick<BridgeHost, 'sha256'>
}

/** @param noted a head that was noted earlier: it must still be in the log, or lie before what was cut off */
export async function verifyAudit(
  replica: AuditTables,
  system: string,
  host: Pick<BridgeHost, 'sha256'>,
  noted?: AuditHead,
): Promise<AuditVerdict> {
  const log: Log = { replica, system, host }
  for (let isFirst = true; ; isFirst = false)
    try {
      const verdict = await verifyOnce(log, noted)
      if (verdict.problem === undefined) return verdict
      // What was cut off, or erased, meanwhile is missing, and nobody is to blame for it: it is looked at once more.
      if (!isFirst && (await auditSeal(replica, system)).n === verdict.seal.n) return verdict
    } catch (error) {
      // One of its ends, or what is kept of values.
      if (!(error instanceof BridgeError) || error.code !== 'damaged-table') throw error
      return { entries: 0, seal: NO_ENTRY, head: NO_ENTRY, problem: error.message }
    }
}

async function verifyOnce(log: Log, noted: AuditHead | undefined): Promise<AuditVerdict> {
  const { replica, system, host } = log
  const seal = await auditSeal(replica, system)
  // The log may grow meanwhile: what it says of its end now must be so when that is reached.
  const end = await auditHead(replica, system)
  let head = seal
  const broken = (problem: string): AuditVerdict => ({ entries: head.n - seal.n, seal, head, problem })
  /** What the log itself says of the last cut. */
  let cut: AuditHead | undefined
  const salts = new SaltCheck({ host, saltOf: (subject) => auditSalt(replica, system, subject) })
  for await (const { n, bytes } of auditRows(replica, system)) {
    const link = linkOf(n, bytes, head)
    if ('problem' in link) return broken(link.problem)
    const here = { n, hash: auditHash(host, bytes) }
    const wrong =
      otherThan(noted, here) ?? (await notFound(log, link.entry)) ?? (await againstKept(log, link.entry))
    if (wrong) return broken(wrong)
    if (n === end.n && here.hash !== end.hash)
      return broken(`entry ${n} is another one than the log itself says`)
    await salts.see(link.entry)
    if (link.entry.kind === 'cut') cut = { n: link.entry.upTo, hash: link.entry.hash }
    head = here
  }
  const now = head.n > end.n ? await auditHead(replica, system) : end
  const problem =
    otherThan(noted, seal) ??
    notItsEnd(head, { began: end, now }) ??
    notReached(head, noted) ??
    notCutThere(seal, cut) ??
    salts.problem
  return problem ? broken(problem) : { entries: head.n - seal.n, seal, head }
}

function otherThan(noted: AuditHead | undefined, { n, hash }: AuditHead): string | undefined {
  return noted?.n === n && noted.hash !== hash ? `entry ${n} is another one than was noted` : undefined
}

/** @param told the end, as the log said it when this began, and says it now */
function notItsEnd({ n }: AuditHead, told: { began: AuditHead; now: AuditHead }): string | undefined {
  const end = n < told.began.n ? told.began : n > told.now.n ? told.now : undefined
  return end && `the log ends with entry ${n}, and says itself that it ends with entry ${end.n}`
}

function notReached({ n }: AuditHead, noted: AuditHead | undefined): string | undefined {
  return noted && noted.n > n
    ? `the log ends with entry ${n}, before entry ${noted.n}, which was noted`
    : undefined
}

/** Whoever cuts the log says so in it. */
function notCutThere(seal: AuditHead, cut: AuditHead | undefined): string | undefined {
  if (cut ? cut.n === seal.n && cut.hash === seal.hash : seal.n === 0) return undefined
  const told = cut ? `up to another entry ${cut.n}` : 'nowhere'
  return `the log begins after entry ${seal.n}, and says itself that it was cut off ${told}`
}

/** The entry, if it follows the one before as that is. */
function linkOf(
  n: number,
  bytes: Uint8Array,
  before: AuditHead,
): { entry: AuditEntry } | { problem: string } {
  if (n <= before.n)
    return { problem: `entry ${n} is there, although the log was cut off up to entry ${before.n}` }
  if (n !== before.n + 1)
    return { problem: `entry ${before.n + 1} is missing: entry ${n} follows entry ${before.n}` }
  let entry: AuditEntry
  try {
    entry = decodeAudit(n, bytes)
  } catch {
    return { problem: `entry ${n} cannot be read` }
  }
  return entry.prev === before.hash
    ? { entry }
    : { problem: `entry ${n} does not follow entry ${before.n} as it is: one of the two was changed` }
}

/** An entry that whoever asks for its record, or row, would not be told. */
async function notFound({ replica, system }: Log, entry: AuditEntry): Promise<string | undefined> {
  const subject = subjectOf(entry)
  if (subject === undefined || (await isIndexed(replica, system, { subject, number: numberKey(entry.n) })))
    return undefined
  return `entry ${entry.n} is not among those about ${subject.replace('\n', ' ')}: what leads to it was taken away`
}

/** What is wrong with the values kept of an entry. */
async function againstKept({ replica, system, host }: Log, entry: AuditEntry): Promise<string | undefined> {
  const subject = subjectOf(entry)
  if (subject === undefined) return undefined
  const kept = await keptValues(replica, system, { subject, number: numberKey(entry.n) })
  if (!kept) return undefined
  const salt = await auditSalt(replica, system, subject)
  if (!salt) {
    const isErased = !(await keptValues(replica, system, { subject, number: numberKey(entry.n) }))
    return isErased ? undefined : `values of entry ${entry.n} are kept, and the salt of ${subject} is not`
  }
  const values = sealValues(host, salt, kept.values ?? {})
  // Some may have been taken away since (B-160).
  const isSame = Object.entries(values).every(([name, sides]) =>
    Object.entries(sides).every(([side, hash]) => entry.values?.[name]?.[side] === hash),
  )
  const reason = kept.reason === undefined ? entry.reason : sealed(host, salt, REASON, kept.reason)
  return isSame && reason === entry.reason
    ? undefined
    : `the values kept of entry ${entry.n} are not those that it was written of`
}
