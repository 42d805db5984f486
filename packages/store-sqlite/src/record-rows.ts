/** Record rows and their declared indexes. Views stay text from end to end: nothing here parses them. */
import {
  type ChannelRow,
  type IndexValue,
  type PageLimit,
  type RecordRow,
  type Seq,
  takeRows,
} from '@skerry/core'
import type Database from 'better-sqlite3'
import { rowCrc } from './checksum.ts'
import { corrupt, damagedRow } from './failure.ts'
import { afterPrefix, fromKeyText, toKeyText } from './key-text.ts'
import type { Names } from './names.ts'

const COLUMNS = 'r.record, r.crc, r.indexed, r.frontier, r.view'
type RowColumns = [key: string, crc: number, indexed: string, frontier: Uint8Array, view: string | null]

/** A value with its type in front, so that 1, "1" and true differ and everything compares as text. */
export function taggedValue(value: IndexValue): string {
  if (value === null) return 'z'
  if (typeof value === 'string') return `s${value}`
  return typeof value === 'number' ? `n${value}` : value ? 't' : 'f'
}

function untagged(tagged: string): IndexValue {
  if (tagged.startsWith('s')) return tagged.slice(1)
  if (tagged.startsWith('n')) return Number(tagged.slice(1))
  return tagged === 'z' ? null : tagged === 't'
}

/** As kept in the row: JSON of [field, tagged value] pairs, in the order they were given. */
export function indexedText(indexed: RecordRow['indexed']): string {
  return JSON.stringify(indexed.map(([field, value]) => [field, taggedValue(value)]))
}

/** @throws StoreError corrupt */
export function indexedPairs(text: string, path: string): [field: string, tagged: string][] {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError)
      throw corrupt(path, `the declared indexes of a row are not JSON: ${text}`)
    throw error
  }
}

/** The interned name of a declared index. */
export function fieldName(collection: string, field: string): string {
  return toKeyText(`${collection}/${field}`)
}

export class RowReader {
  readonly #db: Database.Database
  readonly #names: Names
  readonly #damaged: Set<string>
  readonly #one: Database.Statement<[string], RowColumns>
  readonly #from: Database.Statement<[string, string, number], RowColumns>
  readonly #above: Database.Statement<[string, string, number], RowColumns>
  readonly #inChannel: Database.Statement<[number, number], [seq: number, ...row: RowColumns]>
  /** Prepared by number of fields asked. */
  readonly #finds = new Map<number, Database.Statement<(number | string)[], RowColumns>>()

  /** `damaged`: here the keys of rows are put down that cannot be read back. */
  constructor(db: Database.Database, names: Names, damaged = new Set<string>()) {
    this.#db = db
    this.#names = names
    this.#damaged = damaged
    this.#one = db
      .prepare<[string], RowColumns>(`SELECT ${COLUMNS} FROM records r WHERE record = ? AND crc IS NOT NULL`)
      .raw()
    const select = `SELECT ${COLUMNS} FROM records r WHERE crc IS NOT NULL AND record`
    const rest = 'AND record < ? ORDER BY record LIMIT ?'
    this.#from = db.prepare<[string, string, number], RowColumns>(`${select} >= ? ${rest}`).raw()
    this.#above = db.prepare<[string, string, number], RowColumns>(`${select} > ? ${rest}`).raw()
    this.#inChannel = db
      .prepare<[number, number], [number, ...RowColumns]>(
        `SELECT m.seq, ${COLUMNS} FROM marks m INDEXED BY marks_by_channel CROSS JOIN records r ON r.id = m.record
        WHERE m.channel = ? AND m.seq > ? AND m.enter = 1 AND r.view IS NOT NULL ORDER BY m.seq`,
      )
      .raw()
  }

  rows(records: readonly string[]): (RecordRow | undefined)[] {
    return records.map((record) => {
      const columns = this.#one.get(toKeyText(record))
      return columns && this.#rowOf(columns)
    })
  }

  scanRows(collection: string, after: string, limit: number): RecordRow[] {
    const prefix = toKeyText(`${collection}/`)
    const above = toKeyText(after)
    const end = afterPrefix(prefix)
    const rows = above >= prefix ? this.#above.all(above, end, limit) : this.#from.all(prefix, end, limit)
    return rows.map((columns) => this.#rowOf(columns))
  }

  findRows(
    collection: string,
    equals: readonly (readonly [field: string, value: IndexValue])[],
  ): RecordRow[] {
    if (equals.length === 0) return this.#shown(collection)
    const asked: (number | string)[] = []
    for (const [field, value] of equals) {
      const id = this.#names.find('f', fieldName(collection, field))
      if (id === undefined) return []
      asked.push(id, toKeyText(taggedValue(value)))
    }
    return this.#find(equals.length)
      .all(...asked)
      .map((columns) => this.#rowOf(columns))
  }

  channelRows(channel: string, after: Seq, limit: PageLimit): ChannelRow[] {
    const id = this.#names.find('c', toKeyText(channel))
    return id === undefined ? [] : takeRows(this.#walk(id, after), limit)
  }

  *#walk(channel: number, after: Seq): Generator<ChannelRow> {
    for (const [seq, ...columns] of this.#inChannel.iterate(channel, after))
      yield { seq, row: this.#rowOf(columns) }
  }

  #shown(collection: string): RecordRow[] {
    return this.scanRows(collection, '', -1).filter((row) => row.view !== undefined)
  }

  #find(fields: number): Database.Statement<(number | string)[], RowColumns> {
    let statement = this.#finds.get(fields)
    if (!statement) {
      const one = 'SELECT record FROM fields WHERE field = ? AND value = ?'
      const matching = Array.from({ length: fields }, () => one).join(' INTERSECT ')
      statement = this.#db
        .prepare<(number | string)[], RowColumns>(
          `SELECT ${COLUMNS} FROM records r WHERE r.id IN (${matching}) ORDER BY r.record`,
        )
        .raw()
      this.#finds.set(fields, statement)
    }
    return statement
  }

  /** @throws StoreDamage when the row is not what was written */
  #rowOf([key, crc, indexed, frontier, view]: RowColumns): RecordRow {
    const record = fromKeyText(key)
    if (crc !== rowCrc(key, frontier, indexed, view)) {
      this.#damaged.add(record)
      const what = `the checksum of row ${key} does not match its content`
      throw damagedRow(this.#db.name, what, { record })
    }
    const row = {
      record,
      collection: record.slice(0, record.indexOf('/')),
      frontier: new Uint8Array(frontier.buffer, frontier.byteOffset, frontier.byteLength),
      indexed: indexedPairs(indexed, this.#db.name).map(
        ([field, tagged]) => [field, untagged(tagged)] as const,
      ),
    }
    return view === null ? row : { ...row, view }
  }
}
