/** A row that no name leads from, on its way in: the record that it is, a pair in doubt, or nobody's (SPEC B-125 to B-128). */
import { equalJson, keyOf } from '@skerry/core'
import type { ExternalRow } from '../adapter-port.ts'
import type { BridgeContext } from '../context.ts'
import { importedId } from '../ids.ts'
import { type Mapping, recordValue } from '../mapping.ts'
import { settle } from '../settle.ts'
import type { BridgeTables } from '../tables.ts'
import { findMatch } from './find-match.ts'
import { type KeptPair, type PairCandidate, putPair, readPair, removePair } from './pair.ts'

/** @returns the record that it is, or `doubt`; undefined: none that has no row yet. @throws BridgeError mapping */
export async function meetAs(
  context: BridgeContext,
  tables: BridgeTables,
  mapping: Mapping,
  row: ExternalRow,
): Promise<string | undefined> {
  const kept = await readPair(tables, row.type, row.id)
  if (row.deleted || !mapping.takes(row) || (await isImported(context, tables, mapping, row)))
    return goOwnWay(context, tables, row)
  if (kept?.answer) return follow(context, tables, row, kept.answer.meets)
  const value = recordValue(mapping, row)
  const match = await findMatch(context, tables, { mapping, row, value })
  if (match.kind === 'none') return goOwnWay(context, tables, row)
  const isSure = match.kind === 'sure'
  // While a call is making a row of the record, nobody can say whether there is a place for this one.
  if (isSure && (await tables.item(match.record))?.state !== 'begun')
    return meet(context, tables, row, match.record)
  const { type, id, externalId, version } = row
  const candidates: PairCandidate[] = isSure
    ? [{ record: match.record, score: 1, how: match.how }]
    : match.candidates
  const pair = { type, row: { id, externalId, version }, value, candidates, at: context.host.now() }
  if (!kept || !equalPair(kept, pair)) await doubt(context, tables, pair)
  return 'doubt'
}

/** A person's answer. The record may have met another row meanwhile; then this one goes its own way. */
async function follow(
  context: BridgeContext,
  tables: BridgeTables,
  row: ExternalRow,
  meets: string | null,
): Promise<string | undefined> {
  const shadow = meets === null ? undefined : await tables.shadowHead(meets)
  if (meets === null || (shadow && !shadow.gone)) return goOwnWay(context, tables, row)
  return meet(context, tables, row, meets)
}

/** Its own record is here: tables were lost, and it was never anybody else's. */
async function isImported(
  { system, host }: BridgeContext,
  tables: BridgeTables,
  { collection, type }: Mapping,
  row: ExternalRow,
): Promise<boolean> {
  const own = keyOf(collection.name, importedId(host, system, type, row.id, 0))
  return (await tables.transaction.heads(own)).length > 0
}

/** Records that it might have been as well go their ways. */
async function meet(
  context: BridgeContext,
  tables: BridgeTables,
  row: ExternalRow,
  record: string,
): Promise<string> {
  const records = await removePair(tables, { type: row.type, row })
  tables.link(row.type, row, record)
  for (const other of records) if (other !== record) await settle(context, tables, other)
  return record
}

async function goOwnWay(context: BridgeContext, tables: BridgeTables, row: ExternalRow): Promise<undefined> {
  await releaseRow(context, tables, { type: row.type, row })
}

/** The row is in doubt no more: records that may have been it go on. */
export async function releaseRow(
  context: BridgeContext,
  tables: BridgeTables,
  pair: { type: string; row: { id: string } },
): Promise<void> {
  for (const record of await removePair(tables, pair)) await settle(context, tables, record)
}

async function doubt(context: BridgeContext, tables: BridgeTables, pair: KeptPair): Promise<void> {
  const former = await removePair(tables, pair)
  await putPair(tables, pair)
  const records = new Set([...former, ...pair.candidates.map(({ record }) => record)])
  for (const record of records) await settle(context, tables, record)
  tables.tell({
    level: 'warn',
    code: 'pair-in-doubt',
    message: `${pair.type} ${pair.row.id} may be ${pair.candidates.map(({ record }) => record).join(' or ')}: say so, or that it is not`,
    fields: { type: pair.type, row: pair.row.id },
  })
}

function equalPair(kept: KeptPair, pair: KeptPair): boolean {
  const told = ({ row, value, candidates }: KeptPair) =>
    JSON.parse(JSON.stringify({ row, value, candidates })) as never
  return equalJson(told(kept), told(pair))
}
