/**
 * Sends due events, up to a hundred in one request, signed as version 3 says, and repeats those that were not answered with 2xx by the schedule. Stopping leaves what is unanswered in the queue, so
 * that an event may arrive twice but is not lost.
 */
import { createHmac } from 'node:crypto'
import type { Clock } from '../../clock.ts'
import { webhookEventsMax, webhooksInFlightMax, webhookTimeoutMs } from '../limits.ts'
import type { HubSpotSettings } from '../settings.ts'
import type { EventQueue, QueuedEvent } from './event-queue.ts'

type Parts = { queue: EventQueue; clock: Clock; settings: HubSpotSettings; secret: string }

export class Deliverer {
  /** Where the account's administrator has it call; undefined: nowhere. */
  targetUrl: string | undefined
  readonly #parts: Parts
  readonly #stopped = new AbortController()
  readonly #inFlight = new Map<number, Promise<void>>()
  #requests = 0
  #timer: NodeJS.Timeout | undefined
  #idleWatchers: Array<() => void> = []

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Looks at the queue again: something was added, answered, or has become due. */
  wake(): void {
    const { targetUrl } = this
    if (this.#stopped.signal.aborted || targetUrl === undefined) return
    clearTimeout(this.#timer)
    const now = this.#parts.clock.now()
    const waiting = this.#waiting(now)
    let due = waiting.filter(({ dueAt }) => dueAt <= now)
    while (due.length > 0 && this.#requests < webhooksInFlightMax) {
      this.#start(targetUrl, due.slice(0, webhookEventsMax))
      due = due.slice(webhookEventsMax)
    }
    const later = waiting.find(({ dueAt }) => dueAt > now)
    if (later) this.#timer = setTimeout(() => this.wake(), later.dueAt - now)
    if (waiting.length === 0 && this.#requests === 0) for (const tell of this.#idleWatchers) tell()
  }

  /** True as soon as nothing waits, false when `timeoutMs` is over first. */
  whenIdle(timeoutMs: number): Promise<boolean> {
    if (this.#requests === 0 && this.#waiting(this.#parts.clock.now()).length === 0)
      return Promise.resolve(true)
    return new Promise((resolve) => {
      const finish = (idle: boolean) => {
        clearTimeout(timer)
        this.#idleWatchers = this.#idleWatchers.filter((other) => other !== tell)
        resolve(idle)
      }
      const tell = () => finish(true)
      const timer = setTimeout(() => finish(false), timeoutMs).unref()
      this.#idleWatchers.push(tell)
    })
  }

  async stop(): Promise<void> {
    this.#stopped.abort()
    clearTimeout(this.#timer)
    await Promise.all(this.#inFlight.values())
  }

  #waiting(now: number): QueuedEvent[] {
    const most = webhookEventsMax * (webhooksInFlightMax + 1)
    return this.#parts.queue.next(now, most).filter(({ id }) => !this.#inFlight.has(id))
  }

  #start(targetUrl: string, events: readonly QueuedEvent[]): void {
    this.#requests++
    const sending = this.#deliver(targetUrl, events).finally(() => {
      this.#requests--
      for (const { id } of events) this.#inFlight.delete(id)
      this.wake()
    })
    for (const { id } of events) this.#inFlight.set(id, sending)
  }

  async #deliver(targetUrl: string, events: readonly QueuedEvent[]): Promise<void> {
    const { queue, clock, settings } = this.#parts
    const error = await this.#post(targetUrl, events)
    if (this.#stopped.signal.aborted && error !== null) return
    queue.settle(
      events.map(({ id, attempts, dueAt }) => {
        const waitMs = settings.webhookScheduleMs[attempts]
        const retry = error !== null && waitMs !== undefined
        return {
          id,
          attempts: attempts + 1,
          dueAt: retry ? clock.now() + waitMs : dueAt,
          state: error === null ? 'delivered' : retry ? 'pending' : 'failed',
          lastError: error,
        }
      }),
    )
  }

  /** What went wrong, or null. */
  async #post(targetUrl: string, events: readonly QueuedEvent[]): Promise<string | null> {
    const body = JSON.stringify(
      events.map(({ body, attempts }) => ({ ...JSON.parse(body), attemptNumber: attempts })),
    )
    const timestamp = String(this.#parts.clock.now())
    try {
      const response = await fetch(targetUrl, {
        method: 'POST',
        redirect: 'manual',
        signal: AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(webhookTimeoutMs)]),
        headers: {
          'content-type': 'application/json',
          'x-hubspot-request-timestamp': timestamp,
          'x-hubspot-signature-v3': signatureOf(this.#parts.secret, `POST${targetUrl}${body}${timestamp}`),
        },
        body,
      })
      await response.body?.cancel()
      return response.ok ? null : `answered ${response.status}`
    } catch (cause) {
      return String(cause instanceof Error ? (cause.cause ?? cause) : cause)
    }
  }
}

function signatureOf(secret: string, signed: string): string {
  return createHmac('sha256', secret).update(signed).digest('base64')
}
