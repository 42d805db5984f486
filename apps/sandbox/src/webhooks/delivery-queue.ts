/**
 * Events on their way out, in SQLite: written in the transaction of their change, gone only when answered. Every event ends,
 * delivered or failed, within the retry schedule; that bounds the queue.
 */
import { randomUUID } from 'node:crypto'
import type { Connection } from '../database.ts'
import { webhookFaults } from '../faults/fault.ts'
import type { FaultPlan } from '../faults/plan.ts'
import { deliveriesKeptMax } from '../limits.ts'
import type { RowChange } from '../rows/row.ts'
import type { Endpoint } from './endpoints.ts'

/** `dropped` is what the fault `webhook-drop` makes of an event. */
export type DeliveryState = 'pending' | 'delivered' | 'failed' | 'dropped'

export type Delivery = {
  id: number
  endpointId: string
  /** `webhook-id`: the same over retries and duplicates. */
  messageId: string
  event: string
  externalId: string | null
  body: string
  attempts: number
  /** Milliseconds since 1970. */
  dueAt: number
  state: DeliveryState
  lastError: string | null
}

const finished = `state IN ('delivered', 'failed', 'dropped')`

export class DeliveryQueue {
  readonly #connection: Connection
  readonly #faults: FaultPlan
  readonly #insert
  readonly #due
  readonly #settle

  constructor(connection: Connection, faults: FaultPlan) {
    this.#connection = connection
    this.#faults = faults
    this.#insert = connection.prepare(
      `INSERT INTO deliveries (endpointId, messageId, event, externalId, body, attempts, dueAt, state)
       VALUES (:endpointId, :messageId, :event, :externalId, :body, 0, :dueAt, :state)`,
    )
    this.#due = connection.prepare<unknown[], Delivery>(
      `SELECT * FROM deliveries WHERE state = 'pending' ORDER BY dueAt, id LIMIT ?`,
    )
    this.#settle = connection.prepare(
      'UPDATE deliveries SET attempts = :attempts, dueAt = :dueAt, state = :state, lastError = :lastError WHERE id = :id',
    )
  }

  /** One event for each endpoint; the fault plan may drop, double or delay it here, so that this too survives a restart. */
  enqueue(change: RowChange, endpoints: readonly Endpoint[], now: number): void {
    const event = `${change.type}.${change.kind}`
    const messageId = `msg_${randomUUID()}`
    const body = JSON.stringify(eventOf(event, change))
    for (const endpoint of endpoints) {
      const fault = this.#faults.take(webhookFaults, {
        method: 'POST',
        path: new URL(endpoint.url).pathname,
        subjects: [{ type: change.type, externalId: change.row.externalId }],
      })
      const delivery = {
        endpointId: endpoint.id,
        messageId,
        event,
        externalId: change.row.externalId,
        body,
        dueAt: now + (fault?.fault === 'webhook-delay' ? fault.ms : 0),
        state: fault?.fault === 'webhook-drop' ? 'dropped' : 'pending',
      }
      this.#insert.run(delivery)
      if (fault?.fault === 'webhook-duplicate') this.#insert.run(delivery)
    }
  }

  /** The pending ones that are due first. */
  next(limit: number): Delivery[] {
    return this.#due.all(limit)
  }

  settle(delivery: Pick<Delivery, 'id' | 'attempts' | 'dueAt' | 'state' | 'lastError'>): void {
    const { id, attempts, dueAt, state, lastError } = delivery
    this.#settle.run({ id, attempts, dueAt, state, lastError })
    if (id % 1_000 === 0) this.#prune(id - deliveriesKeptMax)
  }

  /** Newest first. */
  list(limit: number): Delivery[] {
    return this.#connection
      .prepare<unknown[], Delivery>('SELECT * FROM deliveries ORDER BY id DESC LIMIT ?')
      .all(limit)
  }

  counts(): Record<DeliveryState, number> {
    const counts: Record<DeliveryState, number> = { pending: 0, delivered: 0, failed: 0, dropped: 0 }
    const found = this.#connection
      .prepare<[], { state: DeliveryState; count: number }>(
        'SELECT state, count(*) AS count FROM deliveries GROUP BY state',
      )
      .all()
    for (const { state, count } of found) counts[state] = count
    return counts
  }

  hasPending(): boolean {
    return this.next(1).length > 0
  }

  #prune(upTo: number): void {
    this.#connection.prepare(`DELETE FROM deliveries WHERE id <= ? AND ${finished}`).run(upTo)
  }
}

function eventOf(event: string, { row, changed }: RowChange) {
  const { id, externalId, version, modifiedAt, modifiedBy } = row
  return {
    type: event,
    timestamp: new Date(modifiedAt).toISOString(),
    data: { id, externalId, version, modifiedAt, modifiedBy, changed, row },
  }
}
