/** Which rows of a listed page must be looked at: those whose version is not the one that is known (SPEC B-117). Read beside the writer; whoever takes a row in looks once more. */
import { decodeUtf8 } from '@skerry/core'
import type { ListedRow } from '../adapter-port.ts'
import type { Shared } from '../bridge-life.ts'
import { decodePair, pairRow } from '../identity/pair.ts'
import { decodeShadowHead, type ShadowHead } from '../shadow.ts'
import { linkOf, type TableKind, tableOf } from '../tables.ts'

export type Compared =
  | 'known'
  /** To be looked at. */
  | 'differs'
  /** In doubt, and as it was then. */
  | 'doubt'
  /** Nobody's here, and as it was when that was found. */
  | 'left'

export async function compare(shared: Shared, type: string, row: ListedRow): Promise<Compared> {
  const known = await knownRow(shared, type, row.id)
  if (known) return known.version === row.version && known.gone === row.deleted ? 'known' : 'differs'
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
  const link = await read(shared, 'links', linkOf(type, rowId))
  const record = link && decodeUtf8(link)
  const bytes = record && (await read(shared, 'shadow', record))
  const shadow = bytes && decodeShadowHead(record, bytes)
  return shadow && shadow.rowId === rowId ? { ...shadow, record } : undefined
}

export function leftRow(type: string, rowId: string): string {
  return `${type}\n${rowId}`
}

function read({ replica, context }: Shared, kind: TableKind, key: string): Promise<Uint8Array | undefined> {
  return replica.table(tableOf(context.system, kind), key)
}
