/** Reads a whole database and says everything that is wrong with it: damaged pages, rows whose checksum fails, counts that differ. */
import { StoreError } from '@skerry/core'
import type Database from 'better-sqlite3'
import { pairCrc } from './checksum.ts'
import { EntryReader } from './entry-rows.ts'
import { reading } from './inspection.ts'
import { fromKeyText } from './key-text.ts'
import { Names } from './names.ts'
import { countsOf } from './opening.ts'
import { RowReader } from './record-rows.ts'

/** Problems named at most, so that a ruined file does not flood the terminal. */
const PROBLEMS_MAX = 100

/** In words, one problem each; empty for a sound file. Never writes. @throws StoreError io (no such file), newer-format */
export function verifySqlite(path: string): string[] {
  try {
    return reading(path, (db) => [...pages(db), ...contents(db, path), ...counts(db)].slice(0, PROBLEMS_MAX))
  } catch (error) {
    if (error instanceof StoreError && error.code === 'corrupt') return [error.message]
    throw error
  }
}

function pages(db: Database.Database): string[] {
  const found = db.pragma(`integrity_check(${PROBLEMS_MAX})`) as { integrity_check: string }[]
  return found.map((row) => row.integrity_check).filter((line) => line !== 'ok')
}

function contents(db: Database.Database, path: string): string[] {
  const names = new Names(db)
  const entries = new EntryReader(db, names)
  const rows = new RowReader(db, names)
  const seqs = db.prepare<[], number>('SELECT seq FROM entries').pluck().all()
  const keys = db.prepare<[], string>('SELECT record FROM records WHERE crc IS NOT NULL').pluck().all()
  return [
    ...seqs.flatMap((seq) => problemOf(() => entries.readEntry(seq))),
    ...keys.flatMap((key) => problemOf(() => rows.rows([fromKeyText(key)]))),
    ...pairsOf(db).flatMap(([key, crc, value]) =>
      crc === pairCrc(key, value)
        ? []
        : `read ${path}: the checksum of table row ${key} does not match its content`,
    ),
  ]
}

function pairsOf(db: Database.Database): [key: string, crc: number, value: Uint8Array][] {
  return db.prepare<[], [string, number, Uint8Array]>('SELECT key, crc, value FROM pairs').raw().all()
}

function problemOf(read: () => unknown): string[] {
  try {
    read()
    return []
  } catch (error) {
    if (error instanceof Error) return [error.message]
    throw error
  }
}

/** What the state row counts, and what every index must agree with. */
function counts(db: Database.Database): string[] {
  const stated = countsOf(db)
  const counted = (sql: string) => Number(db.prepare(sql).pluck().get())
  const checks: [what: string, expected: number, actual: number][] = [
    ['entries counted', stated.entries, counted('SELECT count(*) FROM entries')],
    ['rows counted', stated.records, counted('SELECT count(*) FROM records WHERE crc IS NOT NULL')],
    ['entries above the head', 0, counted(`SELECT count(*) FROM entries WHERE seq > ${stated.head}`)],
    ['marks above the head', 0, counted(`SELECT count(*) FROM marks WHERE seq > ${stated.head}`)],
    [
      'entries of unknown records',
      0,
      counted('SELECT count(*) FROM entries WHERE record NOT IN (SELECT id FROM records)'),
    ],
    [
      'channel index rows without their entry',
      0,
      counted(
        'SELECT count(*) FROM channel_entries c LEFT JOIN entries e ON e.seq = c.seq AND e.record = c.record WHERE e.seq IS NULL',
      ),
    ],
  ]
  return checks.flatMap(([what, expected, actual]) =>
    expected === actual ? [] : `${what}: ${actual}, expected ${expected}`,
  )
}
