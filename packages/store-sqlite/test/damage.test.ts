/** Bit rot: one flipped bit anywhere in the file. What is read is right or refused; what is silently gone, verification names. */
import { closeSync, openSync, readFileSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { seededRandom } from '@skerry/contract'
import { isDamaged, StoreError } from '@skerry/core'
import { sqliteStore, verifySqlite } from '@skerry/store-sqlite'
import { afterAll, expect, it } from 'vitest'
import { temporaryDirectory } from './directory.ts'
import { numberedBatch, pageMax } from './numbered.ts'

const BATCHES = 120
const FLIPS = 100
/** Milliseconds for all flips: each opens a store, which syncs its disk a few times, and others may keep the disk busy. */
const FLIPS_MS_MAX = 180_000
const directory = temporaryDirectory()
afterAll(() => directory.remove())

const soundFile = makeSound()

async function makeSound(): Promise<Buffer> {
  const path = directory.path('sound.db')
  const store = sqliteStore({ path, ballastBytes: 0 })
  await store.open('1'.repeat(32))
  for (let number = 1; number <= BATCHES; number += 1) await store.commit(numberedBatch(number))
  await store.close()
  expect(verifySqlite(path)).toEqual([])
  return readFileSync(path)
}

interface Seen {
  /** What is handed out as content, by name. */
  content: Map<string, string>
  /** What the indexes lead to. */
  found: string
}

async function contents(path: string, run: string): Promise<Seen> {
  const store = sqliteStore({ path, accept: 'moved', ballastBytes: 0 })
  try {
    await store.open(run)
    const content = new Map<string, string>()
    for (const entry of await store.readLog(0, pageMax))
      if (!isDamaged(entry)) content.set(`entry ${entry.seq}`, `${entry.record} ${entry.bytes}`)
    for (const row of await store.scanRows('job', '', -1))
      content.set(`row ${row.record}`, JSON.stringify(row))
    for (const { key, value } of await store.scan('batches', { limit: -1 }))
      content.set(`key ${key}`, `${value}`)
    const told = await store.readChannels(new Map([['north', 0]]), pageMax)
    const records = Array.from({ length: 20 }, (_, at) => `job/${at}`)
    const marks = await Promise.all(records.map((record) => store.readMarks(record)))
    const queried = await Promise.all(records.map((_, at) => store.findRows('job', [['n', BATCHES - at]])))
    return { content, found: JSON.stringify([told, marks, queried]) }
  } finally {
    await store.close()
  }
}

it(`fault S3: a flipped bit is never handed out as the truth, and never goes unseen (${FLIPS} flips)`, {
  timeout: FLIPS_MS_MAX,
}, async () => {
  const sound = await soundFile
  const random = seededRandom(7)
  const original = await contents(copyOf(sound, 'original'), '2'.repeat(32))
  const outcomes = { unchanged: 0, refused: 0, lacking: 0 }
  for (let flip = 0; flip < FLIPS; flip += 1) {
    const at = random.below(sound.length)
    const bit = random.below(8)
    const where = `bit ${bit} of byte ${at}`
    const path = copyOf(sound, `flip-${flip}`)
    const file = openSync(path, 'r+')
    writeSync(file, new Uint8Array([(sound[at] ?? 0) ^ (1 << bit)]), 0, 1, at)
    closeSync(file)
    const problems = verifySqlite(path)
    try {
      const seen = await contents(path, '3'.repeat(32))
      for (const [name, value] of seen.content)
        expect(value, `${where}: ${name}`).toBe(original.content.get(name))
      const isWhole = seen.content.size === original.content.size && seen.found === original.found
      outcomes[isWhole ? 'unchanged' : 'lacking'] += 1
      if (!isWhole) expect(problems, where).not.toEqual([])
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      expect(error.code, where).toBe('corrupt')
      outcomes.refused += 1
    }
  }
  expect(outcomes.refused).toBeGreaterThan(FLIPS / 20)
  expect(outcomes.lacking).toBeGreaterThan(FLIPS / 4)
})

it('fault S4: a truncated file is refused, not read as a shorter one', async () => {
  const sound = await soundFile
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
  writeFileSync(path, sound, { mode: 0o600 })
  return path
}
