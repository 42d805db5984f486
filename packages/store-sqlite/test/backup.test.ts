/** Backups made while a node writes, and stores made of them: B-1 to B-8 of SPEC.md; faults S5, S10 and O3. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, readdirSync, truncateSync, writeFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { emptyBatch } from '@skerry/core'
import {
  backupSqlite,
  inspectSqlite,
  restoreSqlite,
  type SqliteStoreOptions,
  sqliteStore,
  verifySqlite,
} from '@skerry/store-sqlite'
import Database from 'better-sqlite3'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { runCommitting } from './child.ts'
import { type TestDirectory, temporaryDirectory } from './directory.ts'
import { missingParts, newestBatch, numberedBatch } from './numbered.ts'

let directory: TestDirectory
let opens = 0
beforeEach(() => {
  directory = temporaryDirectory()
  onTestFinished(() => directory.remove())
})

async function open(path: string) {
  opens += 1
  const store = sqliteStore({ path, ballastBytes: 0 })
  return { store, identity: await store.open(opens.toString(16).padStart(32, '0')) }
}

/** Opens, commits the batches with these numbers and a device key, closes. */
async function session(path: string, ...numbers: number[]) {
  const { store, identity } = await open(path)
  const key = { table: 'identity', key: 'secret', value: new Uint8Array(32) }
  await store.commit({ ...emptyBatch, tables: [key] })
  for (const number of numbers) await store.commit(numberedBatch(number))
  await store.close()
  return identity
}

const beside = (path: string) =>
  readdirSync(dirname(path))
    .filter((name) => name.startsWith(basename(path)))
    .sort()

const refusal = (code: string, ...words: string[]) =>
  expect.objectContaining({
    name: 'StoreError',
    code,
    message: expect.stringMatching(new RegExp(words.join('[^]*'))),
  })

describe('B-1: a backup', () => {
  it('of a store that another process writes has everything acknowledged before, by no halves, and disturbs nobody', async () => {
    const path = directory.path('log.db')
    const backups: { acknowledged: number; file: string }[] = []
    const { lines, signal, errors } = await runCommitting([path, 'f'.repeat(32)], (line, child) => {
      const number = Number(line)
      if (number % 20 === 0 && backups.length < 3) {
        const file = directory.path(`backup-${number}.db`)
        backups.push({ acknowledged: number, file })
        backupSqlite(path, file)
      }
      if (backups.length === 3 && number > 70) child.kill('SIGKILL')
    })
    expect([signal, errors, backups.length]).toEqual(['SIGKILL', '', 3])
    expect(Number(lines.at(-1))).toBeGreaterThan(70)
    for (const [i, { acknowledged, file }] of backups.entries()) {
      expect(verifySqlite(file)).toEqual([])
      const place = directory.path(`restored-${i}.db`)
      restoreSqlite(file, place)
      const { store } = await open(place)
      const newest = await newestBatch(store)
      expect(newest).toBeGreaterThanOrEqual(acknowledged)
      expect(await missingParts(store, newest)).toEqual([])
      await store.close()
    }
  })

  it('of a store that this process has open leaves its lock and its commits alone', async () => {
    const path = directory.path('log.db')
    const { store } = await open(path)
    await store.commit(numberedBatch(1))
    const report = backupSqlite(path, directory.path('backup.db'))
    expect(report).toMatchObject({ log: inspectSqlite(path).log, head: inspectSqlite(path).head, records: 1 })
    const { lines, errors } = await runCommitting([path, 'f'.repeat(32)], () => {})
    expect([lines, errors.includes('locked') || errors.includes(`process ${process.pid}`)]).toEqual([
      [],
      true,
    ])
    await store.commit(numberedBatch(2))
    await store.close()
    expect(beside(directory.path('backup.db'))).toEqual(['backup.db'])
  })

  it('B-2: takes the place of no file, and of a damaged store leaves none', async () => {
    const path = directory.path('log.db')
    await session(path, 1, 2)
    const to = directory.path('backup.db')
    backupSqlite(path, to)
    expect(() => backupSqlite(path, to)).toThrow(refusal('io', 'there already'))
    const db = new Database(path)
    db.exec("UPDATE records SET view = view || ' ' WHERE id = 1")
    db.close()
    expect(() => backupSqlite(path, directory.path('other.db'))).toThrow(
      refusal('corrupt', 'not sound', 'verify'),
    )
    expect(beside(directory.path('other.db'))).toEqual([])
    expect(() => backupSqlite(directory.path('nowhere.db'), directory.path('x'))).toThrow(
      refusal('io', 'no such file'),
    )
    expect(() => backupSqlite(path, '/nowhere/at/all.db')).toThrow(
      refusal('io', 'does not exist', 'create it'),
    )
  })

  it('B-2: begins anew where one was cut off', async () => {
    const path = directory.path('log.db')
    await session(path, 1)
    const to = directory.path('backup.db')
    writeFileSync(`${to}.partial`, 'half a backup')
    backupSqlite(path, to)
    expect(beside(to)).toEqual(['backup.db'])
    expect(verifySqlite(to)).toEqual([])
  })
})

