/** `skerry backup` and `skerry restore` on stores of this process; beside a hub of its own the README's commands are run (test/readme.test.ts). */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { folderBlobs } from '@skerry/blobs/node'
import { emptyBatch } from '@skerry/core'
import { inspectSqlite, sqliteStore } from '@skerry/store-sqlite'
import { expect, test } from 'vitest'
import { runHere } from '../test/in-process.ts'
import { temporaryFolder } from '../test/skerry.ts'

const skerry = (folder: string, ...args: string[]) => runHere(args, folder)

async function opened(path: string, run: string) {
  const store = sqliteStore({ path, ballastBytes: 0 })
  await store.open(run.repeat(32))
  return store
}

test('a store in use is backed up, is not replaced under its node, and goes on from the backup afterwards', async () => {
  const here = temporaryFolder()
  const path = join(here, 'hub.db')
  const store = await opened(path, 'a')
  await store.commit({ ...emptyBatch, tables: [{ table: 't', key: 'k', value: new Uint8Array(1) }] })
  writeFileSync(`${path}.authority.json`, '{}')
  const made = await skerry(here, 'backup', 'hub.db', 'backup.db', '--json')
  const to = join(here, 'backup.db')
  expect([made.code, JSON.parse(made.out)]).toEqual([
    0,
    {
      from: path,
      to,
      log: inspectSqlite(path).log,
      run: 'a'.repeat(32),
      head: 0,
      entries: 0,
      records: 0,
      bytes: statSync(to).size,
    },
  ])
  expect(made.err).toContain(`${path}.authority.json`)
  const running = await skerry(here, 'restore', 'backup.db', 'hub.db', '--replace')
  expect([running.code, running.out]).toEqual([5, ''])
  expect(running.err).toMatch(/process \d+ .*stop that process/)
  await store.close()
  const there = await skerry(here, 'restore', 'backup.db', 'hub.db')
  expect(there.code).toBe(5)
  expect(there.err).toContain('hub.db.replaced')
  const restored = await skerry(here, 'restore', 'backup.db', 'hub.db', '--replace', '--json')
  expect(restored.code).toBe(0)
  expect(JSON.parse(restored.out)).toMatchObject({ log: inspectSqlite(to).log, replaced: `${path}.replaced` })
  expect(existsSync(`${path}.replaced`)).toBe(true)
  const again = await opened(path, 'b')
  expect(await again.get('t', 'k')).toHaveLength(1)
  await again.close()
})

test('a drill: restored as a copy it is another log; both say in words what there is', async () => {
  const here = temporaryFolder()
  await (await opened(join(here, 'hub.db'), 'a')).close()
  const made = await skerry(here, 'backup', 'hub.db', 'backup.db')
  expect(made.out).toMatch(/backup\.db: \d+ records in \d+ entries up to \d+, \d+ bytes, verified\n$/)
  const copy = await skerry(here, 'restore', 'backup.db', 'drill.db', '--as-copy')
  expect(copy.out).toMatch(/drill\.db: \d+ records in \d+ entries up to \d+, verified\n$/)
  expect(inspectSqlite(join(here, 'drill.db')).log).not.toBe(inspectSqlite(join(here, 'hub.db')).log)
})

test('what is wrong has its code and words', async () => {
  const here = temporaryFolder()
  await (await opened(join(here, 'hub.db'), 'a')).close()
  const failing: [code: number, word: string, ...args: string[]][] = [
    [5, 'no such file', 'backup', 'nowhere.db', 'x.db'],
    [5, 'there already', 'backup', 'hub.db', 'hub.db'],
    [5, 'does not exist', 'backup', 'hub.db', 'nowhere/x.db'],
    [5, 'no such file', 'restore', 'nowhere.db', 'x.db'],
    [2, 'store', 'restore', 'backup.db'],
    [2, 'file', 'backup', 'hub.db'],
  ]
  for (const [code, word, ...args] of failing) {
    const done = await skerry(here, ...args)
    expect([done.code, done.out]).toEqual([code, ''])
    expect(done.err).toContain(word)
  }
})

test('blobs go with their store, out and back; a damaged one is named, and everything else is copied', async () => {
  const here = temporaryFolder()
  await (await opened(join(here, 'hub.db'), 'a')).close()
  const photo = Buffer.from('a photo')
  const sha256 = createHash('sha256').update(photo).digest('hex')
  const file = (folder: string) => join(here, folder, sha256.slice(0, 2), sha256)
  await (await folderBlobs(join(here, 'hub.db.blobs'))).put(sha256, photo)

  const made = await skerry(here, 'backup', 'hub.db', 'backup.db', '--json')
  expect(JSON.parse(made.out).blobs).toEqual({ blobs: 1, bytes: 7, damaged: [] })
  expect(existsSync(file('backup.db.blobs'))).toBe(true)
  const back = await skerry(here, 'restore', 'backup.db', 'again.db', '--blobs', 'photos')
  expect(back.out).toContain('1 blobs of 7 bytes, verified')
  expect(existsSync(file('photos'))).toBe(true)
  await skerry(here, 'backup', 'hub.db', 'without.db', '--no-blobs')
  expect(readdirSync(here).filter((name) => name.startsWith('without'))).toEqual(['without.db'])

  writeFileSync(file('hub.db.blobs'), 'another')
  const lacking = await skerry(here, 'backup', 'hub.db', 'lacking.db')
  expect(lacking.code).toBe(5)
  expect(lacking.out).toContain('lacking.db: 0 records')
  expect(lacking.err).toContain(sha256)

  const misspelt = await skerry(here, 'backup', 'hub.db', 'more.db', '--blobs', 'photoes')
  expect([misspelt.code, misspelt.out, existsSync(join(here, 'more.db'))]).toEqual([5, '', false])
  const none = await skerry(here, 'backup', 'again.db', 'none.db')
  expect(none.err).toContain('no blobs')
})
