/** Reads the log behind a slot, and leaves it there: what it says of one table. */
import { AHEAD_CHANGES_MAX, Ahead, type Placed, type Session, type Shape, sql } from '@skerry/bridge/sql'
import { AHEAD_BYTES_MAX } from './limits.ts'
import { eventsOf, LogMessages, type Table } from './log-messages.ts'

export interface Decoded {
  slot: string
  publication: string
  /** Where the slot stands, and the places behind it that are passed by. */
  at: string
  skip: number
}

/** A message says at most two things of a row (its old key is gone, the new one is there), and a page may end between them: so it has two places. */
const PLACES_PER_MESSAGE = 2

/** @throws SqlFailed */
export async function decode(
  shape: Shape,
  { slot, publication, at, skip }: Decoded,
  session: Session,
): Promise<Ahead> {
  const passed = Math.max(0, Math.floor((skip - 1) / PLACES_PER_MESSAGE))
  const upTo = passed + AHEAD_CHANGES_MAX
  const { rows } = await session.run(sql`
    SELECT m.number::text, m.xid::text, encode(m.data, 'hex') FROM (
      SELECT number, xid, data, sum(length(data)) OVER (ORDER BY number) - length(data) AS before
      FROM pg_logical_slot_peek_binary_changes(${slot}, NULL, ${String(upTo)}::int, 'proto_version', '1', 'publication_names', ${`"${publication.replaceAll('"', '""')}"`})
        WITH ORDINALITY AS c (lsn, xid, data, number)
      WHERE number > ${String(passed)}::bigint OR get_byte(data, 0) = ${String('R'.charCodeAt(0))}::int) m
    WHERE m.before <= ${String(AHEAD_BYTES_MAX)}::bigint ORDER BY m.number LIMIT ${String(AHEAD_CHANGES_MAX)}::bigint`)
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
  const isAll = rows.length < AHEAD_CHANGES_MAX && bytes <= AHEAD_BYTES_MAX && last < upTo
  return new Ahead(at, events, isAll ? 'all' : last * PLACES_PER_MESSAGE + 1)
}

/** As the log names it. @throws SqlFailed */
export async function logTableOf({ table, key, tableName }: Shape, session: Session): Promise<Table> {
  const { rows } = await session.run(
    sql`SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass(${table.rendered(() => '').text})`,
  )
  const [schema, name] = rows[0] ?? []
  return { schema: schema ?? '', name: name ?? tableName, key: key.map((column) => column.name) }
}
