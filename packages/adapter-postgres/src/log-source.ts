/**
 * Changes by logical replication (SPEC PG-20 to PG-29). The slot is read by its SQL functions, page by page, and moves on only when the page behind is asked for: so the position that the bridge keeps is the one that counts, and a
 * crash between the two costs a repeat. The log tells keys; rows are read as they are, once its transactions are visible.
 */
import { setTimeout as wait } from 'node:timers/promises'
import {
  type Ahead,
  type Session,
  type Shape,
  type Source,
  type SourcePage,
  SqlFailed,
  sql,
  type Told,
} from '@skerry/bridge/sql'
import type { Json } from '@skerry/core'
import * as z from 'zod'
import type { LogConfig } from './config.ts'
import { type Decoded, decode } from './decode.ts'
import { IDLE_LAG_BYTES_MAX, VISIBLE_TRIES_MAX, VISIBLE_WAIT_MS } from './limits.ts'
import { isVisible, LSN, lsnOf } from './lsn.ts'
import { Slot, slotName } from './slot.ts'

const markSchema = z.strictObject({
  /** Everything that was committed before is done with. */
  at: z.string().regex(LSN),
  /** Of the server's history: a copy that went its own way has another one. */
  timeline: z.string(),
  /** Messages of the transaction behind `at` that are done with, of one that fills pages. */
  skip: z.number().int().min(0),
})

type Mark = z.output<typeof markSchema>

export class LogSource implements Source {
  readonly by = 'log'
  readonly tellsDeletions = true
  readonly writes = false
  readonly #config: LogConfig
  readonly #ahead = new Map<string, Ahead>()

  constructor(config: LogConfig) {
    this.#config = config
  }

  async begin(shape: Shape, session: Session): Promise<Json> {
    this.#ahead.delete(shape.type)
    const [fault] = await this.faults([shape], session)
    if (fault !== undefined) throw new SqlFailed({ kind: 'rejected', reason: fault })
    const slot = this.#slot(shape)
    return { ...(await slot.opened(session)), skip: 0 } satisfies Mark
  }

  async page(shape: Shape, given: Json, limit: number, session: Session): Promise<SourcePage> {
    const mark = markSchema.safeParse(given).data
    const slot = this.#slot(shape)
    const state = mark && (await slot.state(session))
    if (!mark || !state || state.isLost || state.timeline !== mark.timeline) return { kind: 'expired' }
    const at = lsnOf(mark.at)
    if (lsnOf(state.confirmed) > at || at > lsnOf(state.written)) return { kind: 'expired' }
    if (lsnOf(state.confirmed) < at) await slot.moveTo(mark.at, session)
    let ahead = this.#kept(shape.type, mark) ?? (await this.#decoded(shape, mark, session))
    let page = ahead.page(mark.skip, limit)
    if (page === 'undecoded') {
      ahead = await this.#decoded(shape, mark, session)
      page = ahead.page(mark.skip, limit)
    }
    if (typeof page === 'string') {
      // Which rows are gone, only a whole listing can tell.
      await slot.drop(session)
      return { kind: 'expired' }
    }
    this.#ahead.set(shape.type, ahead)
    if (page.xids.length > 0) await visible(page.xids, session)
    const next = { ...mark, ...page.mark }
    return { kind: 'told', told: page.told, complete: page.complete, mark: this.#idle(next, page, state) }
  }

  async faults(shapes: readonly Shape[], session: Session): Promise<string[]> {
    const faults: string[] = []
    const { publication } = this.#config
    for (const { type, table, key } of shapes) {
      const name = table.rendered(() => '').text
      const { rows } = await session.run(sql`
        SELECT current_setting('wal_level'), (SELECT (rolreplication OR rolsuper)::text FROM pg_roles WHERE rolname = current_user),
          EXISTS (SELECT FROM pg_publication_tables p WHERE p.pubname = ${publication} AND p.schemaname = n.nspname AND p.tablename = c.relname)::text,
          c.relreplident::text, (c.relkind = 'p' AND NOT (SELECT pubviaroot FROM pg_publication WHERE pubname = ${publication}))::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass(${name})`)
      const [level, mayReplicate, isPublished, identity, isInParts] = rows[0] ?? []
      if (level !== 'logical') faults.push(`${type}: the server's wal_level is ${level}, and not logical`)
      if (mayReplicate !== 'true') faults.push(`${type}: our role is without REPLICATION`)
      if (isPublished !== 'true') faults.push(`${type}: the publication ${publication} is without its table`)
      if (isInParts === 'true')
        faults.push(`${type}: its parts are published by their own names: set publish_via_partition_root`)
      if (identity === 'n')
        faults.push(
          `${type}: its replica identity is nothing, so that nobody hears of ${key.map(({ name }) => name)}`,
        )
    }
    return faults
  }

  #slot({ type }: Shape): Slot {
    return new Slot(slotName(this.#config.slots, type))
  }

  /** What was decoded for an earlier page and not told yet. */
  #kept(type: string, mark: Mark): Ahead | undefined {
    const ahead = this.#ahead.get(type)
    this.#ahead.delete(type)
    return ahead?.from(mark.at, mark.skip)
  }

  async #decoded(shape: Shape, { at, skip }: Mark, session: Session): Promise<Ahead> {
    const wanted: Decoded = { slot: this.#slot(shape).name, publication: this.#config.publication, at, skip }
    return decode(shape, wanted, session)
  }

  /** A slot whose table nobody changes moves on with the server, so that it does not keep all of the log. */
  #idle(next: Mark, { told, complete }: { told: readonly Told[]; complete: boolean }, state: Reached): Mark {
    if (told.length > 0 || !complete || next.skip > 0) return next
    const reached = lsnOf(state.inserted)
    const isBehind = reached - lsnOf(next.at) > IDLE_LAG_BYTES_MAX
    // Only a place at which no record is open: everything before it was decoded then.
    return isBehind && reached <= lsnOf(state.written) ? { ...next, at: state.inserted } : next
  }
}

interface Reached {
  inserted: string
  written: string
}

/** A commit is in the log a moment before others see what it did; a row that is read in that moment is the old one. @throws SqlFailed */
async function visible(xids: readonly string[], session: Session): Promise<void> {
  for (let tried = 1; ; tried++) {
    const { rows } = await session.run(sql`SELECT pg_current_snapshot()::text`)
    const snapshot = rows[0]?.[0] ?? ''
    if (xids.every((xid) => isVisible(snapshot, xid))) return
    if (tried === VISIBLE_TRIES_MAX)
      throw new SqlFailed({
        kind: 'later',
        reason: 'a transaction is in the log, and not to be seen yet: it waits for a standby',
      })
    await wait(VISIBLE_WAIT_MS)
  }
}
