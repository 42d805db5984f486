import Database from 'better-sqlite3'
import { afterEach, describe, expect, it } from 'vitest'
import { temporaryDirectory } from '../test/directory.ts'
import { applySettings, openDatabase } from './connection.ts'

const directory = temporaryDirectory()
afterEach(() => directory.remove())

describe('settings', () => {
  it('fault P10: sets synchronous=FULL at the first open and at every later one, where the library says NORMAL', () => {
    const path = directory.path('log.db')
    for (const expectedBefore of [2, 1, 1]) {
      const db = openDatabase(path)
      if (expectedBefore === 1) db.pragma('journal_mode = WAL')
      expect(db.pragma('synchronous', { simple: true })).toBe(expectedBefore)
      applySettings(db, 100)
      expect(db.pragma('synchronous', { simple: true })).toBe(2)
      expect(db.pragma('journal_mode', { simple: true })).toBe('wal')
      expect(db.pragma('wal_autocheckpoint', { simple: true })).toBe(100)
      expect(db.pragma('journal_size_limit', { simple: true })).toBe(409_600)
      db.exec('CREATE TABLE IF NOT EXISTS t (a)')
      db.close()
    }
  })

  it('throws when SQLite does not take a setting', () => {
    const db = new Database(':memory:')
    expect(() => applySettings(db, 100)).toThrow(/asked SQLite for journal_mode = WAL, it stays at memory/)
    db.close()
  })
})
