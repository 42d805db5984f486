/** Blobs in a folder: the contract, and what disks and killed processes do. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { copyBlobs, folderBlobs } from '@skerry/blobs/node'
import { SeededRandom } from '@skerry/core/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { hashOf } from './hash.ts'
import { blobStoreContract } from './store-contract.ts'

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'skerry-blobs-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

describe('in a folder', () =>
  blobStoreContract(async () => {
    const path = folder()
    return { store: await folderBlobs(path), reopen: () => folderBlobs(path) }
  }))

const photo = new SeededRandom(7).bytes(300_000)
const hash = hashOf(photo)
const fileOf = (path: string) => join(path, hash.slice(0, 2), hash)

test('fault S12: BL-11 a file that is not what it was is never read, whole or in part, and is healed by putting it again', async () => {
  const path = folder()
  const store = await folderBlobs(path)
  await store.put(hash, photo)
  expect((await store.read(hash, { from: 0, to: 10 }))!.length).toBe(10)
  const bytes = readFileSync(fileOf(path))
  bytes[200_000]! ^= 4
  writeFileSync(fileOf(path), bytes)
  await expect(store.read(hash)).rejects.toMatchObject({ code: 'damaged' })
  await expect(store.read(hash, { from: 0, to: 10 })).rejects.toMatchObject({ code: 'damaged' })
  await store.put(hash, photo)
  expect(Buffer.compare((await store.read(hash))!, photo)).toBe(0)
  writeFileSync(fileOf(path), photo.subarray(0, 1_000))
  await expect((await folderBlobs(path)).read(hash)).rejects.toMatchObject({ code: 'damaged' })
})

test('fault S12: BL-12 a process that is killed while it puts leaves nothing that is shown, and the next one tidies up', async () => {
  const path = folder()
  const program = fileURLToPath(new URL('./slow-put-process.ts', import.meta.url))
  const child = spawn(process.execPath, [program, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  await new Promise<void>((resolve) => child.stdout.once('data', () => resolve()))
  child.kill('SIGKILL')
  await new Promise<void>((resolve) => child.once('close', () => resolve()))
  expect(readdirSync(join(path, '.unfinished'))).toHaveLength(1)
  const store = await folderBlobs(path)
  expect(await store.list({ limit: 10 })).toEqual([])
  expect(readdirSync(join(path, '.unfinished'))).toEqual([])
})

test('BL-15: a folder in use is copied; what is damaged is told and left out, what is unfinished stays with its owner', async () => {
  const [path, to] = [folder(), folder()]
  const store = await folderBlobs(path)
  const other = new SeededRandom(8).bytes(1_000)
  await store.put(hash, photo)
  await store.put(hashOf(other), other)
  writeFileSync(join(path, '.unfinished', 'half'), 'half')
  expect(await copyBlobs(path, to)).toEqual({ blobs: 2, bytes: 301_000, damaged: [] })
  expect(readdirSync(join(path, '.unfinished'))).toEqual(['half'])
  expect(Buffer.compare((await (await folderBlobs(to)).read(hash))!, photo)).toBe(0)

  writeFileSync(fileOf(path), photo.subarray(1))
  const third = folder()
  expect(await copyBlobs(path, third)).toEqual({ blobs: 1, bytes: 1_000, damaged: [hash] })
  expect(await copyBlobs(path, to)).toMatchObject({ blobs: 2, damaged: [] })
  expect(await copyBlobs(join(path, 'nowhere'), third)).toBeUndefined()
})
