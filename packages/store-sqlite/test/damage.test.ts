/** Bit rot: one flipped bit anywhere in the file. What is read is right or refused; what is silently gone, verification names. */
import { closeSync, openSync, readFileSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { seededRandom } from '@skerry/contract'
import { emptyBatch, isDamaged, StoreError } from '@skerry/core'
import { inspectEntries, sqliteStore, verifySqlite } from '@skerry/store-sqlite'
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

/** Runs a statement on the closed file, as no store of ours would. */
function tamper(path: string, sql: string, ...values: (string | number | Uint8Array)[]): void {
  const db = new DatabaseSync(path)
  expect(Number(db.prepare(sql).run(...values).changes)).toBe(1)
  db.close()
}

const openOn = async (path: string) => {
  const store = sqliteStore({ path, accept: 'moved', ballastBytes: 0 })
  await store.open('5'.repeat(32))
  return store
}

it('fault S3: DAMAGED: an entry that cannot be read back is told in its place by every read, and nothing else fails for it', async () => {
  const path = copyOf(await soundFile, 'entry')
  tamper(path, "UPDATE entries SET bytes = x'00' WHERE seq = 42")
  const store = await openOn(path)
  const record = (await store.readEntries([41]))[0]!.record
  const told = await store.readChannels(new Map([['north', 0]]), pageMax)
  const lists = [
    await store.readLog(0, pageMax),
    await store.readRecord(record),
    await store.readEntries([41, 42]),
    told.items.flatMap((item) => (item.kind === 'enter' ? item.entries : [])),
  ]
  for (const list of lists)
    expect(list.filter(isDamaged)).toEqual([{ seq: 42, record, damage: expect.stringContaining('checksum') }])
  expect(lists[0]).toHaveLength(3 * BATCHES)
  expect(inspectEntries(path, { after: 41, limit: 1 })).toMatchObject([
    { seq: 42, damage: expect.any(String) },
  ])
  await store.commit({ ...emptyBatch, removed: [42] })
  expect((await store.readLog(0, pageMax)).filter(isDamaged)).toEqual([])
  await store.close()
  expect(verifySqlite(path)).toEqual([])
})

it('DAMAGED: a row that cannot be read back is refused by name, and written again leaves nothing of itself in an index', async () => {
  const path = copyOf(await soundFile, 'row')
  tamper(path, `UPDATE records SET indexed = '[["n","n7777"]]' WHERE record = 'job/5'`)
  const store = await openOn(path)
  const sound = { record: 'job/6' }
  for (const read of [
    () => store.rows(['job/6', 'job/5']),
    () => store.scanRows('job', '', -1),
    () => store.findRows('job', [['n', 105]]),
    () => store.channelRows('north', 0, pageMax),
  ])
    await expect(read()).rejects.toMatchObject({ code: 'corrupt', damage: { record: 'job/5' } })
  expect(await store.rows(['job/6'])).toMatchObject([sound])
  const row = { ...numberedBatch(105).records[0]!, indexed: [['n', 4] as const], view: '{"n":4}' }
  await store.commit({ ...emptyBatch, records: [row] })
  expect(await store.findRows('job', [['n', 105]])).toEqual([])
  expect(await store.findRows('job', [['n', 4]])).toMatchObject([{ record: 'job/5' }])
  await store.close()
  expect(verifySqlite(path)).toEqual([])
})

it('DAMAGED: a value of a table that cannot be read back is refused by name, and may be written again or removed', async () => {
  const path = copyOf(await soundFile, 'pair')
  tamper(path, "UPDATE pairs SET value = x'00' WHERE key = 'newest'")
  const store = await openOn(path)
  const damage = { table: 'batches', key: 'newest' }
  await expect(store.get('batches', 'newest')).rejects.toMatchObject({ code: 'corrupt', damage })
  await expect(store.scan('batches', { limit: -1 })).rejects.toMatchObject({ damage })
  await store.commit({ ...emptyBatch, tables: [{ ...damage, value: new Uint8Array([1]) }] })
  expect(await store.get('batches', 'newest')).toEqual(new Uint8Array([1]))
  await store.close()
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
