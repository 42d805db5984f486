/** What only a browser does to a store: damage, a newer version, a lost connection, a deleted database, merges. A suite for vitest, run in a page. */
import '@skerry/browser-test/page/suite'
import {
  type Batch,
  emptyBatch,
  isDamaged,
  memoryStore,
  type NewEntry,
  type RecordRow,
  type Store,
  StoreError,
} from '@skerry/core'
import { deleteIdbStore, idbStore, storageHealth } from '@skerry/store-idb'
import { openDB } from 'idb'
import { describe, expect, it, onTestFinished } from 'vitest'
import { intercepted } from './intercepted.ts'
import { journalBatch, journalText } from './journal.ts'
import { flip, inDatabase } from './raw.ts'

const PAGE_MAX = { entries: 1_000, bytes: 2 ** 30 }
let made = 0

const bytesOf = (text: string) => new TextEncoder().encode(text)
const newRun = () => crypto.randomUUID().replaceAll('-', '')

function newName(): string {
  made += 1
  const name = `faults-${made}`
  onTestFinished(() => deleteIdbStore(name))
  return name
}

function idbStoreOf(name: string): Store {
  const store = idbStore({ name })
  onTestFinished(() => store.close())
  return store
}

async function opened(name: string): Promise<Store> {
  const store = idbStoreOf(name)
  await store.open(newRun())
  return store
}

function entry(seq: number, text: string): NewEntry {
  return { seq, kind: 'changes', record: `job/${seq}`, bytes: bytesOf(text), channels: ['north'] }
}

function row(id: number, view: string): RecordRow {
  return { record: `job/${id}`, collection: 'job', frontier: bytesOf('frontier'), view, indexed: [] }
}

const three: Batch = {
  ...emptyBatch,
  entries: [entry(1, 'first entry'), entry(2, 'second entry'), entry(3, 'third entry')],
  marks: [{ seq: 4, channel: 'north', record: 'job/2', kind: 'enter' }],
  records: [row(1, '"first view"'), row(2, '"second view"')],
  tables: [
    { table: 't', key: 'a', value: bytesOf('value of a') },
    { table: 't', key: 'b', value: bytesOf('value of b') },
  ],
}

async function withThree(): Promise<string> {
  const name = newName()
  const store = await opened(name)
  await store.commit(three)
  await store.close()
  return name
}

describe('D-1 DAMAGED', () => {
  it('an entry that cannot be read back is told in its place, and nothing else fails', async () => {
    const name = await withThree()
    expect(await flip(name, 'bodies', 'second entry')).toBe(1)
    const store = await opened(name)
    const log = await store.readLog(0, PAGE_MAX)
    expect(log.map(isDamaged)).toEqual([false, true, false])
    expect(log[1]).toEqual({ seq: 2, record: 'job/2', damage: expect.stringContaining('checksum') })
    expect((await store.readRecord('job/2')).map(isDamaged)).toEqual([true])
    const { items } = await store.readChannels(new Map([['north', 0]]), PAGE_MAX)
    expect(items.map((item) => (item.kind === 'enter' ? item.entries.map(isDamaged) : item.kind))).toEqual([
      [true],
    ])
    expect(await store.rows(['job/1', 'job/2'])).toHaveLength(2)
    expect(await store.get('t', 'a')).toEqual(bytesOf('value of a'))
  })

  it('D-2: it is mended by its replacement, for good', async () => {
    const name = await withThree()
    await flip(name, 'bodies', 'second entry')
    const store = await opened(name)
    await store.commit({ ...emptyBatch, replaced: [entry(2, 'second, again')] })
    await store.close()
    expect((await (await opened(name)).readLog(0, PAGE_MAX)).map(isDamaged)).toEqual([false, false, false])
  })

  it('a row and a value are refused by name, and mended by being written', async () => {
    const name = await withThree()
    expect([await flip(name, 'bodies', 'second view'), await flip(name, 'bodies', 'value of b')]).toEqual([
      1, 1,
    ])
    const store = await opened(name)
    await expect(store.rows(['job/1', 'job/2'])).rejects.toMatchObject({
      code: 'corrupt',
      damage: { record: 'job/2' },
    })
    await expect(store.get('t', 'b')).rejects.toMatchObject({ damage: { table: 't', key: 'b' } })
    expect(await store.rows(['job/1'])).toHaveLength(1)
    expect(await store.get('t', 'a')).toEqual(bytesOf('value of a'))
    await store.commit({
      ...emptyBatch,
      records: [row(2, '"new"')],
      tables: [{ table: 't', key: 'b', value: bytesOf('new') }],
    })
    expect(await store.rows(['job/1', 'job/2'])).toHaveLength(2)
    expect(await store.get('t', 'b')).toEqual(bytesOf('new'))
  })

  it('a body that is gone is the damage of what was in it', async () => {
    const name = await withThree()
    await inDatabase(name, (database) => database.clear('bodies'))
    const store = await opened(name)
    expect((await store.readLog(0, PAGE_MAX)).map(isDamaged)).toEqual([true, true, true])
    await expect(store.rows(['job/1'])).rejects.toMatchObject({
      code: 'corrupt',
      damage: { record: 'job/1' },
    })
    await store.commit({ ...emptyBatch, entries: [entry(5, 'fifth')] })
    expect((await store.readLog(3, PAGE_MAX)).map(isDamaged)).toEqual([false])
  })
})

