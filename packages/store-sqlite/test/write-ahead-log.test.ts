/** What becomes of a store whose write-ahead log is cut, damaged, gone, that of another time, or kept long by a reader. */
import { copyFileSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { seededRandom } from '@skerry/contract'
import { type Accept, sqliteStore, verifySqlite } from '@skerry/store-sqlite'
import Database from 'better-sqlite3'
import { beforeEach, expect, it, onTestFinished } from 'vitest'
import { runCommitting } from './child.ts'
import { crashCopy, type TestDirectory, temporaryDirectory } from './directory.ts'
import { missingParts, newestBatch, numberedBatch } from './numbered.ts'

const BATCHES = 40
const CUTS = 12
const BALLAST_BYTES = 2 ** 18

let directory: TestDirectory
let opens = 0
beforeEach(() => {
  directory = temporaryDirectory()
  onTestFinished(() => directory.remove())
})

async function open(path: string, accept?: Accept, ballastBytes = 0) {
  opens += 1
  const store = sqliteStore({ path, ballastBytes, ...(accept && { accept }) })
  const identity = await store.open(opens.toString(16).padStart(32, '0'))
  onTestFinished(() => store.close())
  return { store, identity }
}

/** As after a power cut: the database, and a write-ahead log with all the batches. */
async function crashImage(): Promise<string> {
  const { store } = await open(directory.path('log.db'))
  for (let number = 1; number <= BATCHES; number += 1) await store.commit(numberedBatch(number))
  return crashCopy(directory.path('log.db'), directory)
}

async function written(path: string): Promise<number> {
  const { store } = await open(path, 'moved')
  const newest = await newestBatch(store)
  expect(await missingParts(store, newest)).toEqual([])
  await store.commit(numberedBatch(newest + 1))
  await store.close()
  expect(verifySqlite(path)).toEqual([])
  return newest
}

it('fault S4: a write-ahead log that is cut anywhere opens as of its last whole commit, and goes on', async () => {
  const image = await crashImage()
  const wal = readFileSync(`${image}-wal`)
  const random = seededRandom(11)
  const lengths = Array.from({ length: CUTS }, () => random.below(wal.length)).sort((a, b) => a - b)
  const found: number[] = []
  for (const [at, length] of [...lengths, wal.length].entries()) {
    const path = directory.path(`cut-${at}.db`)
    copyFileSync(image, path)
    writeFileSync(`${path}-wal`, wal.subarray(0, length), { mode: 0o600 })
    found.push(await written(path))
  }
  expect(found).toEqual([...found].sort((a, b) => a - b))
  expect(found.at(-1)).toBe(BATCHES)
  expect(new Set(found).size).toBeGreaterThan(CUTS / 2)
})

it('fault S3, S4: a bit of the write-ahead log that flips ends it there: what stands behind it is not taken, and nothing wrong is', async () => {
  const image = await crashImage()
  const wal = readFileSync(`${image}-wal`)
  const random = seededRandom(12)
  const found: number[] = []
  for (let flip = 0; flip < CUTS; flip += 1) {
    const path = directory.path(`flip-${flip}.db`)
    copyFileSync(image, path)
    const damaged = Buffer.from(wal)
    const at = random.below(wal.length)
    damaged[at] = damaged[at]! ^ (1 << random.below(8))
    writeFileSync(`${path}-wal`, damaged, { mode: 0o600 })
    found.push(await written(path))
  }
  expect(Math.min(...found)).toBeLessThan(BATCHES)
})

/** A store that was closed well once, and whose next process was killed with commits in its write-ahead log. */
async function killed(until: number, entryBytes = 300): Promise<{ path: string; closedAt: number }> {
  const path = directory.path('log.db')
  const { store } = await open(path)
  await store.commit(numberedBatch(1))
  await store.close()
  copyFileSync(path, directory.path('backup.db'))
  const { signal } = await runCommitting([path, 'f'.repeat(32), `${entryBytes}`], (line, child) => {
    if (line === `${until}`) child.kill('SIGKILL')
  })
  expect(signal).toBe('SIGKILL')
  expect(existsSync(`${path}-wal`)).toBe(true)
  return { path, closedAt: 1 }
}

it('fault S5: a write-ahead log that is gone is noticed; accepted, the lost run is not believed any more, and none of its sequences is used as its own', async () => {
  const { path, closedAt } = await killed(5)
  rmSync(`${path}-wal`)
  rmSync(`${path}-shm`, { force: true })
  await expect(open(path)).rejects.toMatchObject({
    name: 'StoreError',
    code: 'restored',
    message: expect.stringMatching(/older than the log.*accept: 'restored'.*skerry restore/s),
  })
  const { store, identity } = await open(path, 'restored')
  expect(await newestBatch(store)).toBe(closedAt)
  expect(identity.runs.map(({ run }) => run)).not.toContain('f'.repeat(32))
  expect(identity.runs.at(-1)?.first).toBe(identity.head + 1)
})

/** The backup put back by hand, over the same file: its write-ahead log is that of the killed process. */
async function putBack(until: number, entryBytes: number): Promise<string> {
  const { path } = await killed(until, entryBytes)
  copyFileSync(directory.path('backup.db'), path)
  rmSync(`${path}-shm`, { force: true })
  return path
}

it('fault S5: an older database beside a write-ahead log that has all since then is whole again', async () => {
  const path = await putBack(3, 300)
  const { store } = await open(path)
  expect(await newestBatch(store)).toBeGreaterThanOrEqual(3)
  expect(await missingParts(store, await newestBatch(store))).toEqual([])
  await store.close()
  expect(verifySqlite(path)).toEqual([])
})

it('fault S5: an older database beside a write-ahead log that lacks something since then is refused, also when it is accepted as restored', async () => {
  // More than 16 MiB, so that the log was moved into the database on the way, and begun anew.
  const path = await putBack(110, 60_000)
  await expect(open(path)).rejects.toMatchObject({ code: 'restored' })
  await expect(open(path, 'restored')).rejects.toMatchObject({
    code: 'corrupt',
    message: expect.stringMatching(/restore a backup or sync again/),
  })
})

it('fault S11: under a long reader the write-ahead log grows, which the size tells; writers go on, and it is cut back once the reader has gone', async () => {
  const path = directory.path('log.db')
  const { store } = await open(path, undefined, BALLAST_BYTES)
  const walBytes = () => statSync(`${path}-wal`).size
  let number = 0
  const write = async (batches: number) => {
    for (const last = number + batches; number < last; ) await store.commit(numberedBatch(++number, 10_000))
  }
  await write(30)
  expect(walBytes()).toBeLessThan(2 * BALLAST_BYTES)
  const reader = new Database(path, { readonly: true })
  onTestFinished(() => void reader.close())
  reader.exec('BEGIN')
  expect(reader.prepare('SELECT count(*) AS count FROM entries').get()).toEqual({ count: 90 })
  await write(60)
  expect(walBytes()).toBeGreaterThan(4 * BALLAST_BYTES)
  expect((await store.size()).bytes).toBeGreaterThan(walBytes())
  expect(reader.prepare('SELECT count(*) AS count FROM entries').get()).toEqual({ count: 90 })
  reader.exec('COMMIT')
  await write(60)
  expect(walBytes()).toBeLessThan(2 * BALLAST_BYTES)
  expect(await missingParts(store, number)).toEqual([])
})
