/**
 * Sends due events, a few at a time, signed as Standard Webhooks says, and repeats them by the schedule until one answer is 2xx.
 * Redirects are not followed; 410 disables the endpoint. Stopping leaves what is unanswered in the queue, so an event may
 * arrive twice but is not lost.
 */
import { Webhook } from 'standardwebhooks'
import type { Clock } from '../clock.ts'
import { deliveriesInFlightMax, deliveryTimeoutMs } from '../limits.ts'
import type { Settings } from '../settings.ts'
import type { Delivery, DeliveryQueue } from './delivery-queue.ts'
import type { Endpoint, Endpoints } from './endpoints.ts'

type Parts = { queue: DeliveryQueue; endpoints: Endpoints; clock: Clock; settings: Settings }

type Outcome = { delivered: boolean; gone: boolean; error: string | null }

export class Deliverer {
  readonly #parts: Parts
  readonly #stopped = new AbortController()
  readonly #inFlight = new Map<number, Promise<void>>()
  #timer: NodeJS.Timeout | undefined
  #idleWatchers: Array<() => void> = []

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Looks at the queue again: something was added, answered, or has become due. */
  wake(): void {
    if (this.#stopped.signal.aborted) return
    clearTimeout(this.#timer)
    const { queue, clock } = this.#parts
    const now = clock.now()
    const waiting = queue.next(2 * deliveriesInFlightMax).filter(({ id }) => !this.#inFlight.has(id))
    const due = waiting
      .filter(({ dueAt }) => dueAt <= now)
      .slice(0, deliveriesInFlightMax - this.#inFlight.size)
    for (const delivery of due) this.#start(delivery)
    const later = waiting.find(({ dueAt }) => dueAt > now)
    if (later) this.#timer = setTimeout(() => this.wake(), later.dueAt - now)
    if (waiting.length === 0 && this.#inFlight.size === 0) this.#tellIdle()
  }

  /** True as soon as nothing waits, false when `timeoutMs` is over first. */
  whenIdle(timeoutMs: number): Promise<boolean> {
    if (this.#inFlight.size === 0 && !this.#parts.queue.hasPending()) return Promise.resolve(true)
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

  #start(delivery: Delivery): void {
    const sending = this.#deliver(delivery).finally(() => {
      this.#inFlight.delete(delivery.id)
      this.wake()
    })
    this.#inFlight.set(delivery.id, sending)
  }

  async #deliver(delivery: Delivery): Promise<void> {
    const { queue, endpoints, clock, settings } = this.#parts
    const endpoint = endpoints.byId(delivery.endpointId)
    if (!endpoint || endpoint.disabled) {
      queue.settle({ ...delivery, state: 'failed', lastError: 'the endpoint was removed or disabled' })
      return
    }
    const { delivered, gone, error } = await this.#post(endpoint, delivery)
    if (this.#stopped.signal.aborted && !delivered) return
    if (gone) endpoints.disable(endpoint.id)
    const waitMs = settings.webhookScheduleMs[delivery.attempts]
    const retry = !delivered && !gone && waitMs !== undefined
    queue.settle({
      id: delivery.id,
      attempts: delivery.attempts + 1,
      dueAt: retry ? clock.now() + waitMs : delivery.dueAt,
      state: delivered ? 'delivered' : retry ? 'pending' : 'failed',
      lastError: error,
    })
  }

  async #post(endpoint: Endpoint, { messageId, body }: Delivery): Promise<Outcome> {
    const sentAt = new Date(this.#parts.clock.now())
    try {
      const response = await fetch(endpoint.url, {
        method: 'POST',
        redirect: 'manual',
        signal: AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(deliveryTimeoutMs)]),
        headers: {
          'content-type': 'application/json',
          'webhook-id': messageId,
          'webhook-timestamp': String(Math.floor(sentAt.getTime() / 1_000)),
          'webhook-signature': new Webhook(endpoint.secret).sign(messageId, sentAt, body),
        },
        body,
      })
      await response.body?.cancel()
      return {
        delivered: response.ok,
        gone: response.status === 410,
        error: response.ok ? null : `answered ${response.status}`,
      }
    } catch (cause) {
      return {
        delivered: false,
        gone: false,
        error: String(cause instanceof Error ? (cause.cause ?? cause) : cause),
      }
    }
  }

  #tellIdle(): void {
    const watchers = this.#idleWatchers
    for (const tell of watchers) tell()
  }
}
