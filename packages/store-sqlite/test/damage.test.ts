/** Bit rot: one flipped bit anywhere in the file. What is read is right or refused; what is silently gone, verification names. */
import { closeSync, openSync, readFileSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { seededRandom } from '@skerry/contract'
import { StoreError } from '@skerry/core'
import { sqliteStore, verifySqlite } from '@skerry/store-sqlite'
import { afterAll, expect, it } from 'vitest'
import { temporaryDirectory } from './directory.ts'
import { numberedBatch, pageMax } from './numbered.ts'

const BATCHES = 120
const FLIPS = 150
const directory = temporaryDirectory()
afterAll(() => directory.remove())

async function soundFile(): Promise<Buffer> {
  const path = directory.path('sound.db')
  const store = sqliteStore({ path, ballastBytes: 0 })
  await store.open('1'.repeat(32))
  for (let number = 1; number <= BATCHES; number += 1) await store.commit(numberedBatch(number))
  await store.close()
  expect(verifySqlite(path)).toEqual([])
  return readFileSync(path)
}

/** Everything a reader can see, by name. */
async function contents(path: string, run: string): Promise<Map<string, string>> {
  const store = sqliteStore({ path, accept: 'moved', ballastBytes: 0 })
  try {
    await store.open(run)
    const seen = new Map<string, string>()
    for (const { seq, record, bytes } of await store.readLog(0, pageMax))
      seen.set(`entry ${seq}`, `${record} ${bytes}`)
    for (const row of await store.scanRows('job', '', -1)) seen.set(`row ${row.record}`, JSON.stringify(row))
    for (const { key, value } of await store.scan('batches', { limit: -1 }))
      seen.set(`key ${key}`, `${value}`)
    return seen
  } finally {
    await store.close()
  }
}

it(`a flipped bit is never handed out as the truth, and never goes unseen (${FLIPS} flips)`, async () => {
  const sound = await soundFile()
  const random = seededRandom(7)
  const original = await contents(copyOf(sound, 'original'), '2'.repeat(32))
  const outcomes = { unchanged: 0, refused: 0, missing: 0 }
  for (let flip = 0; flip < FLIPS; flip += 1) {
    const at = random.below(sound.length)
    const bit = random.below(8)
    const path = copyOf(sound, `flip-${flip}`)
    const file = openSync(path, 'r+')
    writeSync(file, new Uint8Array([(sound[at] ?? 0) ^ (1 << bit)]), 0, 1, at)
    closeSync(file)
    const problems = verifySqlite(path)
    try {
      const seen = await contents(path, '3'.repeat(32))
      for (const [name, value] of seen)
        expect(value, `bit ${bit} of byte ${at}: ${name}`).toBe(original.get(name))
      if (seen.size === original.size) outcomes.unchanged += 1
      else {
        outcomes.missing += 1
        expect(problems, `bit ${bit} of byte ${at}`).not.toEqual([])
      }
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      expect(error.code, `bit ${bit} of byte ${at}`).toBe('corrupt')
      outcomes.refused += 1
    }
  }
  expect(outcomes.refused).toBeGreaterThan(FLIPS / 4)
})

it('a truncated file is refused, not read as a shorter one', async () => {
  const sound = await soundFile()
  for (const share of [0.2, 0.5, 0.9]) {
    const path = copyOf(sound, `cut-${share}`)
    truncateSync(path, Math.floor(sound.length * share))
    await expect(contents(path, '4'.repeat(32))).rejects.toMatchObject({
      name: 'StoreError',
      code: 'corrupt',
    })
    expect(verifySqlite(path)).not.toEqual([])
  }
})

function copyOf(sound: Buffer, name: string): string {
  const path = directory.path(`${name}.db`)
  writeFileSync(path, sound)
  return path
}
