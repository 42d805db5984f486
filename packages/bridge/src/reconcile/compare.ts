/** Which rows of a listed page must be looked at: those whose version is not the one that is known (SPEC B-117). Read beside the writer; whoever takes a row in looks once more. */
import { decodeUtf8 } from '@skerry/core'
import type { ListedRow } from '../adapter-port.ts'
import type { Shared } from '../bridge-life.ts'
import { decodePair, pairRow } from '../identity/pair.ts'
import { linkKey, linksAmong } from '../links.ts'
import { decodeShadowHead, type ShadowHead } from '../shadow.ts'
import { type TableKind, tableOf } from '../tables.ts'

export type Compared =
  | 'known'
  /** To be looked at. */
  | 'differs'
  /** In doubt, and as it was then. */
  | 'doubt'
  /** Nobody's here, and as it was when that was found. */
  | 'left'

/** One page of a listing, row by row. */
export async function comparison(
  shared: Shared,
  type: string,
  rows: readonly ListedRow[],
): Promise<(row: ListedRow) => Promise<Compared>> {
  const table = tableOf(shared.context.system, 'links')
  const links = await linksAmong(
    (range) => shared.replica.tableRows(table, range),
    type,
    rows.map(({ id }) => id),
  )
  return async (row) => {
    const key = linkKey(type, { id: row.id })
    const record = links.has(key) ? links.get(key) : await linkedRecord(shared, type, row.id)
    const known = record === undefined ? undefined : await shadowOf(shared, record, row.id)
    if (!known) return compareUnknown(shared, type, row)
    return known.version === row.version && known.gone === row.deleted ? 'known' : 'differs'
  }
}

async function compareUnknown(shared: Shared, type: string, row: ListedRow): Promise<Compared> {
  const pair = await read(shared, 'pairs', pairRow(type, row.id))
  if (pair) {
    const { answer, row: then } = decodePair(pair)
    return !answer && then.version === row.version && !row.deleted ? 'doubt' : 'differs'
  }
  const left = await read(shared, 'left', leftRow(type, row.id))
  return row.deleted || (left && decodeUtf8(left) === row.version) ? 'left' : 'differs'
}

/** The shadow of a row by the row's own id. */
export async function knownRow(
  shared: Shared,
  type: string,
  rowId: string,
): Promise<(ShadowHead & { record: string }) | undefined> {
  const record = await linkedRecord(shared, type, rowId)
  const shadow = record === undefined ? undefined : await shadowOf(shared, record, rowId)
  return shadow && record !== undefined ? { ...shadow, record } : undefined
}

async function linkedRecord(shared: Shared, type: string, rowId: string): Promise<string | undefined> {
  const link = await read(shared, 'links', linkKey(type, { id: rowId }))
  return link && decodeUtf8(link)
}

/** A link may lead to a record that went on with another row. */
async function shadowOf(shared: Shared, record: string, rowId: string): Promise<ShadowHead | undefined> {
  const bytes = await read(shared, 'shadow', record)
  const shadow = bytes && decodeShadowHead(record, bytes)
  return shadow?.rowId === rowId ? shadow : undefined
}

export function leftRow(type: string, rowId: string): string {
  return `${type}\n${rowId}`
}

function read({ replica, context }: Shared, kind: TableKind, key: string): Promise<Uint8Array | undefined> {
  return replica.table(tableOf(context.system, kind), key)
}
