/** O-5 of SPEC.md: files are for their owner alone; those that are not are reported. */
import { chmodSync, copyFileSync, existsSync, statSync, writeFileSync } from 'node:fs'
import { backupSqlite, restoreSqlite, sqliteStore } from '@skerry/store-sqlite'
import Database from 'better-sqlite3'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { migrate } from '../src/migration.ts'
import { FORMAT_VERSION } from '../src/schema.ts'
import { type TestDirectory, temporaryDirectory } from './directory.ts'
import { numberedBatch } from './numbered.ts'

let directory: TestDirectory
let opens = 0
beforeEach(() => {
  directory = temporaryDirectory()
  // As on most machines, where everything that is made may be read by all.
  const umask = process.umask(0o022)
  onTestFinished(() => {
    process.umask(umask)
    directory.remove()
  })
})

async function open(path: string, warn?: (message: string) => void) {
  opens += 1
  const store = sqliteStore({ path, ballastBytes: 8192, ...(warn && { warn }) })
  await store.open(opens.toString(16).padStart(32, '0'))
  return store
}

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)
const modesOf = (path: string, ...suffixes: string[]) =>
  Object.fromEntries(suffixes.map((suffix) => [suffix, modeOf(path + suffix)]))

describe.skipIf(process.platform === 'win32')('O-5: for the owner alone', () => {
  it('a store in use, each of its files', async () => {
    const path = directory.path('log.db')
    const warnings: string[] = []
    const store = await open(path, (message) => warnings.push(message))
    await store.commit(numberedBatch(1))
    expect(modesOf(path, '', '-wal', '-shm', '.lock', '.run', '.ballast')).toEqual({
      '': '600',
      '-wal': '600',
      '-shm': '600',
      '.lock': '600',
      '.run': '600',
      '.ballast': '600',
    })
    await store.close()
    await (await open(path, (message) => warnings.push(message))).close()
    expect(warnings).toEqual([])
  })

  it('a sidecar whose writing was cut off by an older version', async () => {
    const path = directory.path('log.db')
    writeFileSync(`${path}.run.new`, '{', { mode: 0o644 })
    await (await open(path)).close()
    expect(modeOf(`${path}.run`)).toBe('600')
  })

  it('a backup, what is restored of it, and the copy before a migration, also of a store that is open to all', async () => {
    const path = directory.path('log.db')
    await (await open(path)).close()
    chmodSync(path, 0o644)
    const [backup, restored] = [directory.path('backup.db'), directory.path('restored.db')]
    backupSqlite(path, backup)
    restoreSqlite(backup, restored)
    expect([modeOf(backup), modeOf(restored), modeOf(`${restored}.run`)]).toEqual(['600', '600', '600'])
    const db = new Database(path)
    migrate(db, path, { version: FORMAT_VERSION + 1, steps: { [FORMAT_VERSION]: () => undefined } })
    db.close()
    expect(modeOf(`${path}.before-format-${FORMAT_VERSION + 1}`)).toBe('600')
  })
})

describe.skipIf(process.platform === 'win32')('O-5: a store that is open to others', () => {
  it('is opened as it is, and reported once for each open with what to do', async () => {
    const path = directory.path('log.db')
    await (await open(path)).close()
    chmodSync(path, 0o640)
    const warn = vi.fn()
    const store = await open(path, warn)
    await store.commit(numberedBatch(1))
    await store.close()
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/mode 640 .*run: chmod 600 \S+log\.db\. /)]])
    expect(modeOf(path)).toBe('640')
    chmodSync(path, 0o600)
    await (await open(path, warn)).close()
    expect(warn).toHaveBeenCalledTimes(1)
  })

  it('a write-ahead log that a crash left is looked at too', async () => {
    const path = directory.path('log.db')
    const store = await open(path)
    await store.commit(numberedBatch(1))
    copyFileSync(`${path}-wal`, directory.path('kept-wal'))
    await store.close()
    expect(existsSync(`${path}-wal`)).toBe(false)
    copyFileSync(directory.path('kept-wal'), `${path}-wal`)
    chmodSync(`${path}-wal`, 0o644)
    const warn = vi.fn()
    await (await open(path, warn)).close()
    expect(warn.mock.calls).toEqual([
      [expect.stringMatching(/mode 644 of \S+log\.db-wal .*chmod 600 \S+log\.db-wal\. /)],
    ])
  })

  it('is reported as a warning of the process where nobody asked to be told', async () => {
    const path = directory.path('log.db')
    await (await open(path)).close()
    chmodSync(path, 0o604)
    const emitWarning = vi.spyOn(process, 'emitWarning').mockReturnValue(undefined)
    onTestFinished(() => emitWarning.mockRestore())
    await (await open(path)).close()
    expect(emitWarning).toHaveBeenCalledWith(expect.stringContaining('chmod 600'), 'SkerryWarning')
  })
})
