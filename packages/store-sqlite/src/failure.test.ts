import { readFileSync } from 'node:fs'
import { StoreError } from '@skerry/core'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { asStoreError, storeErrorOf } from './failure.ts'

const sqlite = (code: string) => new Database.SqliteError('what SQLite says', code)

describe('storeErrorOf', () => {
  const cases = {
    SQLITE_FULL: 'full',
    SQLITE_IOERR_SHMSIZE: 'full',
    SQLITE_CORRUPT: 'corrupt',
    SQLITE_CORRUPT_INDEX: 'corrupt',
    SQLITE_NOTADB: 'corrupt',
    SQLITE_ERROR: 'corrupt',
    SQLITE_CONSTRAINT_PRIMARYKEY: 'corrupt',
    SQLITE_BUSY_SNAPSHOT: 'locked',
    SQLITE_READONLY: 'io',
    SQLITE_CANTOPEN: 'io',
    SQLITE_IOERR_FSYNC: 'io',
    SQLITE_IOERR_WRITE: 'io',
  }
  for (const [code, expected] of Object.entries(cases)) {
    it(`${code} is ${expected}, and the message says what, where and what to do`, () => {
      const cause = sqlite(code)
      const error = storeErrorOf(cause, 'commit to', '/data/log.db')
      expect(error).toBeInstanceOf(StoreError)
      expect(error).toMatchObject({ code: expected, cause })
      expect((error as Error).message).toMatch(/^commit to \/data\/log\.db: what SQLite says; .{20,}/)
    })
  }

  it('a failed call of the file system is io, one without space is full', () => {
    const nothing = () => asStoreError('open', '/data/log.db', () => readFileSync('/nowhere/at all'))
    expect(nothing).toThrow(expect.objectContaining({ name: 'StoreError', code: 'io' }))
    const noSpace = Object.assign(new Error('ENOSPC: no space left on device, write'), {
      code: 'ENOSPC',
      syscall: 'write',
    })
    expect(storeErrorOf(noSpace, 'open', '/data/log.db')).toMatchObject({ name: 'StoreError', code: 'full' })
  })

  it('a file that may not be written is io, and nobody is sent to look at the disk', () => {
    const denied = Object.assign(new Error('EACCES: permission denied, open'), {
      code: 'EACCES',
      syscall: 'open',
    })
    const error = storeErrorOf(denied, 'lock', '/data/log.db.lock')
    expect(error).toMatchObject({ code: 'io', message: expect.stringMatching(/make it writable$/) })
  })

  it('leaves defects as they are', () => {
    const defect = new RangeError('a rule of the port')
    expect(storeErrorOf(defect, 'commit to', '/data/log.db')).toBe(defect)
    expect(storeErrorOf(sqlite('SQLITE_RANGE'), 'commit to', '/data/log.db')).toMatchObject({
      code: 'SQLITE_RANGE',
    })
  })
})