describe('O-4', () => {
  for (const how of ['damaged', 'missing'] as const)
    it(`a head that is ${how} is read from its spare, and put back`, async () => {
      const name = await withThree()
      if (how === 'damaged') expect(await flip(name, 'heads')).toBe(1)
      else await inDatabase(name, (database) => database.clear('heads'))
      const store = await opened(name)
      expect((await store.readLog(0, PAGE_MAX)).map(isDamaged)).toEqual([false, false, false])
      await store.close()
      await flip(name, 'spares')
      expect(await (await opened(name)).rows(['job/1'])).toHaveLength(1)
    })

  it('without either the store is refused as corrupt, and stays as it is', async () => {
    const name = await withThree()
    await flip(name, 'heads')
    await flip(name, 'spares')
    await expect(opened(name)).rejects.toMatchObject({
      code: 'corrupt',
      message: expect.stringContaining('frame 1'),
    })
    expect(await inDatabase(name, (database) => database.count('runs'))).toBe(1)
    await deleteIdbStore(name)
    expect(await (await opened(name)).readLog(0, PAGE_MAX)).toEqual([])
  })

  it('so it is with a damaged run, or log id', async () => {
    for (const [store, key] of [
      ['runs', 1],
      ['meta', 'log'],
    ] as const) {
      const name = await withThree()
      await inDatabase(name, (database) => database.put(store, '1:{}', key))
      await expect(opened(name)).rejects.toMatchObject({ code: 'corrupt' })
    }
  })
})

it('O-2: a database of a newer version is refused and not touched', async () => {
  const name = await withThree()
  const newer = await openDB(`skerry:${name}`, 2, {
    upgrade: (made) => void made.createObjectStore('of the future'),
  })
  newer.close()
  await expect(opened(name)).rejects.toMatchObject({
    code: 'newer-format',
    message: expect.stringContaining('newest'),
  })
  const runs = await inDatabase(name, async (database) => [database.version, await database.count('runs')])
  expect(runs).toEqual([2, 1])
})

