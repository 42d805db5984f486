/** Links of many rows, by one reading where their ids lie close together, as those of a page of a listing do. */
import { decodeUtf8, type TableRow } from '@skerry/core'

/** Key in `links` under which a row's record is found. */
export function linkKey(type: string, row: { id: string } | { externalId: string }): string {
  return 'id' in row ? `i\n${type}\n${row.id}` : `e\n${type}\n${row.externalId}`
}

/** @returns record by key, undefined where there is none; what is not in it was not read, because too many others lie between */
export async function linksAmong(
  scan: (range: { prefix: string; after: string; limit: number }) => Promise<TableRow[]>,
  type: string,
  rowIds: readonly string[],
): Promise<Map<string, string | undefined>> {
  const links = new Map<string, string | undefined>()
  const keys = rowIds.map((id) => linkKey(type, { id })).sort()
  const [first, last] = [keys[0], keys.at(-1)]
  if (first === undefined || last === undefined) return links
  const limit = 2 * keys.length
  // A key that is one letter shorter stands before it.
  const rows = await scan({ prefix: linkKey(type, { id: '' }), after: first.slice(0, -1), limit })
  const readUpTo = rows.length < limit ? last : rows.at(-1)!.key
  for (const key of keys) if (key <= readUpTo) links.set(key, undefined)
  for (const { key, value } of rows) links.set(key, decodeUtf8(value))
  return links
}
