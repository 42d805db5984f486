/**
 * A log that a page writes until it dies, and that can be told from its number alone: commit n makes, replaces, removes and forgets what n says. So whoever opens it afterwards can tell, by a store in memory
 * that got the same commits, whether it is whole.
 */
import { type Batch, emptyBatch, type Store } from '@skerry/core'

const PAGE_MAX = { entries: 1_000_000, bytes: 2 ** 40 }
const RECORDS = 50
const COLLECTION = 'job'
const TABLE = 'journal'

export function journalBatch(n: number): Batch {
  const seq = 2 * n - 1
  const record = `${COLLECTION}/${n % RECORDS}`
  const entry = {
    seq,
    kind: 'changes' as const,
    record,
    bytes: new Uint8Array(50 + ((n * 37) % 900)).fill(n),
    channels: ['north'],
  }
  const isForgotten = n % 7 === 0
  return {
    ...emptyBatch,
    entries: [entry],
    marks: n <= RECORDS || isForgotten ? [{ seq: 2 * n, channel: 'north', record, kind: 'enter' }] : [],
    records: [
      {
        record,
        collection: COLLECTION,
        frontier: new Uint8Array(8).fill(n),
        view: JSON.stringify({ n, text: 'x'.repeat((n * 53) % 700) }),
        indexed: [['n', n % 10]],
      },
    ],
    replaced: n % 5 === 0 ? [{ ...entry, bytes: new Uint8Array(300).fill(n + 1) }] : [],
    removed: n % 3 === 0 && n > 3 ? [2 * (n - 3) - 1] : [],
    forgotten: isForgotten ? [record] : [],
    tables: [
      { table: TABLE, key: 'n', value: new TextEncoder().encode(`${n}`) },
      { table: TABLE, key: `k${n % 11}`, value: n % 4 === 0 ? undefined : new Uint8Array(40).fill(n) },
    ],
    head: 2 * n,
  }
}

/** How many commits are in it. */
export async function journalLength(store: Store): Promise<number> {
  const value = await store.get(TABLE, 'n')
  return value ? Number(new TextDecoder().decode(value)) : 0
}

/** Everything that reads tell, as text. */
export async function journalText(store: Store): Promise<string> {
  const told = {
    log: await store.readLog(0, PAGE_MAX),
    channel: await store.readChannels(new Map([['north', 0]]), PAGE_MAX),
    rows: await store.scanRows(COLLECTION, '', RECORDS),
    found: await store.findRows(COLLECTION, [['n', 3]]),
    values: await store.scan(TABLE, { limit: 100 }),
    counts: { ...(await store.size()), bytes: 0 },
  }
  return JSON.stringify(told, (_, value) => (value instanceof Uint8Array ? [...value].join() : value))
}
