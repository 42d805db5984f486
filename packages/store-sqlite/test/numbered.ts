/**
 * Numbered batches, made so that a reader can tell whether it sees all of each: batch n writes entries 4n-3 to 4n-1, a mark at 4n, the
 * row of its record, and its own number.
 */
import { soundEntry } from '@skerry/contract'
import { type Batch, emptyBatch, type Store } from '@skerry/core'

export const pageMax = { entries: 1_000_000, bytes: 2 ** 40 }
const RECORDS = 20

const bytesOf = (text: string) => new TextEncoder().encode(text)

export function numberedBatch(number: number, entryBytes = 300): Batch {
  const record = `job/${number % RECORDS}`
  const last = 4 * number
  return {
    ...emptyBatch,
    entries: [last - 3, last - 2, last - 1].map((seq) => ({
      seq,
      kind: 'changes',
      record,
      bytes: bytesOf(`${seq} `.padEnd(entryBytes, '.')),
      channels: ['north'],
    })),
    marks: [{ channel: 'north', record, seq: last, kind: 'enter' }],
    records: [
      {
        record,
        collection: 'job',
        frontier: bytesOf(`${number}`),
        view: `{"n":${number}}`,
        indexed: [['n', number]],
      },
    ],
    tables: [{ table: 'batches', key: 'newest', value: bytesOf(`${number}`) }],
  }
}

export async function newestBatch(store: Store): Promise<number> {
  const value = await store.get('batches', 'newest')
  return value ? Number(new TextDecoder().decode(value)) : 0
}

/** What is wrong with a store that should hold batches 1 to `newest`, whole. */
export async function missingParts(store: Store, newest: number): Promise<string[]> {
  const wrong: string[] = []
  const log = await store.readLog(0, pageMax)
  if (log.length !== 3 * newest) wrong.push(`${log.length} entries for ${newest} batches`)
  for (const [at, { seq, bytes }] of log.map(soundEntry).entries()) {
    const expected = Math.floor(at / 3) * 4 + (at % 3) + 1
    const text = new TextDecoder().decode(bytes)
    if (seq !== expected || !text.startsWith(`${seq} .`))
      wrong.push(`entry ${seq} in the place of ${expected}`)
  }
  for (let number = Math.max(1, newest - RECORDS + 1); number <= newest; number += 1) {
    const record = `job/${number % RECORDS}`
    const [row] = await store.findRows('job', [['n', number]])
    const [mark] = await store.readMarks(record)
    if (row?.record !== record || row.view !== `{"n":${number}}`) wrong.push(`row of batch ${number}`)
    if (mark?.seq !== 4 * number) wrong.push(`mark of batch ${number}`)
  }
  return wrong
}