describe('R-1', () => {
  /** The next calls for a transaction fail as they do when the connection is lost. */
  function loseConnection(times: number, name: string): void {
    let left = times
    intercepted(IDBDatabase.prototype, 'transaction', (go) => {
      left -= 1
      if (left < 0) return go()
      throw new DOMException(
        'Connection to Indexed Database server lost. Refresh the page to try again',
        name,
      )
    })
  }

  /** How many connections were asked for since. */
  function countOpens(): () => number {
    let times = 0
    intercepted(IDBFactory.prototype, 'open', (go) => {
      times += 1
      return go()
    })
    return () => times
  }

  for (const lost of ['InvalidStateError', 'UnknownError'])
    it(`what was asked when the connection went (${lost}) is asked over a new one`, async () => {
      const store = await opened(newName())
      loseConnection(1, lost)
      await store.commit(three)
      expect(await store.readLog(0, PAGE_MAX)).toHaveLength(3)
    })

  it('a second loss is io; the store goes on when the browser does', async () => {
    const name = newName()
    const store = await opened(name)
    loseConnection(2, 'UnknownError')
    await expect(store.commit(three)).rejects.toMatchObject({
      code: 'io',
      message: expect.stringContaining('lost'),
    })
    expect(await store.readLog(0, PAGE_MAX)).toEqual([])
    await store.commit(three)
    await store.close()
    expect(await (await opened(name)).readLog(0, PAGE_MAX)).toHaveLength(3)
  })

  it('all that was asked when it went shares one new connection, and none is left open', async () => {
    const name = newName()
    const store = await opened(name)
    // Each in a frame of its own, so that each is read by itself.
    for (const one of three.entries) await store.commit({ ...emptyBatch, entries: [one] })
    await store.close()
    const again = await opened(name)
    loseConnection(3, 'UnknownError')
    const opens = countOpens()
    const reads = three.entries.map(({ seq }) => again.readEntries([seq]))
    expect((await Promise.all(reads)).map((read) => read.length)).toEqual([1, 1, 1])
    expect(opens()).toBe(1)
    await again.close()
    await deleteIdbStore(name)
  })

  it('a store that is closed while it reads does not connect again', async () => {
    const name = await withThree()
    const store = await opened(name)
    const read = store.readLog(0, PAGE_MAX).then(
      (log) => log.length,
      (error: StoreError) => error.code,
    )
    loseConnection(1, 'InvalidStateError')
    await store.close()
    expect([3, 'closed']).toContain(await read)
    await deleteIdbStore(name)
  })

  it('R-2: a database that was deleted meanwhile is not made anew', async () => {
    const name = newName()
    const store = await opened(name)
    await store.commit(three)
    // Without the lock, as the browser does it.
    await new Promise((resolve, reject) => {
      const request = indexedDB.deleteDatabase(`skerry:${name}`)
      request.onsuccess = resolve
      request.onerror = reject
    })
    const next = { ...emptyBatch, entries: [entry(5, 'fifth')] }
    await expect(store.commit(next)).rejects.toMatchObject({
      code: 'io',
      message: expect.stringContaining('deleted'),
    })
    await expect(store.commit(next)).rejects.toMatchObject({ code: 'io' })
    expect((await indexedDB.databases()).map((each) => each.name)).not.toContain(`skerry:${name}`)
    await store.close()
    expect(await (await opened(name)).readLog(0, PAGE_MAX)).toEqual([])
  })
})

