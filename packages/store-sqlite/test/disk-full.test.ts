/** HONEST on a full disk: a small file system in memory is filled up. Mounting one needs root; elsewhere the test says so and is skipped. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { emptyBatch, type Store, type StoreError } from '@skerry/core'
import { sqliteStore, verifySqlite } from '@skerry/store-sqlite'
import { afterAll, expect, it, onTestFinished } from 'vitest'
import { temporaryDirectory } from './directory.ts'
import { missingParts, newestBatch, numberedBatch } from './numbered.ts'

const DISK_BYTES = 4 * 2 ** 20
const BALLAST_BYTES = 2 ** 18
const ENTRY_BYTES = 10_000

const directory = temporaryDirectory()
const disk = directory.path('disk')
const unmountable = mount()
afterAll(() => {
  if (!unmountable) execFileSync('umount', ['--lazy', disk])
  directory.remove()
})

/** Why it could not be mounted, if so. */
function mount(): string | undefined {
  mkdirSync(disk)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', disk], { stdio: 'pipe' })
    return undefined
  } catch (error) {
    if (process.env.CI === 'true') throw error
    console.warn(`disk-full tests are skipped: cannot mount a tmpfs: ${String(error)}`)
    return String(error)
  }
}

/**
 * Commits batches after `newest` until two in a row fail: a checkpoint after the first may have made room. Gives the number of the last
 * good one and the failures.
 */
async function fill(store: Store, newest: number): Promise<{ newest: number; errors: StoreError[] }> {
  const errors: StoreError[] = []
  let last = newest
  for (let failedInARow = 0; failedInARow < 2; ) {
    const error = await store
      .commit(numberedBatch(last + 1, ENTRY_BYTES))
      .catch((refusal: StoreError) => refusal)
    if (error) errors.push(error)
    else last += 1
    failedInARow = error ? failedInARow + 1 : 0
  }
  return { newest: last, errors }
}

it.skipIf(unmountable)(
  'fault S1: refuses edits with code full, reads and cleans up meanwhile, and goes on by itself after space is freed',
  async () => {
    const path = `${disk}/log.db`
    const filler = `${disk}/filler`
    writeFileSync(filler, new Uint8Array(2 ** 20))
    const store = sqliteStore({ path, ballastBytes: BALLAST_BYTES })
    onTestFinished(() => store.close())
    await store.open('1'.repeat(32))
    expect(statSync(`${path}.ballast`).size).toBe(BALLAST_BYTES)

    const full = await fill(store, 0)
    for (const error of full.errors) {
      expect(error).toMatchObject({
        name: 'StoreError',
        code: 'full',
        message: expect.stringContaining(path),
      })
    }
    expect(full.newest).toBeGreaterThan(10)
    expect(existsSync(`${path}.ballast`)).toBe(false)
    expect(await missingParts(store, full.newest)).toEqual([])
    expect((await fill(store, full.newest)).newest).toBe(full.newest)

    const before = (await store.size()).entries
    await store.commit({ ...emptyBatch, forgotten: ['job/1'] })
    expect((await store.size()).entries).toBeLessThan(before)

    rmSync(filler)
    await store.commit(numberedBatch(full.newest + 1, ENTRY_BYTES))
    expect(await newestBatch(store)).toBe(full.newest + 1)
    expect(statSync(`${path}.ballast`).size).toBe(BALLAST_BYTES)
    await store.close()
    expect(verifySqlite(path)).toEqual([])
  },
)

it.skipIf(unmountable)('fault S1: opens on a full disk by giving up the ballast, and reads', async () => {
  const path = `${disk}/second.db`
  const first = sqliteStore({ path, ballastBytes: BALLAST_BYTES })
  await first.open('1'.repeat(32))
  await first.commit(numberedBatch(1))
  await first.close()
  expect(existsSync(`${path}.ballast`)).toBe(true)
  fillDisk(`${disk}/filler`)
  const store = sqliteStore({ path, ballastBytes: BALLAST_BYTES })
  await store.open('2'.repeat(32))
  expect(await missingParts(store, 1)).toEqual([])
  await expect(store.commit(numberedBatch(2))).rejects.toMatchObject({ code: 'full' })
  rmSync(`${disk}/filler`)
  await store.commit(numberedBatch(2))
  await store.close()
})

function fillDisk(file: string): void {
  try {
    writeFileSync(file, new Uint8Array(DISK_BYTES))
  } catch (error) {
    expect(error).toMatchObject({ code: 'ENOSPC' })
  }
}
