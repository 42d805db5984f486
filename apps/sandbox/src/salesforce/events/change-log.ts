/**
 * Change events: written in the transaction of their changes, one for all rows of a type that were changed alike in it, kept for 72 hours. Replay ids grow, with holes: whoever
 * counts them up is wrong.
 */
import { randomUUID } from 'node:crypto'
import type { Clock } from '../../clock.ts'
import type { Connection } from '../../database.ts'
import { eventFaults } from '../../faults/fault.ts'
import type { FaultPlan } from '../../faults/plan.ts'
import type { Transactions } from '../../transactions.ts'
import { eventsKeptMs } from '../limits.ts'
import type { ObjectType } from '../objects/object-type.ts'
import type { RowChange } from '../rows/row.ts'
import { changedNames, eventFields } from './event-fields.ts'

export type ChangeEvent = { replayId: number; type: string; header: unknown; fields: Record<string, unknown> }

/** What is said of one event, beside what the log adds. */
export type EventHeader = {
  entityName: string
  recordIds: string[]
  changeType: string
  changeOrigin: string
  commitUser: string
  nulledFields: string[]
  changedFields: string[]
}

/** The empty id, which an overflow event has for want of a better one. */
const noRecordId = '000000000000000AAA'

type Parts = {
  connection: Connection
  transactions: Transactions
  clock: Clock
  faults: FaultPlan
  types: ReadonlyMap<string, ObjectType>
  /** Called once new events are durable. */
  published: () => void
}

type Stored = { replayId: number; type: string; header: string; fields: string }

export class ChangeLog {
  readonly #parts: Parts
  /** Changes of the transaction that is just being ended. */
  #ending: RowChange[] = []

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Within the transaction of the change. */
  add(change: RowChange): void {
    const { transactions } = this.#parts
    transactions.beforeCommit(() => {
      if (this.#ending.length === 0) transactions.beforeCommit(() => this.#write())
      this.#ending.push(change)
    })
  }

  /** An event that names no row: too much changed in one transaction, or a field's type, and with it every row. Whoever mirrors the type has to read it all. */
  tellOfAll(type: ObjectType, how: 'overflow' | 'wildcard'): void {
    const about = {
      changeOrigin: '',
      commitUser: '',
      nulledFields: [],
      changedFields: [],
      entityName: type.name,
    }
    const isOverflow = how === 'overflow'
    const recordIds = [isOverflow ? noRecordId : `${type.keyPrefix}*`]
    const header = { ...about, recordIds, changeType: isOverflow ? 'GAP_OVERFLOW' : 'UPDATE' }
    this.#parts.transactions.run(() => this.#append(header, {}, randomUUID(), 1))
  }

  /** Events after this one, of these types, oldest first. */
  after(replayId: number, types: ReadonlySet<string> | undefined): ChangeEvent[] {
    return this.#parts.connection
      .prepare<unknown[], Stored>(
        'SELECT replayId, type, header, fields FROM events WHERE replayId > ? AND time >= ? ORDER BY replayId',
      )
      .all(replayId, this.#oldestTime())
      .filter(({ type }) => types?.has(type) ?? true)
      .map((stored) => ({
        ...stored,
        header: JSON.parse(stored.header),
        fields: JSON.parse(stored.fields),
      }))
  }

  /** Replay ids of the oldest and the newest event that is kept; 0 when there is none. */
  kept(): { oldest: number; newest: number } {
    const found = this.#parts.connection
      .prepare<unknown[], { oldest: number | null; newest: number | null }>(
        'SELECT min(replayId) AS oldest, max(replayId) AS newest FROM events WHERE time >= ?',
      )
      .get(this.#oldestTime())
    return { oldest: found?.oldest ?? 0, newest: found?.newest ?? 0 }
  }

  /** Takes away what is kept: every replay id given out so far is worth nothing any more. */
  forget(): void {
    this.#parts.connection.prepare('UPDATE events SET time = 0').run()
  }

  #oldestTime(): number {
    return this.#parts.clock.now() - eventsKeptMs
  }

  #write(): void {
    const changes = this.#ending
    this.#ending = []
    const transactionKey = randomUUID()
    let sequenceNumber = 0
    for (const { header, fields } of this.#merged(changes)) {
      const target = { method: 'EVENT', path: `/data/${header.entityName}`, subjects: [subjectOf(header)] }
      const fault = this.#parts.faults.take(eventFaults, target)
      if (fault?.fault === 'event-drop') continue
      sequenceNumber++
      if (fault?.fault === 'event-gap') {
        const changeType = `GAP_${header.changeType}`
        this.#append(
          { ...header, changeType, changedFields: [], nulledFields: [] },
          {},
          transactionKey,
          sequenceNumber,
        )
        continue
      }
      this.#append(header, fields, transactionKey, sequenceNumber)
      if (fault?.fault === 'event-duplicate') this.#append(header, fields, transactionKey, sequenceNumber)
    }
  }

  #merged(changes: readonly RowChange[]): { header: EventHeader; fields: Record<string, unknown> }[] {
    const merged = new Map<string, { header: EventHeader; fields: Record<string, unknown> }>()
    for (const change of changes) {
      const { changeType, row, author } = change
      const type = this.#parts.types.get(row.type)
      if (!type) continue
      const fields = eventFields(type, change)
      const alike = JSON.stringify([changeType, row.type, row.modifiedAt, author, fields])
      const known = merged.get(alike)
      if (known) known.header.recordIds.push(row.id)
      else merged.set(alike, { header: headerOf(type, change), fields })
    }
    return [...merged.values()]
  }

  #append(
    header: EventHeader,
    fields: Record<string, unknown>,
    transactionKey: string,
    sequenceNumber: number,
  ): void {
    const { connection, clock, transactions, published } = this.#parts
    const last = connection.prepare<[], number | null>('SELECT max(replayId) FROM events').pluck().get() ?? 0
    const replayId = last + 1 + ((last * 31) % 5)
    const now = clock.now()
    const told = {
      ...header,
      diffFields: [],
      transactionKey,
      sequenceNumber,
      commitTimestamp: now,
      commitNumber: replayId * 1_000,
    }
    connection
      .prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?)')
      .run(replayId, header.entityName, now, JSON.stringify(told), JSON.stringify(fields))
    transactions.afterCommit(published)
  }
}

function headerOf(type: ObjectType, { changeType, row, changed, author }: RowChange): EventHeader {
  const isUpdate = changeType === 'UPDATE'
  const nulled = changed.filter((name) => row.fields[name] === null)
  return {
    entityName: row.type,
    recordIds: [row.id],
    changeType,
    changeOrigin: author.origin,
    commitUser: author.userId,
    nulledFields: isUpdate ? changedNames(type, nulled) : [],
    changedFields: isUpdate ? [...changedNames(type, changed), 'LastModifiedDate'] : [],
  }
}

function subjectOf({ entityName }: EventHeader) {
  return { type: entityName, externalId: null }
}
