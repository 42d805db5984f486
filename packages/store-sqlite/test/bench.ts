/** Timings of the store's goals: `node packages/store-sqlite/test/bench.ts [directory]`. Prints one JSON line per goal. */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Batch, emptyBatch, type Store } from '@skerry/core'
import { sqliteStore } from '@skerry/store-sqlite'

const ENTRY_BYTES = 200
const COMMITS = 2000
const PAGE = { entries: 1000, bytes: 256 * 1024 }

/** Records first to last, each with an entry, a channel, a mark, a row and two indexed fields. */
function batchOf(first: number, count: number): Batch {
  const numbers = Array.from({ length: count }, (_, at) => first + at)
  const key = (number: number) => `job/${(number * 7919).toString(36).padStart(8, '0')}`
  return {
    ...emptyBatch,
    entries: numbers.map((number) => ({
      seq: 2 * number + 1,
      kind: 'changes',
      record: key(number),
      bytes: new Uint8Array(ENTRY_BYTES).fill(number),
      channels: ['region:north'],
    })),
    marks: numbers.map((number) => ({
      seq: 2 * number + 2,
      channel: 'region:north',
      record: key(number),
      kind: 'enter',
    })),
    records: numbers.map((number) => ({
      record: key(number),
      collection: 'job',
      frontier: new Uint8Array(60).fill(number),
      view: JSON.stringify({
        title: `Job ${number}`,
        state: 'open',
        hours: number % 9,
        notes: 'Pump checked, seal replaced',
      }),
      indexed: [
        ['state', number % 3 === 0 ? 'open' : 'done'],
        ['site', `site ${number % 100}`],
      ],
    })),
  }
}

function report(goal: string, ms: number, more: object = {}): void {
  console.log(JSON.stringify({ goal, ms: Math.round(ms * 100) / 100, ...more }))
}

function timed<T>(goal: string, work: () => Promise<T>): Promise<T> {
  const from = performance.now()
  return work().then((result) => {
    report(goal, performance.now() - from)
    return result
  })
}

async function readAll(store: Store, channels: string[]): Promise<number> {
  let told = 0
  const after = new Map(channels.map((channel) => [channel, 0]))
  for (;;) {
    const page = await store.readChannels(after, PAGE)
    told += page.items.length
    if (page.done) return told
    for (const channel of channels) after.set(channel, page.upTo)
  }
}

function fsyncFloor(directory: string): void {
  const file = openSync(join(directory, 'floor'), 'w')
  const bytes = new Uint8Array(24 * 1024)
  const times: number[] = []
  for (let count = 0; count < COMMITS; count += 1) {
    const from = performance.now()
    writeSync(file, bytes)
    fdatasyncSync(file)
    times.push(performance.now() - from)
  }
  closeSync(file)
  report('bare write of 24 KiB and fdatasync, p50', quantile(times, 0.5), { p99: quantile(times, 0.99) })
}

function quantile(times: number[], share: number): number {
  return times.toSorted((left, right) => left - right)[Math.floor(times.length * share)] ?? 0
}

async function singleEdits(store: Store, from: number): Promise<void> {
  const times: number[] = []
  for (let number = from; number < from + COMMITS; number += 1) {
    const batch = batchOf(number, 1)
    const start = performance.now()
    await store.commit(batch)
    times.push(performance.now() - start)
  }
  report('commit of one edit, p50', quantile(times, 0.5), { p99: quantile(times, 0.99) })
}

const directory = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'skerry-bench-'))
const small = sqliteStore({ path: join(directory, 'small.db') })
await small.open('1'.repeat(32))
const tenThousand = batchOf(0, 10_000)
await timed('commit of 10,000 records in one batch (goal 150)', () => small.commit(tenThousand))
await timed('readChannels of 10,000 records in pages', () => readAll(small, ['region:north']))
fsyncFloor(directory)
await singleEdits(small, 10_000)
await small.close()

const large = sqliteStore({ path: join(directory, 'large.db') })
await large.open('2'.repeat(32))
const batches = Array.from({ length: 10 }, (_, at) => batchOf(at * 10_000, 10_000))
await timed('commit of 100,000 records in ten batches (goal 1800)', async () => {
  for (const batch of batches) await large.commit(batch)
})
const first = performance.now()
await large.readChannels(new Map([['region:north', 0]]), PAGE)
report('readChannels of 100,000 records, first page', performance.now() - first)
await timed('readChannels of 100,000 records in pages', () => readAll(large, ['region:north']))
await timed('readChannels of 100,000 records, 200 channels asked', () =>
  readAll(large, ['region:north', ...Array.from({ length: 199 }, (_, at) => `region:${at}`)]),
)
await timed('scanRows of 100,000 rows', () => large.scanRows('job', '', 100_000))
await timed('findRows, 1,000 of 100,000', () => large.findRows('job', [['site', 'site 7']]))
await timed('findRows by two fields, 333 of 100,000', () =>
  large.findRows('job', [
    ['site', 'site 7'],
    ['state', 'open'],
  ]),
)
await large.close()

const whole = sqliteStore({ path: join(directory, 'whole.db') })
await whole.open('3'.repeat(32))
const all = batchOf(0, 100_000)
await timed('commit of 100,000 records in one batch (goal 1800)', () => whole.commit(all))
report('bytes per record on disk', (await whole.size()).bytes / 100_000)
await whole.close()
rmSync(directory, { recursive: true })
