/** Rows to be looked at: pushes, listed rows that may be out of date, and rows that came while a call was under way (SPEC B-24 to B-26). */
import type { ExternalRow, ReadAnswer } from './adapter-port.ts'
import { waitMs } from './back-off.ts'
import { isOwnFailure, reasonOf, type Shared } from './bridge-life.ts'
import { mappingOfRow } from './choose-mapping.ts'
import { releaseRow } from './identity/meet-as.ts'
import { stamp } from './ids.ts'
import { recordOf, takeRow } from './incoming.ts'
import { HINTS_MAX } from './limits.ts'
import { allRows } from './table-rows.ts'
import { decodeHint, type StampedHint, tableOf, unreadKey } from './tables.ts'
import { eachUnread, setAside } from './unread.ts'

type Failed = Exclude<ReadAnswer, { kind: 'row' | 'absent' }>

export class Hints {
  readonly #shared: Shared
  readonly #waiting = new Map<string, StampedHint>()
  #failures = 0

  constructor(shared: Shared) {
    this.#shared = shared
  }

  get size(): number {
    return this.#waiting.size
  }

  /** A durable hint takes the place of one that is not. */
  add(hint: StampedHint): void {
    const key = `${hint.type}\n${hint.id}`
    if (this.#waiting.size >= HINTS_MAX && !this.#waiting.has(key) && !hint.stamp) return
    if (hint.stamp || !this.#waiting.get(key)?.stamp) this.#waiting.set(key, hint)
  }

  /** Hints made durable before, and rows set aside, which a new mapping or schema may now take in. */
  async load(): Promise<void> {
    const { context, replica } = this.#shared
    for await (const { value } of allRows(replica, tableOf(context.system, 'hints')))
      this.add(decodeHint(value))
    for await (const { type, row: id } of eachUnread(replica, context.system)) {
      this.add({ type, id })
      this.#shared.unread.add(unreadKey(type, id))
      this.#shared.hasUnread = true
    }
  }

  /** Each once; those of records whose call has begun stay. @returns milliseconds to wait when the system would not answer */
  async run(): Promise<number | undefined> {
    for (const [key, hint] of [...this.#waiting]) {
      if (this.#shared.gate.pauseMs > 0) return this.#shared.gate.pauseMs
      const outcome = await this.#look(hint)
      if (outcome === 'waits') continue
      if (outcome)
        return Math.max(
          this.#shared.gate.pauseMs,
          waitMs(
            this.#shared.context.host,
            ++this.#failures,
            'retryAfterMs' in outcome ? outcome.retryAfterMs : undefined,
          ),
        )
      this.#failures = 0
      if (this.#waiting.get(key) === hint) this.#waiting.delete(key)
    }
    return undefined
  }

  async #look(hint: StampedHint): Promise<'waits' | Failed | undefined> {
    const { context, locks, index } = this.#shared
    const { type, id, externalId } = hint
    const record = await this.#shared.transact(async (tables) => {
      const mapping = await mappingOfRow(context, tables, { type, id, externalId })
      if (!mapping || !context.paused?.has(mapping))
        return mapping && recordOf(context, tables, mapping, hint)
      // It is read when the mapping goes on (B-194).
      if (hint.stamp === undefined) tables.keepHint({ type, id, externalId, stamp: stamp(context) })
      return undefined
    })
    if (record === undefined) return undefined
    if (index.isBegun(record)) return 'waits'
    return locks.hold(record, () => this.#read(hint, record))
  }

  async #read(hint: StampedHint, record: string): Promise<'waits' | Failed | undefined> {
    const { context, adapter, call, index } = this.#shared
    if (index.isBegun(record)) return 'waits'
    if (await this.#isKnown(hint, record)) return undefined
    const answer = await adapter.read(hint.type, { id: hint.id }, call)
    if (answer.kind !== 'row' && answer.kind !== 'absent' && answer.kind !== 'rejected') return answer
    this.#shared.overtake(record)
    if (answer.kind === 'row') await this.#take(hint, answer.row)
    else {
      const reason =
        answer.kind === 'rejected'
          ? answer.reason
          : 'it was told of, but is not there; only a tombstone proves a deletion'
      context.report({ level: 'warn', code: 'row-absent', message: `${hint.type} ${hint.id}: ${reason}` })
      await this.#shared.transact(async (tables) => {
        await tables.dropHint(hint)
        // One that the table knows of is news that no poll tells again: it is tried again with what was set aside.
        if (answer.kind === 'rejected' && hint.stamp !== undefined)
          return setAside(context, tables, { type: hint.type, id: hint.id }, reason)
        if (answer.kind !== 'absent') return
        tables.putUnread(hint.type, hint.id, undefined)
        await releaseRow(context, tables, { type: hint.type, row: { id: hint.id } })
      })
    }
    return undefined
  }

  #isKnown(hint: StampedHint, record: string): Promise<boolean> {
    if (hint.version === undefined) return Promise.resolve(false)
    return this.#shared.transact(async (tables) => (await tables.shadow(record))?.version === hint.version)
  }

  async #take(hint: StampedHint, row: ExternalRow): Promise<void> {
    const { context } = this.#shared
    await this.#shared.vet([row])
    try {
      await this.#shared.transact(async (tables) => {
        await takeRow(context, tables, row)
        if (this.#shared.hasUnread) tables.putUnread(row.type, row.id, undefined)
        await tables.dropHint(hint)
      })
    } catch (error) {
      if (isOwnFailure(error)) throw error
      await this.#shared.transact(async (tables) => {
        await setAside(context, tables, row, reasonOf(error))
        await tables.dropHint(hint)
      })
    }
  }
}
