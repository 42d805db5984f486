/** Which records were merged into which (SPEC B-131). */
import { decodeUtf8, encodeUtf8 } from '@skerry/core'
import type { Shared } from '../bridge-life.ts'
import { SCAN_ROWS } from '../limits.ts'
import { type BridgeTables, tableOf } from '../tables.ts'

export interface MergedRow {
  survivor: string
  /** Milliseconds since 1970. */
  at: number
}

function otherRow(other: string): string {
  return `o\n${other}`
}

function survivorRow(survivor: string, other: string): string {
  return `s\n${survivor}\n${other}`
}

function decode(bytes: Uint8Array | undefined): MergedRow | undefined {
  return bytes && (JSON.parse(decodeUtf8(bytes) ?? '') as MergedRow)
}

const present = new Uint8Array([1])

export function putMerged(tables: BridgeTables, other: string, row: MergedRow): void {
  tables.put('merged', otherRow(other), encodeUtf8(JSON.stringify(row)))
  tables.put('merged', survivorRow(row.survivor, other), present)
}

export async function mergedInto(tables: BridgeTables, other: string): Promise<MergedRow | undefined> {
  return decode(await tables.get('merged', otherRow(other)))
}

/** What became of a record, and what it is made of, outside an append. */
export async function mergesOf(
  { replica, context }: Shared,
  record: string,
): Promise<{ mergedInto: string | undefined; merged: string[] }> {
  const table = tableOf(context.system, 'merged')
  const prefix = survivorRow(record, '')
  const rows = await replica.tableRows(table, { prefix, limit: SCAN_ROWS })
  return {
    mergedInto: decode(await replica.table(table, otherRow(record)))?.survivor,
    merged: rows.map(({ key }) => key.slice(prefix.length)),
  }
}
