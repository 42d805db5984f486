/** Records that have no row, by the keys under which a row that is the same thing finds them (SPEC B-125). */
import { collectionOf, decodeUtf8, encodeUtf8, equalJson } from '@skerry/core'
import type { Mapping } from '../mapping.ts'
import type { BridgeTables } from '../tables.ts'

const present = new Uint8Array([1])

/** Records of several collections may find rows of one type, each by the rules of its mapping. */
function keyRows(type: string, collection: string, key: string): string {
  return `k\n${type}\n${collection}\n${key}\n`
}

function keyRow(type: string, key: string, record: string): string {
  return `${keyRows(type, collectionOf(record), key)}${record}`
}

function recordRow(record: string): string {
  return `r\n${record}`
}

interface Offer {
  type: string
  keys: string[]
}

async function offerOf(tables: BridgeTables, record: string): Promise<Offer | undefined> {
  const bytes = await tables.get('matching', recordRow(record))
  return bytes && (JSON.parse(decodeUtf8(bytes) ?? '') as Offer)
}

/** The record waits for first contact to be over, or to be found. */
export async function isOffered(tables: BridgeTables, record: string): Promise<boolean> {
  return (await offerOf(tables, record)) !== undefined
}

/** @returns whether the record is found otherwise than before */
export async function offer(
  tables: BridgeTables,
  type: string,
  record: string,
  keys: readonly string[],
): Promise<boolean> {
  const before = await offerOf(tables, record)
  // Also without keys: whoever waits for first contact to be over is found by this row.
  const now: Offer = { type, keys: [...keys] }
  if (before && equalJson({ ...before }, { ...now })) return false
  if (before) forget(tables, record, before)
  for (const key of keys) tables.put('matching', keyRow(type, key, record), present)
  tables.put('matching', recordRow(record), encodeUtf8(JSON.stringify(now)))
  return before !== undefined || keys.length > 0
}

/** It has a row now, or is there no more. @returns whether it was offered */
export async function withdraw(tables: BridgeTables, record: string): Promise<boolean> {
  const kept = await offerOf(tables, record)
  if (!kept) return false
  forget(tables, record, kept)
  tables.put('matching', recordRow(record), undefined)
  return true
}

function forget(tables: BridgeTables, record: string, { type, keys }: Offer): void {
  for (const key of keys) tables.put('matching', keyRow(type, key, record), undefined)
}

/** Records of the mapping under this key, at most `limit`, in ascending order. */
export async function candidatesOf(
  tables: BridgeTables,
  { type, collection }: Pick<Mapping, 'type' | 'collection'>,
  key: string,
  limit: number,
): Promise<string[]> {
  const prefix = keyRows(type, collection.name, key)
  const rows = await tables.scan('matching', { prefix, limit })
  return rows.map((row) => row.key.slice(prefix.length))
}

/** Records of a collection that are offered, ascending, above `after`. */
export async function offered(
  tables: BridgeTables,
  collection: string,
  { after, limit }: { after: string; limit: number },
): Promise<string[]> {
  const rows = await tables.scan('matching', {
    prefix: recordRow(`${collection}/`),
    ...(after !== '' && { after: recordRow(after) }),
    limit,
  })
  return rows.map(({ key }) => key.slice(recordRow('').length))
}
