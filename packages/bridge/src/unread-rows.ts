/** Rows that were set aside, as operators list them and have them read again (SPEC B-198). */

import { rowSubject } from './audit/audit-entry.ts'
import { auditOf } from './audit/read-audit.ts'
import type { Shared } from './bridge-life.ts'
import { mappingsOfType } from './choose-mapping.ts'
import { reasonFits } from './dead-letters.ts'
import { crossReference } from './identity/cross-reference.ts'
import { stamp } from './ids.ts'
import type { Unread } from './tables.ts'
import { eachUnread, unreadAt } from './unread.ts'

/** A row that could not be taken in. */
export interface UnreadRow extends Unread {
  type: string
  row: string
  /** The record that it is linked with. */
  record?: string
  /** When it was first set aside in this version, milliseconds since 1970; absent where the audit log does not tell. */
  at?: number
}

export interface ReadAgainChoice {
  /** Default all. */
  rows?: readonly Pick<UnreadRow, 'type' | 'row'>[]
  /** Type of rows. */
  type?: string
  /** What the reason contains, or matches. */
  reason?: string | RegExp
  /** Only says which. */
  dryRun?: boolean
}

export async function unreadRows(shared: Shared): Promise<UnreadRow[]> {
  const { replica, context } = shared
  const rows: UnreadRow[] = []
  for await (const { type, row, ...unread } of eachUnread(replica, context.system))
    rows.push(await told(shared, { type, row }, unread))
  return rows
}

/** @returns undefined for a row that was taken in, or that nobody told of */
export async function unreadRow(
  shared: Shared,
  row: { type: string; row: string },
): Promise<UnreadRow | undefined> {
  const unread = await unreadAt(shared.replica, shared.context.system, row)
  return unread && told(shared, row, unread)
}

/** @returns those that are read again, or would be @throws BridgeError closed */
export async function readAgain(
  shared: Shared,
  { rows, type, reason, dryRun = false }: ReadAgainChoice,
): Promise<UnreadRow[]> {
  shared.checkOpen()
  const { context } = shared
  const chosen = (await unreadRows(shared)).filter(
    (one) =>
      mappingsOfType(context, one.type).length > 0 &&
      (!rows || rows.some((asked) => asked.type === one.type && asked.row === one.row)) &&
      (type === undefined || one.type === type) &&
      reasonFits(one.reason, reason),
  )
  if (dryRun) return chosen
  for (const { type: of, row: id } of chosen)
    await shared.transact(async (tables) => {
      shared.checkOpen()
      if (await tables.unread(of, id)) tables.putHint({ type: of, id, stamp: stamp(context) })
    })
  return chosen
}

async function told(
  shared: Shared,
  { type, row }: { type: string; row: string },
  unread: Unread,
): Promise<UnreadRow> {
  const record = (await crossReference(shared, { type, row }))?.record
  const at = await setAsideAt(shared, { type, row }, unread.version)
  return { type, row, ...(record !== undefined && { record }), ...unread, ...(at !== undefined && { at }) }
}

async function setAsideAt(
  { replica, context }: Shared,
  { type, row }: { type: string; row: string },
  version: string,
): Promise<number | undefined> {
  for await (const entry of auditOf(replica, context.system, rowSubject({ type, rowId: row })))
    if (entry.kind === 'aside' && entry.version === version) return entry.at
  return undefined
}
