/** What only the store in memory has: a disk that outlives it, can be cloned, and can fail. The contract is run by test/contract. */
import { describe, expect, it } from 'vitest'
import { memoryStore } from './memory.ts'
import { MemoryDisk } from './memory-disk.ts'
import { type Batch, emptyBatch, type Store, StoreError } from './port.ts'

const pageMax = { entries: 1_000_000, bytes: 2 ** 40 }
const run = (number: number) => number.toString(16).padStart(32, '0')

function written(first: number, count: number): Batch {
  const numbers = Array.from({ length: count }, (_, at) => first + at)
  return {
    ...emptyBatch,
    entries: numbers.map((number) => ({
      seq: 2 * number - 1,
      kind: 'changes',
      record: `job/${number}`,
      bytes: new Uint8Array(8).fill(number),
      channels: ['north'],
    })),
    marks: numbers.map((number) => ({
      seq: 2 * number,
      channel: 'north',
      record: `job/${number}`,
      kind: 'enter',
    })),
    records: numbers.map((number) => ({
      record: `job/${number}`,
      collection: 'job',
      frontier: new Uint8Array(8),
      view: `{"n":${number}}`,
      indexed: [['n', number % 100]],
    })),
  }
}

const identityKey: Batch = {
  ...emptyBatch,
  tables: [{ table: 'identity', key: 'secret', value: new Uint8Array(32) }],
}

async function seqs(store: Store): Promise<number[]> {
  return (await store.readLog(0, pageMax)).map(({ seq }) => seq)
}

describe('a memory disk', () => {
  it('keeps everything for the next store, also when the first one crashed', async () => {
    const disk = new MemoryDisk()
    const crashed = memoryStore({ disk })
    await crashed.open(run(1))
    await crashed.commit(written(1, 2))
    disk.crash()
    await expect(crashed.commit(written(3, 1))).rejects.toMatchObject({ name: 'StoreError', code: 'closed' })
    const store = memoryStore({ disk })
    const { runs, head } = await store.open(run(2))
    expect([runs.length, head, await seqs(store)]).toEqual([2, 4, [1, 3]])
  })

  it('fault P10: loses a commit that the crash overtook, whole', async () => {
    const disk = new MemoryDisk()
    const store = memoryStore({ disk, beforeCommit: () => disk.crash() })
    await store.open(run(1))
    await expect(store.commit(written(1, 1))).rejects.toMatchObject({ code: 'closed' })
    const next = memoryStore({ disk })
    expect((await next.open(run(2))).head).toBe(0)
  })

  it('is cloned as it is at that moment, and the two go their own ways', async () => {
    const disk = new MemoryDisk()
    const store = memoryStore({ disk })
    const { log } = await store.open(run(1))
    await store.commit(written(1, 2))
    const backup = disk.clone()
    await store.commit({ ...written(3, 1), forgotten: ['job/1'], removed: [3] })
    const restored = memoryStore({ disk: backup.clone() })
    expect(await restored.open(run(2))).toMatchObject({
      log,
      head: 4,
      runs: [{ run: run(1) }, { run: run(2) }],
    })
    await restored.commit({ ...written(4, 1), tables: identityKey.tables })
    expect([await seqs(store), await seqs(restored)]).toEqual([[5], [1, 3, 7]])
    const again = memoryStore({ disk: backup })
    expect((await again.open(run(3))).head).toBe(4)
    expect(await seqs(again)).toEqual([1, 3])
  })

  it('opened as a copy is a new log without a device key; the original keeps both', async () => {
    const disk = new MemoryDisk()
    const original = memoryStore({ disk })
    const { log } = await original.open(run(1))
    await original.commit(identityKey)
    const copy = memoryStore({ disk: disk.clone(), accept: 'copy' })
    expect((await copy.open(run(2))).log).not.toBe(log)
    expect(await copy.get('identity', 'secret')).toBeUndefined()
    expect(await original.get('identity', 'secret')).toHaveLength(32)
  })
})

describe('beforeCommit', () => {
  it('may refuse a commit, which leaves the store as it was and readable', async () => {
    let refusal: StoreError | undefined
    const store = memoryStore({
      beforeCommit: () => {
        if (refusal) throw refusal
      },
    })
    await store.open(run(1))
    await store.commit(written(1, 1))
    refusal = new StoreError('full', 'the simulated disk is full')
    await expect(store.commit(written(2, 1))).rejects.toBe(refusal)
    expect(await seqs(store)).toEqual([1])
    refusal = undefined
    await store.commit(written(2, 1))
    expect(await seqs(store)).toEqual([1, 3])
  })

  it('may take its time; commits stay in order and close waits', async () => {
    const disk = new MemoryDisk()
    const gates: (() => void)[] = []
    const store = memoryStore({ disk, beforeCommit: () => new Promise((resolve) => gates.push(resolve)) })
    await store.open(run(1))
    const commits = [store.commit(written(1, 1)), store.commit(written(2, 1))]
    const closed = store.close()
    for (const _ of commits) {
      for (let turns = 0; turns < 100 && gates.length === 0; turns += 1) await undefined
      expect(gates).toHaveLength(1)
      gates.pop()?.()
    }
    await Promise.all([...commits, closed])
    const next = memoryStore({ disk })
    expect((await next.open(run(2))).head).toBe(4)
  })
})

it('carries 100,000 records: commit, page, query, replace each and forget half, all in seconds', async () => {
  const store = memoryStore()
  await store.open(run(1))
  const count = 100_000
  for (let first = 1; first <= count; first += 10_000) await store.commit(written(first, 10_000))
  let told = 0
  let after = 0
  for (let done = false; !done; ) {
    const page = await store.readChannels(new Map([['north', after]]), { entries: 1000, bytes: 2 ** 20 })
    told += page.items.length
    after = page.upTo
    done = page.done
  }
  expect(told).toBe(count)
  expect(await store.findRows('job', [['n', 7]])).toHaveLength(count / 100)
  const all = written(1, count)
  await store.commit({ ...emptyBatch, replaced: all.entries })
  await store.commit({
    ...emptyBatch,
    forgotten: all.entries.slice(0, count / 2).map(({ record }) => record),
  })
  expect(await store.size()).toMatchObject({ entries: count / 2, records: count / 2 })
  expect(await store.scanRows('job', '', 1)).toHaveLength(1)
})
