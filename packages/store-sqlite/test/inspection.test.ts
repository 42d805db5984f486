/** Looking into a database from outside. */
import { readdirSync, readFileSync } from 'node:fs'
import { emptyBatch } from '@skerry/core'
import {
  inspectEntries,
  inspectRecords,
  inspectSqlite,
  sqliteStore,
  verifySqlite,
} from '@skerry/store-sqlite'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { type TestDirectory, temporaryDirectory } from './directory.ts'
import { numberedBatch } from './numbered.ts'

let directory: TestDirectory
beforeEach(() => {
  directory = temporaryDirectory()
  onTestFinished(() => directory.remove())
})

const run = '1'.repeat(32)

async function filled(path: string) {
  const store = sqliteStore({ path, ballastBytes: 0 })
  const { log } = await store.open(run)
  await store.commit(numberedBatch(1))
  await store.commit(numberedBatch(2))
  const deleted = { record: 'task/😀', collection: 'task', frontier: new Uint8Array(), indexed: [] }
  await store.commit({
    ...emptyBatch,
    records: [deleted],
    tables: [{ table: 'cursors', key: 'a', value: new Uint8Array(1) }],
  })
  return { store, log }
}

describe('inspectSqlite', () => {
  it('tells what is in the log, while a node has it open and after it closed', async () => {
    const path = directory.path('log.db')
    const { store, log } = await filled(path)
    const expected = {
      path,
      format: 1,
      log,
      runs: [{ run, first: 1 }],
      head: 8,
      size: { entries: 6, records: 3, bytes: expect.any(Number) },
      lastCommitAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      tables: { batches: 1, cursors: 1 },
      collections: { job: { records: 2, deleted: 0 }, task: { records: 1, deleted: 1 } },
      channels: { north: 6 },
    }
    expect(inspectSqlite(path)).toEqual(expected)
    expect(JSON.parse(JSON.stringify(inspectSqlite(path)))).toEqual(inspectSqlite(path))
    await store.close()
    expect(inspectSqlite(path)).toEqual(expected)
  })

  it('changes nothing: not the file, not the directory', async () => {
    const path = directory.path('log.db')
    const { store } = await filled(path)
    await store.close()
    const before = [readFileSync(path), readdirSync(directory.path(''))]
    inspectSqlite(path)
    inspectRecords(path, { collection: 'job', limit: 10 })
    verifySqlite(path)
    expect([readFileSync(path), readdirSync(directory.path(''))]).toEqual(before)
  })

  it('says so when there is no such file, or an empty one', () => {
    const path = directory.path('log.db')
    expect(() => inspectSqlite(path)).toThrow(expect.objectContaining({ name: 'StoreError', code: 'io' }))
    expect(readdirSync(directory.path(''))).toEqual([])
  })
})

describe('inspectRecords and inspectEntries', () => {
  it('give records page by page, with view, indexes, channels and entries', async () => {
    const path = directory.path('log.db')
    const { store } = await filled(path)
    const [first] = inspectRecords(path, { collection: 'job', limit: 1 })
    expect(first).toEqual({
      record: 'job/1',
      deleted: false,
      view: { n: 1 },
      indexed: { n: 1 },
      channels: ['north'],
      entries: [1, 2, 3].map((seq) => ({ seq, kind: 'changes', record: 'job/1', bytes: 300 })),
    })
    const rest = inspectRecords(path, { collection: 'job', after: 'job/1', limit: 9 })
    expect(rest.map(({ record }) => record)).toEqual(['job/2'])
    expect(inspectRecords(path, { collection: 'task', limit: 9 })[0]).toMatchObject({
      record: 'task/😀',
      deleted: true,
    })
    expect(inspectEntries(path, { after: 5, limit: 1 }).map(({ seq }) => seq)).toEqual([6])
    await store.close()
  })
})
