/** OWNED and the place of a database: a second process, copies, restored backups, and files that are not ours. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { emptyBatch, type Store } from '@skerry/core'
import { type Accept, inspectSqlite, sqliteStore } from '@skerry/store-sqlite'
import Database from 'better-sqlite3'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { runCommitting } from './child.ts'
import { crashCopy, type TestDirectory, temporaryDirectory } from './directory.ts'
import { missingParts, numberedBatch } from './numbered.ts'

let directory: TestDirectory
let opens = 0
beforeEach(() => {
  directory = temporaryDirectory()
  onTestFinished(() => directory.remove())
})

async function open(path: string, accept?: Accept) {
  opens += 1
  const run = opens.toString(16).padStart(32, '0')
  const store = sqliteStore(accept ? { path, accept, ballastBytes: 0 } : { path, ballastBytes: 0 })
  return { store, identity: await store.open(run) }
}

/** Opens, commits the batches with these numbers, closes. */
async function session(path: string, ...numbers: number[]) {
  const { store, identity } = await open(path)
  for (const number of numbers) await store.commit(numberedBatch(number))
  await store.close()
  return identity
}

const refusal = (code: string, ...words: string[]) =>
  expect.objectContaining({
    name: 'StoreError',
    code,
    message: expect.stringMatching(new RegExp(words.join('[^]*'))),
  })

describe('a second process', () => {
  it('fault S6: O-1: keeps this one out with its pid and host while it lives, and no longer', async () => {
    const path = directory.path('log.db')
    let refused: unknown
    const ended = runCommitting([path, 'f'.repeat(32)], async (line, child) => {
      if (line !== 'open') return
      refused = await open(path).catch((error: unknown) => error)
      expect(refused).toEqual(refusal('locked', `process ${child.pid} on ${hostname()}`))
      child.kill('SIGKILL')
    })
    expect((await ended).signal).toBe('SIGKILL')
    expect(refused).toBeDefined()
    await (await open(path)).store.close()
  })

  it('fault S6: O-1: cannot take a database that this one has open', async () => {
    const path = directory.path('log.db')
    const { store } = await open(path)
    const { lines, errors } = await runCommitting([path, 'f'.repeat(32)], () => {})
    expect(lines).toEqual([])
    expect(errors).toContain(`process ${process.pid} on ${hostname()}`)
    await store.commit(numberedBatch(1))
    await store.close()
  })

  it('may look at a database that this one has open', async () => {
    const path = directory.path('log.db')
    const { store } = await open(path)
    await store.commit(numberedBatch(1))
    const script = `import { inspectSqlite } from '@skerry/store-sqlite'; console.log(JSON.stringify(inspectSqlite(${JSON.stringify(path)})))`
    const seen = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: import.meta.dirname,
    })
    expect(JSON.parse(seen.toString())).toEqual(inspectSqlite(path))
    await store.commit(numberedBatch(2))
    await store.close()
  })
})

describe('fault P11: a copied database', () => {
  const copied = async () => {
    const from = directory.path('log.db')
    const { store, identity } = await open(from)
    await store.commit(numberedBatch(1))
    await store.commit({
      ...emptyBatch,
      tables: [{ table: 'identity', key: 'secret', value: new Uint8Array(32) }],
    })
    await store.close()
    const path = directory.path('copy.db')
    copyFileSync(from, path)
    return { path, from, identity }
  }

  it('is refused, and the message says from where and what to do', async () => {
    const { path, from } = await copied()
    await expect(open(path)).rejects.toEqual(
      refusal('copied', from, path, "accept: 'moved'", "accept: 'copy'"),
    )
    await expect(open(path, 'restored')).rejects.toEqual(refusal('copied'))
  })

  it('goes on as the same log when moved is accepted, and is then at home', async () => {
    const { path, identity } = await copied()
    const moved = await open(path, 'moved')
    expect(moved.identity.log).toBe(identity.log)
    expect(await moved.store.get('identity', 'secret')).toHaveLength(32)
    await moved.store.close()
    expect((await session(path)).runs).toHaveLength(3)
  })

  it('becomes a log of its own when copy is accepted: new id, no device key, all else kept', async () => {
    const { path, from, identity } = await copied()
    const copy = await open(path, 'copy')
    expect(copy.identity.log).not.toBe(identity.log)
    expect(await copy.store.get('identity', 'secret')).toBeUndefined()
    expect(await missingParts(copy.store, 1)).toEqual([])
    await copy.store.close()
    expect((await session(path)).log).toBe(copy.identity.log)
    expect((await session(from)).log).toBe(identity.log)
  })

  it('accept does nothing to a database that is at home', async () => {
    const path = directory.path('log.db')
    const { log } = await session(path, 1)
    for (const accept of ['copy', 'moved', 'restored'] as const) {
      const { store, identity } = await open(path, accept)
      expect(identity.log).toBe(log)
      await store.close()
    }
  })

  it('may be renamed', async () => {
    const path = directory.path('log.db')
    const { log } = await session(path, 1)
    renameSync(path, directory.path('new.db'))
    expect((await session(directory.path('new.db'))).log).toBe(log)
  })
})

