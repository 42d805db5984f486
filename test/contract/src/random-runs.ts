/**
 * Random sequences of batches and reads, each compared with the model. A failure names its seed; `SKERRY_SEED=<seed>` in the
 * environment runs that one alone, `SKERRY_RUNS=2000` so many.
 */
import type { ChannelItem, LoggedEntry, Seq, Store, StoredEntry } from '@skerry/core'
import { describe, expect, it } from 'vitest'
import { pageMax } from './batches.ts'
import { Bench, type Setup } from './bench.ts'
import { Model } from './model.ts'
import { type Random, seededRandom } from './random.ts'
import { channels, randomBatch, records, states, tables } from './random-batch.ts'
import { broughtBy } from './sound.ts'

const RUNS = Number(process.env.SKERRY_RUNS ?? 200)
const RUNS_PER_TEST = 20
const STEPS_PER_RUN = 12

export function randomRunTests(setup: Setup): void {
  const only = process.env.SKERRY_SEED
  const firsts = Array.from({ length: RUNS / RUNS_PER_TEST }, (_, at) => at * RUNS_PER_TEST + 1)
  describe('random runs against the model', () => {
    for (const first of only ? [Number(only)] : firsts) {
      const last = only ? first : first + RUNS_PER_TEST - 1
      it(`seeds ${first} to ${last}`, async () => {
        for (let seed = first; seed <= last; seed += 1) await runSeed(setup, seed)
      })
    }
  })
}

async function runSeed(setup: Setup, seed: number): Promise<void> {
  const bench = await Bench.make(setup)
  const random = seededRandom(seed)
  const model = new Model()
  let store = await bench.opened()
  try {
    for (let step = 0; step < STEPS_PER_RUN; step += 1) {
      const drawn = randomBatch(random, model)
      await store.commit(drawn)
      model.apply(drawn)
      if (random.chance(0.1)) store = await bench.crashed()
      await compare(store, model, random)
    }
  } catch (error) {
    throw new Error(`seed ${seed} failed; replay: SKERRY_SEED=${seed} npx vitest run -t "random runs"`, {
      cause: error,
    })
  }
}

async function compare(store: Store, model: Model, random: Random): Promise<void> {
  await comparePages(store, model, random)
  await compareLog(store, model, random)
  const record = random.pick(records)
  expect(await store.readRecord(record)).toEqual(model.log().filter((entry) => entry.record === record))
  const marks = await store.readMarks(record)
  expect(marks.sort(bySeq)).toEqual(model.marks.filter((mark) => mark.record === record).sort(bySeq))
  expect(await store.rows(records)).toEqual(records.map((key) => model.rows.get(key)))
  const state = random.pick(states)
  expect(await store.findRows('job', [['state', state]])).toEqual(model.found('job', 'state', state))
  expect(await store.scanRows('job', '', 99)).toEqual(model.scanned('job'))
  const channel = random.pick(channels)
  expect(await store.channelRows(channel, 0, pageMax)).toEqual(model.inChannel(channel))
  const table = random.pick(tables)
  const rows = [...(model.tables.get(table) ?? [])].map(([key, value]) => ({ key, value }))
  expect(await store.scan(table, { limit: 99 })).toEqual(
    rows.sort((left, right) => (left.key < right.key ? -1 : 1)),
  )
  const size = await store.size()
  expect([size.entries, size.records]).toEqual([model.entries.length, model.rows.size])
}

async function compareLog(store: Store, model: Model, random: Random): Promise<void> {
  const after = random.below(model.head + 1)
  const expected = model.log().filter(({ seq }) => seq > after)
  expect(await store.readLog(after, pageMax)).toEqual(expected)
  const limit = { entries: 1 + random.below(5), bytes: 1 + random.below(120) }
  expect(await store.readLog(after, limit)).toEqual(cut(expected, limit))
  const seqs = model.log().map(({ seq }) => seq)
  const asked = random.some(seqs)
  expect((await store.readEntries([...asked].reverse())).map(({ seq }) => seq)).toEqual(asked)
}

function cut(entries: LoggedEntry[], limit: { entries: number; bytes: number }): LoggedEntry[] {
  let bytes = 0
  return entries.filter(({ bytes: own }, at) => {
    bytes += own.length
    return at === 0 || (at < limit.entries && bytes <= limit.bytes)
  })
}

/** Reads as a session does, page after page, and holds every page against what the model tells from the same positions. */
async function comparePages(store: Store, model: Model, random: Random): Promise<void> {
  const asked = random.some([...channels, 'unknown'])
  const after = new Map<string, Seq>(
    asked.map((channel) => [channel, random.chance(0.4) ? 0 : random.below(model.head + 1)]),
  )
  const limit = { entries: 1 + random.below(8), bytes: 1 + random.below(300) }
  for (;;) {
    const page = await store.readChannels(after, limit)
    const due = model.told(after)
    expect(page.items).toEqual(due.filter(({ seq }) => seq <= page.upTo))
    expect(page.done).toBe(due.length === page.items.length)
    if (page.items.length > 1) expectWithin(page.items, limit)
    if (page.done) return expect(page.upTo).toBe(model.head)
    expect(page.items.length).toBeGreaterThan(0)
    for (const [channel, position] of after) after.set(channel, Math.max(position, page.upTo))
  }
}

function expectWithin(items: ChannelItem<StoredEntry>[], limit: { entries: number; bytes: number }): void {
  const brought = items.flatMap(broughtBy)
  expect(brought.length).toBeLessThanOrEqual(limit.entries)
  expect(brought.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBeLessThanOrEqual(limit.bytes)
}

function bySeq(left: { seq: Seq }, right: { seq: Seq }): number {
  return left.seq - right.seq
}