describe('O-3', () => {
  const fourth = { ...emptyBatch, entries: [entry(5, 'fourth entry')] }
  const runsOf = (name: string) => inDatabase(name, (database) => database.count('runs'))

  /** Transactions that write to this object store fail; gives what ends that. */
  function refuse(written: string): () => void {
    return intercepted(IDBDatabase.prototype, 'transaction', (go, names, mode) => {
      if (mode === 'readwrite' && [names].flat().includes(written))
        throw new DOMException('the disk is broken', 'DataError')
      return go()
    })
  }

  it('an open that only reads writes nothing, and its run is not missed', async () => {
    const name = await withThree()
    const store = await opened(name)
    expect(await store.readLog(0, PAGE_MAX)).toHaveLength(3)
    await store.close()
    expect(await runsOf(name)).toBe(1)
    const { runs, head } = await idbStoreOf(name).open(newRun())
    expect([runs.map(({ first }) => first), head]).toEqual([[1, 5], 4])
  })

  it('RUN: the row of the run is there with the first commit, and a while after opening without one', async () => {
    const name = await withThree()
    const store = await opened(name)
    expect(await runsOf(name)).toBe(1)
    await store.commit(fourth)
    expect(await runsOf(name)).toBe(2)
    await store.close()
    await opened(name)
    const endMs = performance.now() + 10_000
    while ((await runsOf(name)) < 3 && performance.now() < endMs)
      await new Promise((resolve) => setTimeout(resolve, 20))
    expect(await runsOf(name)).toBe(3)
  })

  for (const written of ['runs', 'scratch'])
    it(`O-6: what is to be written first and is not (${written}) fails the commit with its cause, and the next one tries again`, async () => {
      const name = await withThree()
      await inDatabase(name, (database) => database.delete('meta', 'closed'))
      const store = await opened(name)
      const end = refuse(written)
      for (const _ of [1, 2])
        await expect(store.commit(fourth)).rejects.toMatchObject({
          code: 'io',
          cause: { message: 'the disk is broken' },
        })
      expect(await store.readLog(0, PAGE_MAX)).toHaveLength(3)
      end()
      await store.commit(fourth)
      expect([await runsOf(name), (await store.readLog(0, PAGE_MAX)).length]).toEqual([2, 4])
    })

  it('O-6: a store that wrote nothing is as cleanly closed as it was found', async () => {
    const name = await withThree()
    const isClosed = () =>
      inDatabase(name, async (database) => (await database.getAllKeys('meta')).includes('closed'))
    await (await opened(name)).close()
    expect(await isClosed()).toBe(true)
    await inDatabase(name, (database) => database.delete('meta', 'closed'))
    await (await opened(name)).close()
    expect(await isClosed()).toBe(false)
    const store = await opened(name)
    await store.commit(fourth)
    await store.close()
    expect(await isClosed()).toBe(true)
  })

  it('R-2: a database that was deleted before is not made anew', async () => {
    const name = await withThree()
    const store = await opened(name)
    await new Promise((resolve, reject) => {
      const request = indexedDB.deleteDatabase(`skerry:${name}`)
      request.onsuccess = resolve
      request.onerror = reject
    })
    await expect(store.commit(fourth)).rejects.toMatchObject({
      code: 'io',
      message: expect.stringContaining('deleted'),
    })
    expect((await indexedDB.databases()).map((each) => each.name)).not.toContain(`skerry:${name}`)
  })
})

describe('O-1', () => {
  it('who finds the store locked is told by whom', async () => {
    const name = newName()
    const first = idbStore({ name, owner: 'the tab of Ana' })
    await first.open(newRun())
    onTestFinished(() => first.close())
    await expect(opened(name)).rejects.toMatchObject({
      code: 'locked',
      message: expect.stringMatching(/the tab of Ana, since \d/),
    })
    await expect(deleteIdbStore(name)).rejects.toMatchObject({ code: 'locked' })
    await first.close()
    await opened(name)
  })

  it('an open that failed leaves no lock behind', async () => {
    const name = await withThree()
    const store = idbStore({ name })
    await expect(store.open('no run')).rejects.toThrow(RangeError)
    const { run } = JSON.parse(
      (await inDatabase(name, (database) => database.get('runs', 1))).replace(/^\d+:/, ''),
    )
    await expect(store.open(run)).rejects.toThrow(/used before/)
    await opened(name)
  })
})

