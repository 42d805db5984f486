/** The named key-value tables. */
import type { TableRow } from '@skerry/core'
import type Database from 'better-sqlite3'
import { pairCrc } from './checksum.ts'
import { damagedRow } from './failure.ts'
import { afterPrefix, fromKeyText, toKeyText } from './key-text.ts'
import type { Names } from './names.ts'

type PairColumns = [key: string, crc: number, value: Uint8Array]

export class PairReader {
  readonly #path: string
  readonly #names: Names
  readonly #one: Database.Statement<[number, string], PairColumns>
  readonly #from: Database.Statement<[number, string, string, number], PairColumns>
  readonly #above: Database.Statement<[number, string, string, number], PairColumns>

  constructor(db: Database.Database, names: Names) {
    this.#path = db.name
    this.#names = names
    const select = 'SELECT key, crc, value FROM pairs WHERE name = ? AND key'
    const rest = 'AND key < ? ORDER BY key LIMIT ?'
    this.#one = db.prepare<[number, string], PairColumns>(`${select} = ?`).raw()
    this.#from = db.prepare<[number, string, string, number], PairColumns>(`${select} >= ? ${rest}`).raw()
    this.#above = db.prepare<[number, string, string, number], PairColumns>(`${select} > ? ${rest}`).raw()
  }

  get(table: string, key: string): Uint8Array | undefined {
    const name = this.#names.find('t', toKeyText(table))
    const columns = name === undefined ? undefined : this.#one.get(name, toKeyText(key))
    return columns && this.#pairOf(table, columns).value
  }

  scan(table: string, range: { prefix?: string; after?: string; limit: number }): TableRow[] {
    const name = this.#names.find('t', toKeyText(table))
    if (name === undefined) return []
    const prefix = toKeyText(range.prefix ?? '')
    const after = range.after === undefined ? undefined : toKeyText(range.after)
    const rows =
      after !== undefined && after >= prefix
        ? this.#above.all(name, after, afterPrefix(prefix), range.limit)
        : this.#from.all(name, prefix, afterPrefix(prefix), range.limit)
    return rows.map((columns) => this.#pairOf(table, columns))
  }

  /** @throws StoreDamage when the row is not what was written */
  #pairOf(table: string, [key, crc, value]: PairColumns): TableRow {
    if (crc !== pairCrc(key, value)) {
      const what = `the checksum of row ${key} of table ${table} does not match its content`
      throw damagedRow(this.#path, what, { table, key: fromKeyText(key) })
    }
    return { key: fromKeyText(key), value: new Uint8Array(value.buffer, value.byteOffset, value.byteLength) }
  }
}
