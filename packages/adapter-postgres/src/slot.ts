/** One replication slot: what the server keeps of its log for us, and where it stands. */
import { createHash } from 'node:crypto'
import { type Session, SqlFailed, sql } from '@skerry/bridge/sql'
import { SLOT_NAME_LENGTH_MAX } from './limits.ts'

export interface SlotState {
  /** Everything before it is forgotten. */
  confirmed: string
  /** The server has given up keeping the log for it. */
  isLost: boolean
  timeline: string
  /** To where the log is written, and to where it is safe to be read. */
  inserted: string
  written: string
}

/** Digits of a digest that make a name unique, where the type's own letters are none of a slot's. */
const DIGEST_DIGITS = 8

export function slotName(prefix: string, type: string): string {
  const plain = type.toLowerCase().replace(/[^a-z0-9_]/g, '_')
  const digest = createHash('sha256').update(type).digest('hex').slice(0, DIGEST_DIGITS)
  const name = `${prefix}_${plain}`
  if (plain === type && name.length <= SLOT_NAME_LENGTH_MAX) return name
  return `${name.slice(0, SLOT_NAME_LENGTH_MAX - DIGEST_DIGITS - 1)}_${digest}`
}

export class Slot {
  readonly name: string

  constructor(name: string) {
    this.name = name
  }

  /** Undefined: there is none. @throws SqlFailed */
  async state(session: Session): Promise<SlotState | undefined> {
    const { rows } = await session.run(sql`
      SELECT s.confirmed_flush_lsn::text, s.plugin, (s.database = current_database())::text, s.wal_status, pg_is_in_recovery()::text,
        CASE WHEN pg_is_in_recovery() THEN NULL ELSE pg_current_wal_insert_lsn() END::text,
        CASE WHEN pg_is_in_recovery() THEN NULL ELSE pg_current_wal_flush_lsn() END::text,
        CASE WHEN pg_is_in_recovery() THEN NULL ELSE left(pg_walfile_name(pg_current_wal_lsn()), 8) END
      FROM (SELECT 1) one LEFT JOIN pg_replication_slots s ON s.slot_name = ${this.name}`)
    const [confirmed, plugin, isHere, status, isStandby, inserted, written, timeline] = rows[0] ?? []
    if (isStandby === 'true')
      throw new SqlFailed({ kind: 'later', reason: 'the server is a standby, which has no slots to read' })
    if (plugin === undefined || plugin === null) return undefined
    if (plugin !== 'pgoutput' || isHere !== 'true')
      throw new SqlFailed({
        kind: 'rejected',
        reason: `the slot ${this.name} is of another plugin or database: drop it, or configure other slots`,
      })
    return {
      confirmed: confirmed ?? '0/0',
      isLost: status === 'lost' || confirmed === null,
      timeline: timeline ?? '',
      inserted: inserted ?? '0/0',
      written: written ?? '0/0',
    }
  }

  /** Where reading begins: where the slot stands, or a new one, which waits for the transactions that are under way. @throws SqlFailed */
  async opened(session: Session): Promise<{ at: string; timeline: string }> {
    const state = await this.state(session)
    if (state && !state.isLost) return { at: state.confirmed, timeline: state.timeline }
    if (state) await this.drop(session)
    await session.run(sql`SELECT pg_create_logical_replication_slot(${this.name}, 'pgoutput')`)
    const made = await this.state(session)
    if (!made) throw new SqlFailed({ kind: 'later', reason: `the slot ${this.name} was dropped by somebody` })
    return { at: made.confirmed, timeline: made.timeline }
  }

  /** @throws SqlFailed */
  async moveTo(lsn: string, session: Session): Promise<void> {
    await session.run(sql`SELECT pg_replication_slot_advance(${this.name}, ${lsn}::pg_lsn)`)
  }

  /** @throws SqlFailed */
  async drop(session: Session): Promise<void> {
    await session.run(sql`SELECT pg_drop_replication_slot(${this.name})`)
  }
}
