/** Times what an app waits for, in a worker's store of 10,000 records. */
import { exposed } from '@skerry/browser-test/page'
import { type Batch, emptyBatch, type Store } from '@skerry/core'
import { idbStore } from '@skerry/store-idb'

const RECORDS = 10_000
const BATCH_RECORDS = 1_000
const EDITS = 300
const PAGE_ROWS = 1_000
const NAME = 'speed'

const newRun = () => crypto.randomUUID().replaceAll('-', '')
const id = (n: number) => `orders/${((n * 7919) % RECORDS).toString(36).padStart(26, '0')}`

/** As a work order is: an entry of 250 bytes, a view of 400. */
function orders(numbers: readonly number[], seq: number): Batch {
  return {
    ...emptyBatch,
    entries: numbers.map((n, at) => ({
      seq: seq + 2 * at,
      kind: 'changes',
      record: id(n),
      bytes: crypto.getRandomValues(new Uint8Array(250)),
      channels: ['site:SEA'],
    })),
    marks: numbers.map((n, at) => ({
      seq: seq + 2 * at + 1,
      channel: 'site:SEA',
      record: id(n),
      kind: 'enter',
    })),
    records: numbers.map((n) => ({
      record: id(n),
      collection: 'orders',
      frontier: crypto.getRandomValues(new Uint8Array(120)),
      view: JSON.stringify({
        title: `Order ${n}`,
        status: n % 20 === 0 ? 'open' : 'done',
        notes: 'n'.repeat(340),
      }),
      indexed: [
        ['status', n % 20 === 0 ? 'open' : 'done'],
        ['site', 'SEA'],
      ],
    })),
    tables: [{ table: 'cursors', key: 'hub', value: new Uint8Array(60) }],
  }
}

async function timed<T>(act: () => Promise<T>): Promise<[ms: number, value: T]> {
  const from = performance.now()
  const value = await act()
  return [performance.now() - from, value]
}

function spread(times: number[]): { p50: number; p95: number; max: number } {
  const sorted = times.sort((left, right) => left - right)
  const at = (part: number) =>
    Number(sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))]!.toFixed(2))
  return { p50: at(0.5), p95: at(0.95), max: at(1) }
}

async function fill(): Promise<Record<string, unknown>> {
  const store = idbStore({ name: NAME })
  await store.open(newRun())
  const batches: number[] = []
  let seq = 1
  for (let first = 0; first < RECORDS; first += BATCH_RECORDS) {
    const batch = orders(
      Array.from({ length: BATCH_RECORDS }, (_, at) => first + at),
      seq,
    )
    batches.push((await timed(() => store.commit(batch)))[0])
    seq += 2 * BATCH_RECORDS
  }
  const edits: number[] = []
  for (let n = 0; n < EDITS; n += 1) {
    const batch = orders([n * 31], seq)
    edits.push((await timed(() => store.commit(batch)))[0])
    seq += 2
  }
  const size = await store.size()
  await store.close()
  return { batchOf1000: spread(batches), edit: spread(edits), size }
}

async function open(): Promise<Record<string, number>> {
  const store: Store = idbStore({ name: NAME })
  const from = performance.now()
  const [opened] = await timed(() => store.open(newRun()))
  const [found, rows] = await timed(() => store.findRows('orders', [['status', 'open']]))
  const first = performance.now() - from
  const [scan, count] = await timed(async () => {
    let scanned = 0
    for (let after = ''; ; ) {
      const page = await store.scanRows('orders', after, PAGE_ROWS)
      if (page.length === 0) return scanned
      scanned += page.length
      after = page.at(-1)!.record
    }
  })
  await store.close()
  return { open: opened, find: found, toFirstQuery: first, rows: rows.length, scan, scanned: count }
}

exposed({ fill, open })
