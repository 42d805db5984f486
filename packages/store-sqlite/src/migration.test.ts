/** F-1 to F-5 of SPEC.md: steps between formats, with steps made up for the test; faults P5 and O2. */
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, writeFileSync } from 'node:fs'
import { emptyBatch, StoreError } from '@skerry/core'
import Database from 'better-sqlite3'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { type TestDirectory, temporaryDirectory } from '../test/directory.ts'
import { missingParts, numberedBatch } from '../test/numbered.ts'
import { inspectSqlite, restoreSqlite, sqliteStore, verifySqlite } from './index.ts'
import { type Format, migrate } from './migration.ts'
import { FORMAT_VERSION } from './schema.ts'

let directory: TestDirectory
let opens = 0
beforeEach(() => {
  directory = temporaryDirectory()
  onTestFinished(() => directory.remove())
})

async function open(path: string) {
  opens += 1
  const store = sqliteStore({ path, ballastBytes: 0 })
  await store.open(opens.toString(16).padStart(32, '0'))
  return store
}

/** A log of two batches, closed. */
async function written(): Promise<string> {
  const path = directory.path('log.db')
  const store = await open(path)
  for (const number of [1, 2]) await store.commit(numberedBatch(number))
  await store.close()
  return path
}

function using<T>(path: string, use: (db: Database.Database) => T): T {
  const db = new Database(path)
  try {
    return use(db)
  } finally {
    db.close()
  }
}

const formatOf = (path: string) => using(path, (db) => db.pragma('user_version', { simple: true }))
const notes = (path: string) =>
  using(path, (db) => db.prepare('SELECT note FROM notes ORDER BY note').pluck().all())

/** From now on two steps: a table, then a row for each record. */
const next: Format = {
  version: FORMAT_VERSION + 2,
  steps: {
    [FORMAT_VERSION]: (db) => db.exec('CREATE TABLE notes (note TEXT NOT NULL) STRICT'),
    [FORMAT_VERSION + 1]: (db) => db.exec("INSERT INTO notes SELECT 'of ' || record FROM records"),
  },
}
const copyOf = (path: string) => `${path}.before-format-${next.version}`

describe('F-1: migration', () => {
  it('takes step after step to the present format, and does nothing to a file that has it', async () => {
    const path = await written()
    using(path, (db) => migrate(db, path, next))
    expect(formatOf(path)).toBe(next.version)
    const records = notes(path)
    expect(records.length).toBeGreaterThan(0)
    using(path, (db) => migrate(db, path, next))
    expect(notes(path)).toEqual(records)
  })

  it('F-2: keeps the file as it was, whole and fit to be restored', async () => {
    const path = await written()
    const before = inspectSqlite(path)
    using(path, (db) => migrate(db, path, next))
    expect(verifySqlite(copyOf(path))).toEqual([])
    expect(inspectSqlite(copyOf(path))).toMatchObject({ head: before.head, format: FORMAT_VERSION })
    const place = directory.path('back.db')
    restoreSqlite(copyOf(path), place)
    const store = await open(place)
    expect(await missingParts(store, 2)).toEqual([])
    await store.close()
  })

  it('F-2: makes that copy once, also where one was cut off, and not of a file in the middle', async () => {
    const path = await written()
    writeFileSync(`${copyOf(path)}.partial`, 'half a copy')
    const failing: Format = { ...next, steps: { ...next.steps, [FORMAT_VERSION + 1]: () => fail() } }
    expect(() => using(path, (db) => migrate(db, path, failing))).toThrow('step failed')
    expect(formatOf(path)).toBe(FORMAT_VERSION + 1)
    using(path, (db) => migrate(db, path, next))
    expect(formatOf(copyOf(path))).toBe(FORMAT_VERSION)
    expect(existsSync(`${copyOf(path)}.partial`)).toBe(false)
  })

  it('fault P5: F-3: a step that fails leaves the format before it, whole', async () => {
    const path = await written()
    const failing: Format = {
      ...next,
      steps: {
        [FORMAT_VERSION]: (db) => {
          db.exec('CREATE TABLE notes (note TEXT NOT NULL) STRICT')
          fail()
        },
      },
    }
    expect(() => using(path, (db) => migrate(db, path, failing))).toThrow('step failed')
    expect(formatOf(path)).toBe(FORMAT_VERSION)
    const store = await open(path)
    expect(await missingParts(store, 2)).toEqual([])
    await store.close()
  })

  it.each([
    ['between two steps', 'after'],
    ['inside a step', 'inside'],
    ['while the copy is made', 'copy'],
  ])('fault P5: F-1: SIGKILL %s: the next open goes on', async (_, moment) => {
    const path = await written()
    const script = `
      import Database from 'better-sqlite3'
      import { migrate } from ${JSON.stringify(import.meta.resolve('./migration.ts'))}
      const die = () => process.kill(process.pid, 'SIGKILL')
      const db = new Database(${JSON.stringify(path)})
      db.pragma('journal_mode = WAL')
      const steps = {
        ${FORMAT_VERSION}: () => {
          db.exec('CREATE TABLE notes (note TEXT NOT NULL) STRICT')
          if ('${moment}' === 'inside') die()
        },
        ${FORMAT_VERSION + 1}: die,
      }
      // The copy is there and has not got its name yet.
      const prepare = db.prepare.bind(db)
      const copying = (sql) => ({ run: (to) => { prepare(sql).run(to); die() } })
      if ('${moment}' === 'copy') db.prepare = (sql) => (sql.startsWith('VACUUM') ? copying(sql) : prepare(sql))
      migrate(db, ${JSON.stringify(path)}, { version: ${next.version}, steps })
    `
    const { signal, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: import.meta.dirname,
    })
    expect([signal, stderr.toString()]).toEqual(['SIGKILL', ''])
    expect(formatOf(path)).toBe(moment === 'after' ? FORMAT_VERSION + 1 : FORMAT_VERSION)
    using(path, (db) => migrate(db, path, next))
    expect(formatOf(path)).toBe(next.version)
    expect(formatOf(copyOf(path))).toBe(FORMAT_VERSION)
    expect(verifySqlite(copyOf(path))).toEqual([])
    expect(notes(path).length).toBeGreaterThan(0)
  })
})

describe('F-4: a format from which no step leads on', () => {
  it('is refused by an open, which leaves the file as it is; inspection says what to do', async () => {
    const path = await written()
    using(path, (db) => db.pragma('user_version = 0'))
    await expect(open(path)).rejects.toThrow(/format 0, from which no step leads on/)
    expect(() => inspectSqlite(path)).toThrow(/start its node once/)
    expect(formatOf(path)).toBe(0)
  })
})

describe('F-5, O2: a file of a newer format', () => {
  it('is refused by open, inspection and restore with what to do, and stays as it is', async () => {
    const path = await written()
    using(path, (db) => migrate(db, path, next))
    const newer = expect.objectContaining({ code: 'newer-format', message: expect.stringMatching(/upgrade/) })
    await expect(open(path)).rejects.toEqual(newer)
    expect(() => inspectSqlite(path)).toThrow(newer)
    expect(() => restoreSqlite(path, directory.path('x.db'))).toThrow(newer)
    expect(notes(path).length).toBeGreaterThan(0)
    // The way back is the copy that was kept.
    copyFileSync(copyOf(path), directory.path('kept.db'))
    restoreSqlite(directory.path('kept.db'), path, { replace: true })
    const store = await open(path)
    await store.commit(emptyBatch)
    expect(await missingParts(store, 2)).toEqual([])
    await store.close()
  })
})

function fail(): never {
  throw new StoreError('io', 'step failed')
}