describe('fault S10: a restored backup', () => {
  const backup = () => directory.path('backup')

  it('is refused when the place has seen a later run', async () => {
    const path = directory.path('log.db')
    await session(path, 1)
    copyFileSync(path, backup())
    await session(path, 2)
    copyFileSync(backup(), path)
    await expect(open(path)).rejects.toEqual(refusal('restored', path, 'head 4', "accept: 'restored'"))
    await expect(open(path, 'moved')).rejects.toEqual(refusal('restored'))
    const { store, identity } = await open(path, 'restored')
    expect([identity.runs.length, identity.head]).toEqual([2, 4])
    await store.close()
    await session(path, 2)
  })

  it('is refused when the place has seen more of the same run', async () => {
    const path = directory.path('log.db')
    const { store } = await open(path)
    await store.commit(numberedBatch(1))
    const image = crashCopy(path, directory)
    await store.commit(numberedBatch(2))
    await store.close()
    execFileSync('cp', [image, `${image}-wal`, directory.path('')])
    await expect(open(path)).rejects.toEqual(refusal('restored'))
  })

  it('is refused when nothing shows that it is as new as what was here', async () => {
    const path = directory.path('log.db')
    await session(path, 1)
    copyFileSync(path, backup())
    renameSync(backup(), path)
    for (const sidecar of [() => writeFileSync(`${path}.run`, '{"torn'), () => rmSync(`${path}.run`)]) {
      sidecar()
      await expect(open(path)).rejects.toEqual(refusal('restored'))
    }
  })

  it('is accepted when nothing was lost', async () => {
    const path = directory.path('log.db')
    await session(path, 1)
    copyFileSync(path, backup())
    renameSync(backup(), path)
    const { store } = await open(path)
    expect(await missingParts(store, 1)).toEqual([])
    await store.close()
  })

  it('a new database in the place of an old one is a new log', async () => {
    const path = directory.path('log.db')
    const { log } = await session(path, 1)
    rmSync(path)
    expect((await session(path, 1)).log).not.toBe(log)
  })
})

describe('a file that cannot be opened', () => {
  const expectRefused = async (code: string, ...words: string[]) => {
    const path = directory.path('log.db')
    const stores: Store[] = []
    await expect(open(path).then(({ store }) => stores.push(store))).rejects.toEqual(
      refusal(code, path, ...words),
    )
    expect(stores).toEqual([])
  }

  it('of a newer format is refused, and left as it is', async () => {
    await session(directory.path('log.db'), 1)
    const db = new Database(directory.path('log.db'))
    db.pragma('user_version = 99')
    db.close()
    await expectRefused('newer-format', 'format 99', 'up to 1', 'upgrade')
    await expectRefused('newer-format')
  })

  it("of somebody else's database is refused", async () => {
    const db = new Database(directory.path('log.db'))
    db.exec('CREATE TABLE customers (name)')
    db.close()
    await expectRefused('corrupt', 'not a log of Skerry')
  })

  it('of no database at all is refused', async () => {
    writeFileSync(directory.path('log.db'), 'Dear diary, '.repeat(1000))
    await expectRefused('corrupt', 'not a database')
  })

  it('in a directory that does not exist is refused', async () => {
    await expect(open('/nowhere/at all/log.db')).rejects.toEqual(refusal('io', 'does not exist', 'create it'))
  })
})
