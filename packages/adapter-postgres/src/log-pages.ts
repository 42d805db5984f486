/** What was decoded of the log, cut into pages: at the end of a transaction, or inside of one that is larger than a page. */
import { type Session, type Shape, sql, type Told } from '@skerry/bridge/sql'
import { AHEAD_BYTES_MAX, AHEAD_MESSAGES_MAX } from './limits.ts'
import { eventsOf, type LogEvent, LogMessages, type Table } from './log-messages.ts'

export interface Decoded {
  slot: string
  publication: string
  /** Where the slot stands, and the messages behind it that are passed by. */
  lsn: string
  skip: number
}

/** A message says at most two things of a row (its old key is gone, the new one is there), and a page may end between them. */
const PLACES_PER_MESSAGE = 2

/** An event, and its place behind where the slot stood when it was decoded: two for each message. */
type Placed = LogEvent & { place: number; xid: string }

export interface LogPage {
  told: Told[]
  xids: string[]
  /** `skip`: places behind `lsn` that are done with. */
  mark: { lsn: string; skip: number }
  complete: boolean
}

export class Ahead {
  readonly #lsn: string
  readonly #events: readonly Placed[]
  /** There was nothing behind them; otherwise the last place that was decoded. */
  readonly #end: 'all' | number
  /** Places count from an earlier commit: they are of no use in a mark. */
  readonly #isMoved: boolean

  constructor(lsn: string, events: readonly Placed[], end: 'all' | number, isMoved = false) {
    this.#lsn = lsn
    this.#events = events
    this.#end = end
    this.#isMoved = isMoved
  }

  /** What is left of it for whoever goes on there; undefined when that must be decoded. */
  from(lsn: string, skip: number): Ahead | undefined {
    if (lsn === this.#lsn && !this.#isMoved && skip > 0) {
      const left = this.#events.filter(({ place }) => place > skip)
      return left.length > 0 ? new Ahead(lsn, left, this.#end) : undefined
    }
    const at = this.#events.findIndex((event) => event.kind === 'commit' && event.lsn === lsn)
    const left = at < 0 || skip > 0 ? [] : this.#events.slice(at + 1)
    return left.length > 0 ? new Ahead(lsn, left, this.#end, true) : undefined
  }

  /**
   * At most `limit` changes. `emptied`: the table was emptied next, and nobody can say which rows were in it. `undecoded`: the next transaction is larger than a page, and must be decoded from its beginning.
   */
  page(skip: number, limit: number): LogPage | 'emptied' | 'undecoded' {
    const told: Told[] = []
    const xids = new Set<string>()
    let committed: LogPage | undefined
    let place = skip
    const soFar = (mark: LogPage['mark'], complete = false) => ({
      told: [...told],
      xids: [...xids],
      mark,
      complete,
    })
    const inside = () => committed ?? (this.#isMoved ? 'undecoded' : soFar({ lsn: this.#lsn, skip: place }))
    for (const event of this.#events) {
      if (event.kind === 'emptied') return committed ?? (told.length === 0 ? 'emptied' : inside())
      if (event.kind === 'commit') {
        committed = soFar({ lsn: event.lsn, skip: 0 })
        continue
      }
      if (told.length === limit) return inside()
      told.push(event.told)
      xids.add(event.xid)
      place = event.place
    }
    if (this.#end === 'all') return { ...(committed ?? soFar({ lsn: this.#lsn, skip })), complete: true }
    place = this.#end
    return inside()
  }
}

/** @throws SqlFailed */
export async function decode(
  shape: Shape,
  { slot, publication, lsn, skip }: Decoded,
  session: Session,
): Promise<Ahead> {
  const passed = Math.max(0, Math.floor((skip - 1) / PLACES_PER_MESSAGE))
  const upTo = passed + AHEAD_MESSAGES_MAX
  const { rows } = await session.run(sql`
    SELECT m.number::text, m.xid::text, encode(m.data, 'hex') FROM (
      SELECT number, xid, data, sum(length(data)) OVER (ORDER BY number) - length(data) AS before
      FROM pg_logical_slot_peek_binary_changes(${slot}, NULL, ${String(upTo)}::int, 'proto_version', '1', 'publication_names', ${`"${publication.replaceAll('"', '""')}"`})
        WITH ORDINALITY AS c (lsn, xid, data, number)
      WHERE number > ${String(passed)}::bigint OR get_byte(data, 0) = ${String('R'.charCodeAt(0))}::int) m
    WHERE m.before <= ${String(AHEAD_BYTES_MAX)}::bigint ORDER BY m.number LIMIT ${String(AHEAD_MESSAGES_MAX)}::bigint`)
  const table = await logTableOf(shape, session)
  const messages = new LogMessages()
  const events: Placed[] = []
  let bytes = 0
  for (const [number, xid, hex] of rows) {
    const data = Buffer.from(hex ?? '', 'hex')
    bytes += data.length
    for (const [i, event] of eventsOf(messages.parse(data), table).entries()) {
      const place = Number(number) * PLACES_PER_MESSAGE + i
      if (place > skip) events.push({ ...event, place, xid: xid ?? '' })
    }
  }
  const last = Number(rows.at(-1)?.[0] ?? 0)
  const isAll = rows.length < AHEAD_MESSAGES_MAX && bytes <= AHEAD_BYTES_MAX && last < upTo
  return new Ahead(lsn, events, isAll ? 'all' : last * PLACES_PER_MESSAGE + 1)
}

/** As the log names it. @throws SqlFailed */
export async function logTableOf({ table, key, tableName }: Shape, session: Session): Promise<Table> {
  const { rows } = await session.run(
    sql`SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass(${table.rendered(() => '').text})`,
  )
  const [schema, name] = rows[0] ?? []
  return { schema: schema ?? '', name: name ?? tableName, key: key.map((column) => column.name) }
}