describe('B-3: a restored store', () => {
  it('O3: on an empty machine opens as the same log in a new run, and is at home', async () => {
    const path = directory.path('log.db')
    const { log } = await session(path, 1, 2)
    backupSqlite(path, directory.path('backup.db'))
    const place = directory.path('new.db')
    const report = restoreSqlite(directory.path('backup.db'), place)
    expect(report).toMatchObject({ log, to: place })
    expect(report.replaced).toBeUndefined()
    const { store, identity } = await open(place)
    expect([identity.log, identity.runs.length]).toEqual([log, 2])
    expect(await missingParts(store, 2)).toEqual([])
    expect(await store.get('identity', 'secret')).toHaveLength(32)
    await store.close()
    expect((await session(place)).log).toBe(log)
  })

  it('fault S10: B-4: in the place of a newer one needs the word for it; that one is kept whole', async () => {
    const path = directory.path('log.db')
    await session(path, 1)
    backupSqlite(path, directory.path('backup.db'))
    await session(path, 2)
    expect(() => restoreSqlite(directory.path('backup.db'), path)).toThrow(
      refusal('io', 'there already', 'replaced'),
    )
    const { replaced } = restoreSqlite(directory.path('backup.db'), path, { replace: true })
    const { store } = await open(path)
    expect(await newestBatch(store)).toBe(1)
    await store.close()
    expect(replaced).toBe(`${path}.replaced`)
    const old = await open(replaced!)
    expect(await missingParts(old.store, 2)).toEqual([])
    await old.store.close()
    expect(restoreSqlite(directory.path('backup.db'), path, { replace: true }).replaced).toBe(
      `${path}.replaced-2`,
    )
  })

  it('fault S5: B-4: never meets the write-ahead log that lies there', async () => {
    const path = directory.path('log.db')
    const { store } = await open(path)
    await store.commit(numberedBatch(1))
    backupSqlite(path, directory.path('backup.db'))
    await store.commit(numberedBatch(2))
    // As a crash leaves it: the newest commits stand in the log only.
    const place = directory.path('crashed.db')
    execFileSync('cp', [path, place])
    execFileSync('cp', [`${path}-wal`, `${place}-wal`])
    await store.close()
    const { replaced } = restoreSqlite(directory.path('backup.db'), place, { replace: true })
    const restored = await open(place)
    expect(await newestBatch(restored.store)).toBe(1)
    await restored.store.close()
    expect(verifySqlite(place)).toEqual([])
    expect(existsSync(`${replaced}-wal`)).toBe(true)
    const orphan = directory.path('orphan.db')
    copyFileSync(`${replaced}-wal`, `${orphan}-wal`)
    restoreSqlite(directory.path('backup.db'), orphan)
    expect(existsSync(`${orphan}-wal`)).toBe(false)
  })

  it('B-5: is not put under a node that runs', async () => {
    const path = directory.path('log.db')
    const { store } = await open(path)
    await store.commit(numberedBatch(1))
    backupSqlite(path, directory.path('backup.db'))
    expect(() => restoreSqlite(directory.path('backup.db'), path, { replace: true })).toThrow(
      refusal('locked', `process ${process.pid}`),
    )
    await store.commit(numberedBatch(2))
    await store.close()
  })

  it('B-6: as a copy is a log of its own, without the device key', async () => {
    const path = directory.path('log.db')
    const { log } = await session(path, 1)
    backupSqlite(path, directory.path('backup.db'))
    const place = directory.path('copy.db')
    expect(restoreSqlite(directory.path('backup.db'), place, { asCopy: true }).log).not.toBe(log)
    const { store, identity } = await open(place)
    expect(identity.log).not.toBe(log)
    expect(await store.get('identity', 'secret')).toBeUndefined()
    expect(await missingParts(store, 1)).toEqual([])
    await store.close()
  })

  it('B-7: is made of no file that is damaged, cut, of another program, or of a newer format; what is there stays', async () => {
    const path = directory.path('log.db')
    await session(path, 1, 2, 3)
    const backup = directory.path('backup.db')
    const spoiled = (spoil: (file: string) => void) => {
      opens += 1
      const file = directory.path(`spoiled-${opens}.db`)
      copyFileSync(backup, file)
      spoil(file)
      return file
    }
    backupSqlite(path, backup)
    const files: [code: string, file: string][] = [
      ['corrupt', spoiled((file) => truncateSync(file, 9000))],
      ['corrupt', spoiled((file) => writeFileSync(file, 'Dear diary, '.repeat(1000)))],
      ['corrupt', spoiled((file) => writeFileSync(file, ''))],
      ['newer-format', spoiled((file) => withDatabase(file, (db) => db.pragma('user_version = 99')))],
      ['corrupt', spoiled((file) => withDatabase(file, (db) => db.exec('UPDATE entries SET crc = crc + 1')))],
    ]
    for (const [code, file] of files)
      expect(() => restoreSqlite(file, path, { replace: true })).toThrow(refusal(code))
    expect(beside(path).filter((name) => /restor|replac/.test(name))).toEqual([])
    const { store } = await open(path)
    expect(await missingParts(store, 3)).toEqual([])
    await store.close()
    expect(() => restoreSqlite(directory.path('nowhere.db'), directory.path('x.db'))).toThrow(
      refusal('io', 'no such file'),
    )
    expect(() => restoreSqlite(backup, '/nowhere/at/all.db')).toThrow(refusal('io', 'does not exist'))
  })
})

