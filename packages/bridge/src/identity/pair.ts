/** Pairs in doubt: a row and the records that may be the same thing, kept until a person answers (SPEC B-127, B-128). */
import { decodeUtf8, encodeUtf8, type JsonObject } from '@skerry/core'
import { CANDIDATES_MAX } from '../limits.ts'
import type { BridgeTables } from '../tables.ts'
import type { MatchConfig } from './identity-config.ts'

export interface PairCandidate {
  record: string
  /** From 0 to 1. */
  score: number
  how: MatchConfig['how']
}

export interface Pair {
  type: string
  row: { id: string; externalId?: string | undefined; version: string }
  /** What the row says, by the record's fields. */
  value: JsonObject
  /** Best first. */
  candidates: readonly PairCandidate[]
  /** Milliseconds since 1970. */
  at: number
}

/** `meets`: the record that the row is; null: none of them. */
export interface KeptPair extends Pair {
  answer?: { meets: string | null }
}

type Row = Pick<Pair, 'type'> & { row: { id: string } }

export function pairRow(type: string, rowId: string): string {
  return `w\n${type}\n${rowId}`
}

function wayBack(record: string, type: string, rowId: string): string {
  return `r\n${record}\n${type}\n${rowId}`
}

function apartRow(type: string, rowId: string, record: string): string {
  return `d\n${type}\n${rowId}\n${record}`
}

export function decodePair(bytes: Uint8Array): KeptPair {
  return JSON.parse(decodeUtf8(bytes) ?? '') as KeptPair
}

export async function readPair(
  tables: BridgeTables,
  type: string,
  rowId: string,
): Promise<KeptPair | undefined> {
  const bytes = await tables.get('pairs', pairRow(type, rowId))
  return bytes && decodePair(bytes)
}

const present = new Uint8Array([1])

/** In the place of the one that the row was in before. */
export async function putPair(tables: BridgeTables, pair: KeptPair): Promise<void> {
  await removePair(tables, pair)
  tables.put('pairs', pairRow(pair.type, pair.row.id), encodeUtf8(JSON.stringify(pair)))
  for (const { record } of pair.candidates)
    tables.put('pairs', wayBack(record, pair.type, pair.row.id), present)
}

/** @returns records that were in it */
export async function removePair(tables: BridgeTables, { type, row }: Row): Promise<string[]> {
  const pair = await readPair(tables, type, row.id)
  if (!pair) return []
  tables.put('pairs', pairRow(type, row.id), undefined)
  const records = pair.candidates.map(({ record }) => record)
  for (const record of records) tables.put('pairs', wayBack(record, type, row.id), undefined)
  return records
}

/** Rows that may be this record. */
export async function rowsInDoubt(
  tables: BridgeTables,
  record: string,
): Promise<{ type: string; id: string }[]> {
  const prefix = wayBack(record, '', '').slice(0, -1)
  const rows = await tables.scan('pairs', { prefix, limit: CANDIDATES_MAX })
  return rows.map(({ key }) => {
    const [type = '', id = ''] = key.slice(prefix.length).split('\n')
    return { type, id }
  })
}

export function setApart(tables: BridgeTables, { type, row }: Row, record: string): void {
  tables.put('pairs', apartRow(type, row.id, record), present)
}

export async function areApart(
  tables: BridgeTables,
  type: string,
  rowId: string,
  record: string,
): Promise<boolean> {
  return (await tables.get('pairs', apartRow(type, rowId, record))) !== undefined
}
