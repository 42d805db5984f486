/** Reads the binary log from one place to another, as a replica would: what it says of one table, in the order of commits. */
import { randomInt } from 'node:crypto'
import {
  type BinLogEvent,
  type BinLogRowEvent,
  type BinLogRowUpdateEvent,
  type BinLogTableMapEvent,
  ZongJi,
} from '@powersync/mysql-zongji'
import { AHEAD_CHANGES_MAX, type Key, type Placed, SqlFailed } from '@skerry/bridge/sql'
import { failed } from './classify.ts'
import { SERVER_ID_MAX, SERVER_ID_MIN } from './limits.ts'
import type { Address } from './mysql-line.ts'

export interface Place {
  file: string
  position: number
}

export interface LogTable {
  schema: string
  name: string
  key: readonly string[]
}

export interface Reading {
  events: Placed[]
  /** All there was up to the place, or the last change that was read. */
  end: 'all' | number
  /** When each file was made, in milliseconds: a file of the same name that another one made is another file. */
  madeAt: ReadonlyMap<string, number>
}

/** The log cannot be read from there, or not be trusted: it was purged, made anew, or the table was another one then. */
export class LogLost extends Error {
  override readonly name = 'LogLost'
}

export function placeText({ file, position }: Place): string {
  return `${file}:${position}`
}

export function placeOf(text: string): Place | undefined {
  const [, file, position] = /^([^:]+):(\d{1,15})$/.exec(text) ?? []
  return file === undefined ? undefined : { file, position: Number(position) }
}

/** Files count up, and the number may get more digits. */
function isBeyond(one: string, other: string): boolean {
  const [a, b] = [one, other].map((file) => Number(/\.(\d+)$/.exec(file)?.[1] ?? 0))
  return (a ?? 0) > (b ?? 0)
}

export interface Stretch {
  from: Place
  to: Place
  /** When the first file was made, if that is known. */
  madeAt: number | null
  table: LogTable
}

/** @throws LogLost; SqlFailed */
export function readBinlog(
  address: Address,
  { from, to, madeAt, table }: Stretch,
  { signal, timeoutMs }: { signal: AbortSignal; timeoutMs: number },
): Promise<Reading> {
  return new Promise((resolve, reject) => {
    const decoder = new Decoder(from, table)
    const finish = (act: () => void) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
      stop()
      act()
    }
    const give = (error: unknown) => finish(() => reject(error))
    const later = (reason: string) => give(new SqlFailed({ kind: 'later', reason }, { lost: true }))
    const abort = () => later('the call was given up')
    const timer = setTimeout(() => later(`the log was not read within ${timeoutMs} ms`), timeoutMs)
    signal.addEventListener('abort', abort)
    const stop = stream(address, from, table, {
      error: (error) => give(lossOf(error)),
      event: (event) => {
        try {
          decoder.take(event)
        } catch (error) {
          give(error)
          return
        }
        if (madeAt !== null && (decoder.madeAt.get(from.file) ?? madeAt) !== madeAt)
          give(new LogLost(`${from.file} is another file than it was`))
        else if (decoder.isBehind(to)) finish(() => resolve(decoder.reading(to)))
        else if (decoder.isFull) finish(() => resolve(decoder.reading()))
      },
    })
  })
}

/** Streams events until it is stopped. @returns what stops it */
export function stream(
  address: Address,
  from: Place,
  { schema, name }: Pick<LogTable, 'schema' | 'name'>,
  heard: { event: (event: BinLogEvent) => void; error: (error: unknown) => void; ready?: () => void },
): () => void {
  const reader = new ZongJi({ ...address, dateStrings: true, timeZone: 'Z', enableKeepAlive: true })
  let isStopped = false
  reader.on('error', (error: unknown) => {
    if (!isStopped) heard.error(error)
  })
  reader.on('binlog', (event: BinLogEvent) => {
    if (!isStopped) heard.event(event)
  })
  reader.on('ready', () => heard.ready?.())
  reader.start({
    filename: from.file,
    position: from.position,
    serverId: randomInt(SERVER_ID_MIN, SERVER_ID_MAX),
    includeSchema: { [schema]: [name] },
  })
  return () => {
    if (isStopped) return
    isStopped = true
    reader.stop()
  }
}