describe('M-1 M-2 M-3', () => {
  it('a thousand commits are some frames, without what is dead, and read as in memory, now and after each open', async () => {
    const name = newName()
    const model = memoryStore()
    await model.open(newRun())
    let n = 0
    for (const commits of [1, 32, 300, 667]) {
      const store = await opened(name)
      for (const last = n + commits; n < last; ) {
        n += 1
        await Promise.all([store.commit(journalBatch(n)), model.commit(journalBatch(n))])
        if (n % 100 === 0) expect(await journalText(store)).toBe(await journalText(model))
      }
      await store.close()
      const again = await opened(name)
      expect(await journalText(again)).toBe(await journalText(model))
      await again.close()
    }
    const [frames, bodies] = await inDatabase(
      name,
      async (database) =>
        [await database.count('heads'), (await database.getAll('bodies')) as Uint8Array[]] as const,
    )
    expect(frames).toBeLessThan(120)
    const held = await opened(name)
    const log = await held.readLog(0, PAGE_MAX)
    const live = log.reduce((sum, each) => sum + (isDamaged(each) ? 0 : each.bytes.length), 0)
    expect(bodies.reduce((sum, { length }) => sum + length, 0)).toBeLessThan(3 * live + 200_000)
    expect(Math.max(...bodies.map(({ length }) => length))).toBeLessThan(64_000)
  })

  it('frames are merged also while commits never stop', async () => {
    const name = newName()
    const store = await opened(name)
    await Promise.all(Array.from({ length: 300 }, (_, at) => store.commit(journalBatch(at + 1))))
    await store.close()
    expect(await inDatabase(name, (database) => database.count('heads'))).toBeLessThan(100)
    const model = memoryStore()
    await model.open(newRun())
    for (let n = 1; n <= 300; n += 1) await model.commit(journalBatch(n))
    expect(await journalText(await opened(name))).toBe(await journalText(model))
  })

  it('a reader that a merge overtakes reads what was there', async () => {
    const name = newName()
    const writer = await opened(name)
    for (let n = 1; n <= 30; n += 1) await writer.commit(journalBatch(n))
    await writer.close()
    // Nothing is at hand any more.
    const store = await opened(name)
    const reads: Promise<unknown>[] = []
    const commits: Promise<void>[] = []
    for (let n = 31; n <= 130; n += 1) {
      commits.push(store.commit(journalBatch(n)))
      if (n % 3 === 0) await commits.at(-1)
      reads.push(store.readLog(0, PAGE_MAX).then((log) => expect(log.filter(isDamaged)).toEqual([])))
      reads.push(store.scanRows('job', '', 100))
    }
    await Promise.all([...commits, ...reads])
  })

  it('M-4: a frame without its body is left, and those around it are merged', async () => {
    const name = await withThree()
    await inDatabase(name, (database) => database.clear('bodies'))
    const store = await opened(name)
    for (let n = 5; n <= 80; n += 1) await store.commit({ ...emptyBatch, entries: [entry(n, `entry ${n}`)] })
    await store.close()
    expect(await inDatabase(name, (database) => database.count('heads'))).toBeLessThan(60)
    const damaged = (await (await opened(name)).readLog(0, PAGE_MAX)).filter(isDamaged)
    expect(damaged.map(({ seq }) => seq)).toEqual([1, 2, 3])
  })

  it('M-4: what is damaged stays so when it moves', async () => {
    const name = await withThree()
    await flip(name, 'bodies', 'second entry')
    const store = await opened(name)
    for (let n = 5; n <= 80; n += 1) await store.commit({ ...emptyBatch, entries: [entry(n, `entry ${n}`)] })
    await store.close()
    expect(await inDatabase(name, (database) => database.count('heads'))).toBeLessThan(60)
    const damaged = (await (await opened(name)).readLog(0, PAGE_MAX)).filter(isDamaged)
    expect(damaged.map(({ seq }) => seq)).toEqual([2])
  })
})

it('health is measured, and a page may ask to be kept', async () => {
  const health = await storageHealth()
  expect(health).toEqual({
    health: expect.stringMatching(/^(kept|evictable)$/),
    usedBytes: expect.any(Number),
    quotaBytes: expect.any(Number),
    reason: undefined,
  })
})

it('errors are of core', async () => {
  await expect(idbStore({ name: 'never opened' }).readMarks('job/1')).rejects.toBeInstanceOf(StoreError)
})
