/** Blobs in a folder when the power goes: a folder forgets the names that it was given since it was synced (SPEC.md, BL-16). */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import type * as promises from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { folderBlobs } from '@skerry/blobs/node'
import { SeededRandom } from '@skerry/core/testing'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { hashOf } from './hash.ts'

/** Names that would go with the power, and what becomes of a folder's sync. */
const disk = vi.hoisted(() => ({
  unsynced: new Set<string>(),
  beforeSync: async (_folder: string): Promise<void> => undefined,
}))

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof promises>()
  return {
    ...real,
    rename: async (from: string, to: string) => {
      await real.rename(from, to)
      disk.unsynced.add(to)
    },
    open: async (path: string, ...how: []) => {
      const handle = await real.open(path, ...how)
      const isFolder = (await handle.stat()).isDirectory()
      if (!isFolder) return handle
      const { sync } = handle
      handle.sync = async () => {
        await disk.beforeSync(path)
        await sync.call(handle)
        for (const name of disk.unsynced) if (dirname(name) === path) disk.unsynced.delete(name)
      }
      return handle
    },
  }
})

afterEach(() => {
  disk.unsynced.clear()
  disk.beforeSync = async () => undefined
})

const photo = new SeededRandom(3).bytes(50_000)
const hash = hashOf(photo)

function folder() {
  const path = mkdtempSync(join(tmpdir(), 'skerry-blobs-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return { path, file: join(path, hash.slice(0, 2), hash) }
}

function losePower(): void {
  for (const name of disk.unsynced) rmSync(name, { force: true })
  disk.unsynced.clear()
}

/** A put that waits at the sync of its folder. */
async function stoppedPut(path: string) {
  const reached = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  const store = await folderBlobs(path)
  disk.beforeSync = async () => {
    reached.resolve()
    await goOn.promise
  }
  const put = store.put(hash, photo)
  await reached.promise
  return { store, put, goOn }
}

test('fault P10: BL-16 a blob is not here before its name is durable, and then it is', async () => {
  const { path } = folder()
  const { store, put, goOn } = await stoppedPut(path)
  expect([await store.stat(hash), await store.read(hash), await store.list({ limit: 1 })]).toEqual([
    undefined,
    undefined,
    [],
  ])
  goOn.resolve()
  await put
  losePower()
  expect((await store.read(hash))?.length).toBe(photo.length)
})

test('fault P10: BL-16 what a process that died before the sync had named is told by the next one, and stays', async () => {
  const { path, file } = folder()
  const { put, goOn } = await stoppedPut(path)
  expect(existsSync(file)).toBe(true)
  // The process is gone; what it waits for never comes.
  disk.beforeSync = async () => undefined
  const next = await folderBlobs(path)
  expect(await next.stat(hash)).toEqual({ sha256: hash, bytes: photo.length })
  // As a hub that has it already answers a device, which gives its original up.
  await next.put(hash, photo)
  losePower()
  expect((await (await folderBlobs(path)).read(hash))?.length).toBe(photo.length)
  goOn.resolve()
  await put
})

test('fault S8: BL-16 where the sync fails the blob is refused, and not here, now or later', async () => {
  const { path, file } = folder()
  const store = await folderBlobs(path)
  disk.beforeSync = async () => {
    throw Object.assign(new Error('EIO: i/o error, fsync'), { code: 'EIO' })
  }
  await expect(store.put(hash, photo)).rejects.toThrow('EIO')
  expect([await store.stat(hash), existsSync(file)]).toEqual([undefined, false])
  disk.beforeSync = async () => undefined
  expect(await (await folderBlobs(path)).stat(hash)).toBeUndefined()
  await store.put(hash, photo)
  expect((await store.read(hash))?.length).toBe(photo.length)
})

/** The process has nothing more to do with files: whoever is not done waits for somebody. */
async function filesAtRest(): Promise<void> {
  do await new Promise((resolve) => setImmediate(resolve))
  while (process.getActiveResourcesInfo().includes('FSReqPromise'))
}

test('BL-17: a put whose sync fails takes nothing away from another one of the same content', async () => {
  const { path } = folder()
  const { store, put, goOn } = await stoppedPut(path)
  const first = expect(put).rejects.toThrow('EIO')
  disk.beforeSync = async () => undefined
  const second = store.put(hash, photo)
  // As far as it comes while the first one is where it is.
  await Promise.race([second, filesAtRest()])
  goOn.reject(Object.assign(new Error('EIO: i/o error, fsync'), { code: 'EIO' }))
  await first
  expect(await second).toEqual({ sha256: hash, bytes: photo.length })
  expect((await store.read(hash))?.length).toBe(photo.length)
  losePower()
  expect((await (await folderBlobs(path)).read(hash))?.length).toBe(photo.length)
})
