/** Events on their way out, in SQLite: written in the transaction of their change, gone only when answered or given up. */
import type { Connection } from '../../database.ts'
import { webhookFaults } from '../../faults/fault.ts'
import type { FaultPlan, Target } from '../../faults/plan.ts'
import { eventsKeptMax } from '../limits.ts'
import type { WebhookEvent } from './event.ts'

export type QueuedEvent = {
  id: number
  body: string
  attempts: number
  /** Milliseconds since 1970. */
  dueAt: number
  /** `dropped` is what the fault `webhook-drop` makes of an event. */
  state: 'pending' | 'delivered' | 'failed' | 'dropped'
  lastError: string | null
}

export class EventQueue {
  readonly #connection: Connection
  readonly #faults: FaultPlan
  readonly #insert
  readonly #pending
  readonly #settle

  constructor(connection: Connection, faults: FaultPlan) {
    this.#connection = connection
    this.#faults = faults
    this.#insert = connection.prepare(
      'INSERT INTO events (body, attempts, dueAt, state) VALUES (:body, 0, :dueAt, :state)',
    )
    // Order is not promised: what happened last is told first.
    this.#pending = connection.prepare<unknown[], QueuedEvent>(
      `SELECT * FROM events WHERE state = 'pending' ORDER BY dueAt <= ? DESC, CASE WHEN dueAt <= ? THEN -id ELSE dueAt END LIMIT ?`,
    )
    this.#settle = connection.prepare(
      'UPDATE events SET attempts = :attempts, dueAt = :dueAt, state = :state, lastError = :lastError WHERE id = :id',
    )
  }

  /** The fault plan may drop, double or delay an event here, so that this too survives a restart. */
  add(events: readonly WebhookEvent[], target: Target, now: number): void {
    for (const event of events) {
      const fault = this.#faults.take(webhookFaults, target)
      const queued = {
        body: JSON.stringify(event),
        dueAt: now + (fault?.fault === 'webhook-delay' ? fault.ms : 0),
        state: fault?.fault === 'webhook-drop' ? 'dropped' : 'pending',
      }
      this.#insert.run(queued)
      if (fault?.fault === 'webhook-duplicate') this.#insert.run(queued)
    }
  }

  /** Those that are due, and after them those that will be. */
  next(now: number, limit: number): QueuedEvent[] {
    return this.#pending.all(now, now, limit)
  }

  settle(events: readonly Omit<QueuedEvent, 'body'>[]): void {
    for (const { id, attempts, dueAt, state, lastError } of events) {
      this.#settle.run({ id, attempts, dueAt, state, lastError })
      if (id % 1_000 === 0)
        this.#connection
          .prepare(`DELETE FROM events WHERE id <= ? AND state <> 'pending'`)
          .run(id - eventsKeptMax)
    }
  }

  /** Newest first. */
  list(limit: number): QueuedEvent[] {
    return this.#connection
      .prepare<unknown[], QueuedEvent>('SELECT * FROM events ORDER BY id DESC LIMIT ?')
      .all(limit)
  }
}
