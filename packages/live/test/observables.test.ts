/** What components rely on: one watch for all that are alike, the same snapshot as long as nothing changed, the same objects for records that did not. */

import { live as all, GRACE_MS, LiveError, type LiveReplica, liveRecord } from '@skerry/live'
import { job, jobs } from '@skerry/live/testing'
import { startEngine } from '@skerry/node'
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { opened, until } from './opened.ts'

beforeAll(startEngine)
afterEach(() => void vi.useRealTimers())

const none = () => undefined

describe('one watch', () => {
  test('begins with the first listener and serves all that are alike', async () => {
    const { live, begun } = await opened()
    const one = all(live, jobs).where({ status: 'open', site: 'SEA' })
    const same = all(live, jobs).where({ site: 'SEA' }).where({ status: 'open' })
    expect([one.get(), begun()]).toEqual([{ state: 'loading', records: [], error: undefined }, 0])
    one.subscribe(none)
    same.subscribe(none)
    await until(same, ({ state }) => state === 'ready')
    expect([one.get() === same.get(), begun()]).toEqual([true, 1])
    all(live, jobs).where({ status: 'done' }).subscribe(none)
    expect(begun()).toBe(2)
  })

  test('ends a moment after the last listener, and goes on when another one comes before', async () => {
    const { live, begun, watches } = await opened()
    const query = all(live, jobs)
    const stop = query.subscribe(none)
    const other = query.subscribe(none)
    await until(query, ({ state }) => state === 'ready')
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    stop()
    stop()
    vi.advanceTimersByTime(GRACE_MS)
    expect(watches(), 'one listener is left').toBe(1)
    other()
    vi.advanceTimersByTime(GRACE_MS - 1)
    const again = query.subscribe(none)
    vi.advanceTimersByTime(GRACE_MS)
    expect([watches(), begun(), query.get().state]).toEqual([1, 1, 'ready'])
    again()
    vi.advanceTimersByTime(GRACE_MS)
    expect([watches(), query.get().state]).toEqual([0, 'loading'])
  })

  test('that failed says why, keeps what it knew, and begins anew with the next listener', async () => {
    const { live } = await opened()
    let fail: (error: LiveError) => void = none
    const { watch } = live
    live.watch = (query, told, failed) => {
      fail = failed
      return watch(query, told, failed)
    }
    await live.create('jobs', job(), 'one')
    const query = all(live, jobs)
    let told = 0
    const stop = query.subscribe(() => {
      told += 1
    })
    await until(query, ({ state }) => state === 'ready')
    const error = new LiveError('StoreError', 'io', 'the disk is gone')
    fail(error)
    fail(error)
    expect(query.get()).toEqual({ state: 'failed', records: [{ ...job(), id: 'one' }], error })
    expect(told).toBe(2)
    query.subscribe(none)
    expect((await until(query, ({ state }) => state === 'ready')).error).toBeUndefined()
    stop()
  })

  test('without a replica everything is loading', () => {
    const query = all(undefined, jobs).filter(() => true)
    query.subscribe(none)()
    const before = query.get()
    expect(before).toEqual({ state: 'loading', records: [], error: undefined })
    expect(query.get()).toBe(before)
  })
})

describe('snapshots', () => {
  test('are the same as long as nothing changed, and so are records in the next one', async () => {
    const { live } = await opened()
    await Promise.all(['a', 'b', 'c'].map((id) => live.create('jobs', job(), id)))
    const query = all(live, jobs)
    query.subscribe(none)
    const before = await until(query, ({ records }) => records.length === 3)
    expect(query.get()).toBe(before)
    const base = (await live.get('jobs', 'b'))!
    await live.update('jobs', 'b', { base, wanted: { ...base, title: 'new' } })
    const after = query.get()
    expect(after.records.map((record, i) => record === before.records[i])).toEqual([true, false, true])
    expect(before.records[1]?.title, 'of the former one').toBe('t')
  })

  test('of one record: there, changed, gone', async () => {
    const { live } = await opened()
    const record = liveRecord(live, 'jobs', 'one')
    record.subscribe(none)
    expect((await until(record, ({ state }) => state === 'ready')).record).toBeUndefined()
    await live.create('jobs', job(), 'one')
    const there = record.get()
    expect(there.record).toEqual({ ...job(), id: 'one' })
    await live.create('jobs', job(), 'two')
    expect(record.get(), 'nothing of it changed').toBe(there)
    await live.remove('jobs', 'one')
    expect(record.get()).toEqual({ state: 'ready', record: undefined, error: undefined })
  })
})

describe('a filter on the page', () => {
  test('gives the same snapshot when it leaves the same records, and counts what it leaves', async () => {
    const { live } = await opened()
    await fill(live, { a: 1, b: 2, c: 3, d: 4 })
    const even = all(live, jobs)
      .orderBy('rank', 'descending')
      .limit(1)
      .filter(({ rank = 1 }) => rank % 2 === 0)
    let told = 0
    even.subscribe(() => {
      told += 1
    })
    const before = await until(even, ({ records }) => records.length === 1)
    expect(before.records[0]?.rank).toBe(4)
    const base = (await live.get('jobs', 'a'))!
    await live.update('jobs', 'a', { base, wanted: { ...base, rank: 7 } })
    expect([told, even.get() === before]).toEqual([2, true])
  })
})

async function fill(live: LiveReplica, ranks: Record<string, number>): Promise<void> {
  await Promise.all(Object.entries(ranks).map(([id, rank]) => live.create('jobs', job({ rank }), id)))
}
