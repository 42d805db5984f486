/**
 * Reads a whole database and says everything that is wrong with it: damaged pages, rows whose checksum fails, and whatever is kept
 * twice and differs. Every index is held against what it was made from.
 */
import { isDamaged, StoreError } from '@skerry/core'
import type Database from 'better-sqlite3'
import { pairCrc, textCrc } from './checksum.ts'
import { EntryReader } from './entry-rows.ts'
import { reading } from './inspection.ts'
import { fromKeyText, toKeyText } from './key-text.ts'
import { Names } from './names.ts'
import { countsOf } from './opening.ts'
import { fieldName, indexedPairs, RowReader } from './record-rows.ts'

/** Problems named at most, so that a ruined file does not flood the terminal. */
const PROBLEMS_MAX = 100

/** In words, one problem each; empty for a sound file. Never writes. @throws StoreError io (no such file), newer-format */
export function verifySqlite(path: string): string[] {
  try {
    return reading(path, (db) => new Verification(db).problems().slice(0, PROBLEMS_MAX))
  } catch (error) {
    if (error instanceof StoreError && error.code === 'corrupt') return [error.message]
    throw error
  }
}

class Verification {
  readonly #db: Database.Database
  readonly #names: Names

  constructor(db: Database.Database) {
    this.#db = db
    this.#names = new Names(db)
  }

  problems(): string[] {
    const checks = [
      () => this.#pages(),
      () => this.#allNames(),
      () => this.#entries(),
      () => this.#rows(),
      () => this.#pairs(),
      () => this.#channelIndex(),
      () => this.#fieldIndex(),
      () => this.#counts(),
    ]
    return checks.flatMap(findings)
  }

  #pages(): string[] {
    const found = this.#db.pragma(`integrity_check(${PROBLEMS_MAX})`) as { integrity_check: string }[]
    return found.map((row) => row.integrity_check).filter((line) => line !== 'ok')
  }

  #allNames(): string[] {
    const rows = this.#all<[number, string, string]>('SELECT crc, kind, name FROM names')
    return rows.flatMap(([crc, kind, name]) => mismatch(crc !== textCrc(kind, name), `name ${name}`))
  }

  #entries(): string[] {
    const entries = new EntryReader(this.#db, this.#names)
    return this.#all<[number]>('SELECT seq FROM entries').flatMap(([seq]) =>
      findings(() => {
        const entry = entries.readEntry(seq)
        return entry && isDamaged(entry) ? [`entry ${seq} of ${entry.record}: ${entry.damage}`] : []
      }),
    )
  }

  #rows(): string[] {
    const rows = new RowReader(this.#db, this.#names)
    const keys = this.#all<[string]>('SELECT record FROM records WHERE crc IS NOT NULL')
    return keys.flatMap(([key]) => problemOf(() => rows.rows([fromKeyText(key)])))
  }

  #pairs(): string[] {
    const pairs = this.#all<[string, number, Uint8Array]>('SELECT key, crc, value FROM pairs')
    return pairs.flatMap(([key, crc, value]) => mismatch(crc !== pairCrc(key, value), `table row ${key}`))
  }

  #channelIndex(): string[] {
    const listed = this.#all<[number, number, string]>(
      'SELECT seq, record, channels FROM entries WHERE channels IS NOT NULL',
    ).flatMap(([seq, record, channels]) =>
      [...new Set(channels.split(','))].map((id) => `${id} ${seq} ${record}`),
    )
    const indexed = this.#all<[number, number, number]>('SELECT channel, seq, record FROM channel_entries')
    return differences(
      'channel index',
      listed,
      indexed.map(([channel, seq, record]) => `${channel} ${seq} ${record}`),
    )
  }

  #fieldIndex(): string[] {
    const shown = this.#all<[number, string, string]>(
      'SELECT id, record, indexed FROM records WHERE view IS NOT NULL',
    )
    const declared = shown.flatMap(([id, key, indexed]) => {
      const collection = fromKeyText(key).split('/')[0] ?? ''
      return indexedPairs(indexed, this.#db.name).map(([field, tagged]) => {
        return `${this.#names.find('f', fieldName(collection, field))} ${toKeyText(tagged)} ${id}`
      })
    })
    const indexed = this.#all<[number, string, number]>('SELECT field, value, record FROM fields')
    return differences(
      'field index',
      declared,
      indexed.map(([field, value, record]) => `${field} ${value} ${record}`),
    )
  }

  /** What the state row counts, and what must not stand beyond it. */
  #counts(): string[] {
    const { head, entries, records } = countsOf(this.#db)
    const checks: [what: string, expected: number, sql: string][] = [
      ['entries', entries, 'SELECT count(*) FROM entries'],
      ['rows', records, 'SELECT count(*) FROM records WHERE crc IS NOT NULL'],
      ['entries above the head', 0, `SELECT count(*) FROM entries WHERE seq > ${head}`],
      ['marks above the head', 0, `SELECT count(*) FROM marks WHERE seq > ${head}`],
      [
        'marks of unknown records',
        0,
        'SELECT count(*) FROM marks WHERE record NOT IN (SELECT id FROM records)',
      ],
      [
        'entries of unknown records',
        0,
        'SELECT count(*) FROM entries WHERE record NOT IN (SELECT id FROM records)',
      ],
    ]
    return checks.flatMap(([what, expected, sql]) => {
      const actual = this.#all<[number]>(sql)[0]?.[0]
      return expected === actual ? [] : `${what}: ${actual}, expected ${expected}`
    })
  }

  #all<Row extends unknown[]>(sql: string): Row[] {
    return this.#db.prepare<[], Row>(sql).raw().all()
  }
}

function differences(index: string, expected: string[], actual: string[]): string[] {
  const known = new Set(expected)
  const found = new Set(actual)
  return [
    ...[...known].filter((row) => !found.has(row)).map((row) => `${index}: "${row}" is missing`),
    ...[...found].filter((row) => !known.has(row)).map((row) => `${index}: "${row}" belongs to nothing`),
  ]
}

function mismatch(differs: boolean, what: string): string[] {
  return differs ? [`the checksum of ${what} does not match its content`] : []
}

/** Of a damaged file any check may fail in any way: what it says is the finding. */
function findings(check: () => string[]): string[] {
  try {
    return check()
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)]
  }
}

function problemOf(read: () => unknown): string[] {
  return findings(() => {
    read()
    return []
  })
}
