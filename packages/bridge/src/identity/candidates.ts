/** Records that have no row, by the keys under which a row that is the same thing finds them (SPEC B-125). */
import { decodeUtf8, encodeUtf8 } from '@skerry/core'
import type { BridgeTables } from '../tables.ts'

const present = new Uint8Array([1])

function keyRow(type: string, key: string, record: string): string {
  return `k\n${type}\n${key}\n${record}`
}

function recordRow(record: string): string {
  return `r\n${record}`
}

async function keysKept(tables: BridgeTables, record: string): Promise<string[]> {
  const bytes = await tables.get('matching', recordRow(record))
  return bytes ? (JSON.parse(decodeUtf8(bytes) ?? '[]') as string[]) : []
}

/** @returns whether the record is found otherwise than before */
export async function offer(
  tables: BridgeTables,
  type: string,
  record: string,
  keys: readonly string[],
): Promise<boolean> {
  const before = await keysKept(tables, record)
  for (const key of before)
    if (!keys.includes(key)) tables.put('matching', keyRow(type, key, record), undefined)
  for (const key of keys)
    if (!before.includes(key)) tables.put('matching', keyRow(type, key, record), present)
  const isSame = before.length === keys.length && keys.every((key) => before.includes(key))
  // Also without keys: whoever waits for first contact to be over is found by this row.
  if (!isSame || before.length === 0)
    tables.put('matching', recordRow(record), encodeUtf8(JSON.stringify(keys)))
  return !isSame
}

/** It has a row now, or is there no more. @returns whether it was offered */
export async function withdraw(tables: BridgeTables, type: string, record: string): Promise<boolean> {
  const kept = await tables.get('matching', recordRow(record))
  if (!kept) return false
  for (const key of await keysKept(tables, record))
    tables.put('matching', keyRow(type, key, record), undefined)
  tables.put('matching', recordRow(record), undefined)
  return true
}

/** Records under this key, at most `limit`, in ascending order. */
export async function candidatesOf(
  tables: BridgeTables,
  type: string,
  key: string,
  limit: number,
): Promise<string[]> {
  const prefix = keyRow(type, key, '')
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
