/** Pairs in doubt as a person sees and answers them (SPEC B-128). */
import { BridgeError } from '../bridge-error.ts'
import type { Shared } from '../bridge-life.ts'
import { stamp } from '../ids.ts'
import { SCAN_ROWS } from '../limits.ts'
import { settle } from '../settle.ts'
import { type BridgeTables, tableOf } from '../tables.ts'
import { decodePair, type KeptPair, type Pair, pairRow, putPair, readPair, setApart } from './pair.ts'

/** `same`: the row is that record. `different`: it is not, and is not asked about again. */
export type PairAnswer = 'same' | 'different'

interface Item {
  type: string
  row: { id: string }
}

/** Those without an answer, in order of type and row id. */
export async function openPairs({ replica, context }: Shared): Promise<Pair[]> {
  const table = tableOf(context.system, 'pairs')
  const prefix = pairRow('', '').slice(0, -1)
  const pairs: Pair[] = []
  for (let after: string | undefined; ; ) {
    const rows = await replica.tableRows(table, { prefix, limit: SCAN_ROWS, ...(after && { after }) })
    for (const { value } of rows) {
      const { answer, ...pair } = decodePair(value)
      if (!answer) pairs.push(pair)
    }
    after = rows.at(-1)?.key
    if (rows.length < SCAN_ROWS) return pairs
  }
}

/** The row is read again, and taken in by the answer. @throws BridgeError unknown-pair */
export function answerPair(
  shared: Shared,
  item: Item,
  { answer, record, by }: { answer: PairAnswer; record: string | undefined; by: string },
): Promise<void> {
  return shared.transact(async (tables) => {
    const pair = await readPair(tables, item.type, item.row.id)
    if (!pair || pair.answer) throw unknown(item, 'is in no open pair')
    if (record !== undefined && !pair.candidates.some((candidate) => candidate.record === record))
      throw unknown(item, `was not compared with ${record}, but with ${named(pair)}`)
    const meant =
      answer === 'same'
        ? [await takeFor(tables, pair, record)]
        : await tellApart(shared, tables, pair, record)
    for (const one of meant)
      tables.note({ kind: 'paired', record: one, type: pair.type, rowId: pair.row.id, answer, by })
    tables.putHint({ type: pair.type, id: pair.row.id, stamp: stamp(shared.context) })
  })
}

/** @returns the record that the row is */
async function takeFor(tables: BridgeTables, pair: KeptPair, record: string | undefined): Promise<string> {
  const [only, ...others] = pair.candidates
  const meets = record ?? (others.length === 0 ? only?.record : undefined)
  if (meets === undefined) throw unknown(pair, `may be ${named(pair)}: say which`)
  await putPair(tables, { ...pair, answer: { meets } })
  return meets
}

/** @returns the records that it is not */
async function tellApart(
  { context }: Shared,
  tables: BridgeTables,
  pair: KeptPair,
  record: string | undefined,
): Promise<string[]> {
  const apart = pair.candidates.filter((candidate) => record === undefined || candidate.record === record)
  const candidates = pair.candidates.filter((candidate) => !apart.includes(candidate))
  for (const candidate of apart) setApart(tables, pair, candidate.record)
  await putPair(tables, { ...pair, candidates, ...(candidates.length === 0 && { answer: { meets: null } }) })
  for (const candidate of apart) await settle(context, tables, candidate.record)
  return apart.map((candidate) => candidate.record)
}

function unknown({ type, row }: Item, what: string): BridgeError {
  return new BridgeError('unknown-pair', `${type} ${row.id} ${what}; pairs() lists what is open`)
}

function named({ candidates }: Pair): string {
  return candidates.map(({ record }) => record).join(', ')
}