/** Purged, or no place in the log: there is nothing to go on from. What else breaks is worth another try. */
function lossOf(error: unknown): unknown {
  const { message, code } = error as { message?: string; code?: string }
  if (code === 'ER_MASTER_FATAL_ERROR_READING_BINLOG' || code === 'ER_SOURCE_FATAL_ERROR_READING_BINLOG')
    return new LogLost(message)
  return /does not match its current schema|table has been dropped/.test(message ?? '')
    ? new LogLost(message)
    : failed(error)
}

class Decoder {
  readonly madeAt = new Map<string, number>()
  readonly #table: LogTable
  readonly #events: Placed[] = []
  #place = 0
  #at: Place

  constructor(from: Place, table: LogTable) {
    this.#at = from
    this.#table = table
  }

  get isFull(): boolean {
    return this.#place >= AHEAD_CHANGES_MAX
  }

  isBehind({ file, position }: Place): boolean {
    return this.#at.file === file ? this.#at.position >= position : isBeyond(this.#at.file, file)
  }

  /** @param to everything up to there was read */
  reading(to?: Place): Reading {
    const { madeAt } = this
    if (!to) return { events: this.#events, end: this.#place, madeAt }
    return { events: [...this.#events, this.#commit(to)], end: 'all', madeAt }
  }

  /** @throws LogLost when the table was made anew or changed: rows from before are not what they seem */
  take(event: BinLogEvent): void {
    const kind = event.getEventName()
    if (kind === 'rotate' && 'binlogName' in event && 'position' in event)
      this.#at = { file: event.binlogName, position: Number(event.position) }
    else if (event.nextPosition > 0) this.#at = { ...this.#at, position: event.nextPosition }
    if (kind === 'format') this.madeAt.set(this.#at.file, event.timestamp)
    if (kind === 'xid') this.#events.push(this.#commit(this.#at))
    if (kind === 'tablemap' && 'columnCount' in event) this.#takeMap(event)
    if ('query' in event) this.#takeQuery(event.query, event.schema)
    if ('rows' in event) this.#takeRows(kind, event)
  }

  /** Columns are told by their places, and the reader knows their names as they are now. */
  #takeMap({ tableMap, tableId, columnCount, tableName }: BinLogTableMapEvent): void {
    const known = tableMap[tableId]?.columnSchemas.length
    if (known !== undefined && known !== columnCount)
      throw new LogLost(`${tableName} had ${columnCount} columns then, and has ${known} now`)
  }

  #takeQuery(query: string, schema: string): void {
    const { name, schema: ours } = this.#table
    const changes = /^\s*(?:\/\*.*?\*\/\s*)*(?:ALTER|TRUNCATE|RENAME|DROP|CREATE)\b/is.test(query)
    if (changes && query.includes(name) && (schema === ours || query.includes(ours)))
      throw new LogLost(`${name} was changed as a table: ${query.slice(0, 80)}`)
    if (!/^\s*(?:BEGIN|SAVEPOINT|#)/i.test(query)) this.#events.push(this.#commit(this.#at))
  }

  #takeRows(kind: string, event: BinLogRowEvent | BinLogRowUpdateEvent): void {
    const map = event.tableMap[event.tableId]
    if (map?.parentSchema !== this.#table.schema || map.tableName !== this.#table.name) return
    for (const row of event.rows) {
      const [before, after] = isPair(row) ? [row.before, row.after] : [undefined, row]
      const key = keyIn(this.#table, after)
      const left = before && keyIn(this.#table, before)
      if (left?.some((part, i) => part !== key[i])) this.#told(left, true)
      this.#told(key, kind === 'deleterows')
    }
  }

  #told(key: Key, gone: boolean): void {
    this.#place += 1
    this.#events.push({ kind: 'told', told: { key, gone }, place: this.#place, xid: '' })
  }

  #commit(at: Place): Placed {
    return { kind: 'commit', at: placeText(at), place: this.#place, xid: '' }
  }
}

function isPair(
  row: Record<string, unknown>,
): row is { before: Record<string, unknown>; after: Record<string, unknown> } {
  return (
    typeof row.before === 'object' &&
    row.before !== null &&
    typeof row.after === 'object' &&
    row.after !== null
  )
}

/** @throws SqlFailed for a key that the log does not tell as text or number */
export function keyIn({ name, key }: LogTable, row: Record<string, unknown>): Key {
  return key.map((column) => {
    const part = row[column]
    if (typeof part === 'string' || typeof part === 'number') return String(part)
    throw new SqlFailed({
      kind: 'rejected',
      reason: `the log of ${name} does not tell ${column} as text: want a key of numbers or texts`,
    })
  })
}
