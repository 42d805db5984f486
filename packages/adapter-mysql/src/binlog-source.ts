/**
 * Changes by the binary log (SPEC MY-20 to MY-27). It is read up to where it ends now, and left alone until the next page; the position is a place in it. The log tells keys; rows are read with a lock, which waits for whoever is
 * in the log already and not to be seen yet.
 */
import { setTimeout as wait } from 'node:timers/promises'
import {
  Ahead,
  raw,
  type Session,
  type Shape,
  type Source,
  type SourcePage,
  SqlFailed,
} from '@skerry/bridge/sql'
import type { Json } from '@skerry/core'
import * as z from 'zod'
import { LogLost, type LogTable, type Place, placeOf, placeText, readBinlog } from './binlog.ts'
import { SETTLE_MS } from './limits.ts'
import type { Address } from './mysql-line.ts'
import { type Server, serverOf } from './server.ts'

const markSchema = z.strictObject({
  /** Everything before it is done with: `binlog.000007:1234`. */
  at: z.string(),
  /** Changes behind it that are done with, of a transaction that fills pages. */
  skip: z.number().int().min(0),
  /** When its file was made, in milliseconds, once that is known. */
  madeAt: z.number().nullable(),
})

type Mark = z.output<typeof markSchema>

export class BinlogSource implements Source {
  readonly by = 'log'
  readonly tellsDeletions = true
  readonly writes = false
  readonly #address: () => Address
  readonly #timeoutMs: number
  readonly #madeAt = new Map<string, number>()
  readonly #ahead = new Map<string, Ahead>()
  #server: Server | undefined

  constructor(address: () => Address, timeoutMs: number) {
    this.#address = address
    this.#timeoutMs = timeoutMs
  }

  async begin(shape: Shape, session: Session): Promise<Json> {
    this.#ahead.delete(shape.type)
    const [fault] = await this.faults([shape], session)
    if (fault !== undefined) throw new SqlFailed({ kind: 'rejected', reason: fault })
    return this.#markOf({ at: placeText(await this.#beginning(session)), skip: 0 })
  }

  async page(shape: Shape, given: Json, limit: number, session: Session): Promise<SourcePage> {
    const mark = markSchema.safeParse(given).data
    const from = mark && placeOf(mark.at)
    const to = await this.#end(session)
    if (!mark || !from || !to || !(await isThere(from, session))) return { kind: 'expired' }
    if (placeText(to) === mark.at) return { kind: 'told', told: [], mark: given, complete: true }
    const read = async () => this.#read(mark, { from, to, table: await logTableOf(shape, session) }, session)
    try {
      let ahead = this.#kept(shape.type, mark) ?? (await read())
      let page = ahead.page(mark.skip, limit)
      if (page === 'undecoded') {
        ahead = await read()
        page = ahead.page(mark.skip, limit)
      }
      if (typeof page === 'string') return { kind: 'expired' }
      this.#ahead.set(shape.type, ahead)
      return { kind: 'told', told: page.told, complete: page.complete, mark: this.#markOf(page.mark) }
    } catch (error) {
      if (error instanceof LogLost) return { kind: 'expired' }
      throw error
    }
  }

  async faults(_: readonly Shape[], session: Session): Promise<string[]> {
    const { rows } = await session.run(raw('SELECT @@log_bin, @@binlog_format'))
    const [isOn, format] = rows[0] ?? []
    if (isOn !== '1') return ['the server keeps no binary log: set log_bin']
    return format === 'ROW' ? [] : [`the server's binlog_format is ${format}, and not ROW`]
  }

  /** Where the log ends, for whoever listens from now on. @throws SqlFailed */
  async end(session: Session): Promise<Place> {
    const place = await this.#end(session)
    if (place) return place
    throw new SqlFailed({ kind: 'rejected', reason: 'the server keeps no binary log: set log_bin' })
  }

  /** A place before everything that a listing from now on may not show. */
  async #beginning(session: Session): Promise<Place> {
    const { isMariaDb } = await this.#serverOf(session)
    if (!isMariaDb) {
      const place = await this.end(session)
      await wait(SETTLE_MS, undefined, { signal: session.signal }).catch(() => undefined)
      return place
    }
    // One moment of the log and of the rows, which only MariaDB tells.
    await session.run(raw('START TRANSACTION WITH CONSISTENT SNAPSHOT'))
    const { rows } = await session.run(raw(`SHOW STATUS LIKE 'binlog_snapshot_%'`))
    await session.run(raw('COMMIT'))
    const told = new Map(rows.map(([name, value]) => [name?.toLowerCase(), value]))
    const file = told.get('binlog_snapshot_file')
    return file == null || file === ''
      ? this.end(session)
      : { file, position: Number(told.get('binlog_snapshot_position')) }
  }

  async #end(session: Session): Promise<Place | undefined> {
    const { status } = await this.#serverOf(session)
    const [file, position] = (await session.run(status)).rows[0] ?? []
    return file == null ? undefined : { file, position: Number(position) }
  }

  async #serverOf(session: Session): Promise<Server> {
    this.#server ??= await serverOf(session)
    return this.#server
  }

  #kept(type: string, { at, skip }: Mark): Ahead | undefined {
    const ahead = this.#ahead.get(type)
    this.#ahead.delete(type)
    return ahead?.from(at, skip)
  }

  async #read(
    { at, skip, madeAt }: Mark,
    stretch: { from: Place; to: Place; table: LogTable },
    session: Session,
  ): Promise<Ahead> {
    const limits = { signal: session.signal, timeoutMs: this.#timeoutMs }
    const reading = await readBinlog(this.#address(), { ...stretch, madeAt }, limits)
    for (const [file, made] of reading.madeAt) this.#madeAt.set(file, made)
    const events = reading.events.filter(({ kind, place }) =>
      kind === 'commit' ? place >= skip : place > skip,
    )
    return new Ahead(at, events, reading.end)
  }

  #markOf({ at, skip }: { at: string; skip: number }): Mark {
    return { at, skip, madeAt: this.#madeAt.get(placeOf(at)?.file ?? '') ?? null }
  }
}

/** The file was not purged, and is as long as that. */
async function isThere({ file, position }: Place, session: Session): Promise<boolean> {
  const { rows } = await session.run(raw('SHOW BINARY LOGS'))
  return rows.some(([name, size]) => name === file && Number(size) >= position)
}

/** As the log names it. @throws SqlFailed */
export async function logTableOf({ tableName, key }: Shape, session: Session): Promise<LogTable> {
  const [name = '', schema] = tableName.split('.').reverse()
  const names = key.map((column) => column.name)
  if (schema !== undefined) return { schema, name, key: names }
  const { rows } = await session.run(raw('SELECT DATABASE()'))
  return { schema: rows[0]?.[0] ?? '', name, key: names }
}