function withDatabase(file: string, use: (db: Database.Database) => unknown): void {
  const db = new Database(file)
  use(db)
  db.close()
}

describe('B-8: tables that a backup does not bring back', () => {
  const value = new Uint8Array([1])

  /** Opens, says what stands in the tables, writes one more row into each, closes. */
  async function rowsIn(path: string, options: Partial<SqliteStoreOptions> = {}) {
    opens += 1
    const store = sqliteStore({ path, ballastBytes: 0, ...options })
    await store.open(opens.toString(16).padStart(32, '0'))
    const count = async (table: string) => (await store.scan(table, { limit: 10 })).length
    const rows = { codes: await count('codes'), others: await count('others') }
    const key = String(opens)
    const tables = ['codes', 'others'].map((table) => ({ table, key, value }))
    await store.commit({ ...emptyBatch, tables })
    await store.close()
    return rows
  }
  const notRestored = ['codes']

  it.each([{}, { asCopy: true }])(
    'are empty at the first open that names them, and not again: %o',
    async (how) => {
      const [path, backup, place] = ['log.db', 'backup.db', 'place.db'].map((name) => directory.path(name))
      expect(await rowsIn(path!, { notRestored })).toEqual({ codes: 0, others: 0 })
      expect(await rowsIn(path!, { notRestored })).toEqual({ codes: 1, others: 1 })
      backupSqlite(path!, backup!)
      restoreSqlite(backup!, place!, how)
      expect(await rowsIn(place!)).toEqual({ codes: 2, others: 2 })
      expect(await rowsIn(place!, { notRestored })).toEqual({ codes: 0, others: 3 })
      expect(await rowsIn(place!, { notRestored })).toEqual({ codes: 1, others: 4 })
      expect(verifySqlite(place!)).toEqual([])
    },
  )

  it('are empty where an older file was put by hand, and in a copy of a file', async () => {
    const [path, older, copy] = ['log.db', 'older.db', 'copy.db'].map((name) => directory.path(name))
    await rowsIn(path!)
    copyFileSync(path!, older!)
    copyFileSync(path!, copy!)
    await rowsIn(path!)
    copyFileSync(older!, path!)
    expect(await rowsIn(path!, { notRestored, accept: 'restored' })).toEqual({ codes: 0, others: 1 })
    expect(await rowsIn(path!, { notRestored, accept: 'restored' })).toEqual({ codes: 1, others: 2 })
    expect(await rowsIn(copy!, { notRestored, accept: 'copy' })).toEqual({ codes: 0, others: 1 })
  })
})
