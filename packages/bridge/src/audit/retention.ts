/** Cutting the log at its old end: what goes is told in the log, and the hash of the last entry that went stays, so that what is left can still be verified (SPEC B-155). */

import type { Shared } from '../bridge-life.ts'
import { AUDIT_PAGE_ROWS } from '../limits.ts'
import type { BridgeTables } from '../tables.ts'
import {
  type AuditHead,
  auditHash,
  decodeAudit,
  decodeHead,
  encodeHead,
  numberKey,
  subjectOf,
} from './audit-entry.ts'
import { HEAD_KEY } from './audit-log.ts'

export interface CutOptions {
  /** Milliseconds since 1970: entries written before go. */
  before: number
  /** Who cuts: it stands in the log. */
  by: string
}

/** @returns entries that went */
export async function cutAudit(shared: Shared, options: CutOptions): Promise<number> {
  let cut = 0
  for (;;) {
    const here = await shared.transact((tables) => {
      shared.checkOpen()
      return cutPage(shared, tables, options)
    })
    cut += here
    if (here < AUDIT_PAGE_ROWS) return cut
  }
}

async function cutPage(
  { context }: Shared,
  tables: BridgeTables,
  { before, by }: CutOptions,
): Promise<number> {
  let seal = decodeHead(await tables.get('audit-seal', HEAD_KEY))
  const { n: last } = decodeHead(await tables.get('audit-head', HEAD_KEY))
  const after = numberKey(seal.n)
  const rows = await tables.scan('audit', { prefix: '', after, limit: AUDIT_PAGE_ROWS })
  let cut = 0
  for (const { key, value } of rows) {
    const entry = decodeAudit(Number(key), value)
    // The newest stays: it is what the next one follows.
    // A link that is broken stays, for whoever looks.
    if (entry.at >= before || entry.n === last || entry.prev !== seal.hash) break
    seal = { n: entry.n, hash: auditHash(context.host, value) } satisfies AuditHead
    remove(tables, key, subjectOf(entry))
    cut += 1
  }
  if (cut === 0) return 0
  tables.put('audit-seal', HEAD_KEY, encodeHead(seal))
  tables.note({ kind: 'cut', upTo: seal.n, hash: seal.hash, by })
  return cut
}

function remove(tables: BridgeTables, number: string, subject: string | undefined): void {
  tables.put('audit', number, undefined)
  if (subject === undefined) return
  tables.put('audit-of', `${subject}\n${number}`, undefined)
  tables.put('audit-values', `${subject}\n${number}`, undefined)
}
