/** The right to erasure (SPEC B-162 to B-164): once a record is deleted on both sides, what the bridge keeps of what it said goes; that it was there, and what was done, stays. */

import { rowSubject } from '../audit/audit-entry.ts'
import { BridgeError } from '../bridge-error.ts'
import type { Shared } from '../bridge-life.ts'
import { mappingOfRecord } from '../choose-mapping.ts'
import { withdraw } from '../identity/candidates.ts'
import { removePair, rowsInDoubt } from '../identity/pair.ts'
import { AUDIT_PAGE_ROWS } from '../limits.ts'
import type { OutboxItem } from '../outbox.ts'
import { emptyItem } from '../review/hold.ts'
import type { Shadow } from '../shadow.ts'
import type { BridgeTables } from '../tables.ts'

/** @param by who erases: it stands in the audit log @throws BridgeError cannot-erase, closed */
export function erase(shared: Shared, record: string, by: string): Promise<void> {
  return shared.locks.hold(record, () =>
    shared.transact(async (tables) => {
      shared.checkOpen()
      const shadow = await tables.shadow(record)
      await checkDeleted(shared, tables, record, shadow)
      await eraseFrom(tables, record, shadow)
      const row = shadow && { type: shadow.type, rowId: shadow.rowId }
      tables.note({ kind: 'erased', record, ...row, by })
    }),
  )
}

async function checkDeleted(
  { context }: Shared,
  tables: BridgeTables,
  record: string,
  shadow: Shadow | undefined,
): Promise<void> {
  const { system } = context
  if (!mappingOfRecord(context, record))
    throw cannot(`no mapping of ${system} has ${record}; name a record, as jobs/4f1c…`)
  const { value, isQuarantined } = await tables.transaction.record(record)
  if (isQuarantined)
    throw cannot(`${record} is in quarantine: whether it is deleted cannot be told; bring it out first`)
  if (value) throw cannot(`${record} lives; delete it first, and wait until ${system} has deleted its row`)
  const item = await tables.item(record)
  if (shadow && !shadow.gone)
    throw cannot(`${shadow.type} ${shadow.rowId} lives in ${system}, ${waiting(item)}`)
  if (item && item.state !== 'dead')
    throw cannot(`a write of ${record} to ${system} is ${item.state}; wait until it has ended`)
}

function waiting(item: OutboxItem | undefined): string {
  if (!item) return 'and nothing is on its way to delete it: its mapping does not write; delete it there'
  if (item.state === 'dead')
    return `and its deletion was refused (${item.reason}); have it tried again, or delete it there`
  return 'and its deletion is on its way; wait until it has ended'
}

async function eraseFrom(tables: BridgeTables, record: string, shadow: Shadow | undefined): Promise<void> {
  tables.putItem(record, undefined)
  if (await tables.review(record)) tables.putReview(record, emptyItem)
  await withdraw(tables, record)
  for (const row of await rowsInDoubt(tables, record)) await removePair(tables, { type: row.type, row })
  await forgetValues(tables, record)
  if (!shadow) return
  const { type, rowId } = shadow
  // What tells a late echo from news: ids, version, heads.
  tables.putShadow(record, { ...shadow, value: {}, view: {}, document: new Uint8Array(0), owed: [] }, shadow)
  tables.putUnread(type, rowId, undefined)
  await removePair(tables, { type, row: { id: rowId } })
  await forgetValues(tables, rowSubject({ type, rowId }))
}

/** Without its salt nobody can try values against the hashes in the log; the log itself stays as it is. */
async function forgetValues(tables: BridgeTables, subject: string): Promise<void> {
  tables.put('audit-salts', subject, undefined)
  tables.put('audit-echoes', subject, undefined)
  const prefix = `${subject}\n`
  for (let after: string | undefined; ; ) {
    const range = { prefix, limit: AUDIT_PAGE_ROWS, ...(after !== undefined && { after }) }
    const rows = await tables.scan('audit-values', range)
    for (const { key } of rows) tables.put('audit-values', key, undefined)
    if (rows.length < AUDIT_PAGE_ROWS) return
    after = rows.at(-1)!.key
  }
}

function cannot(why: string): BridgeError {
  return new BridgeError('cannot-erase', `cannot erase: ${why}`)
}
