/**
 * The Bayeux side of change events: clients that shook hands, what they subscribed to, and how far each was told. A client that does not come back within 40 seconds is forgotten, with its
 * subscriptions; the connect that follows is an unknown client's.
 */
import { randomBytes } from 'node:crypto'
import type { Clock } from '../../clock.ts'
import { clientIdleMs, eventClientsMax } from '../limits.ts'
import type { ChangeEvent, ChangeLog } from './change-log.ts'

/** A channel, and the event after which it goes on. */
export type Subscription = { types: ReadonlySet<string> | undefined; after: number }

export type BusClient = {
  id: string
  /** The cookie that it was given, and has to bring back. */
  browser: string
  subscriptions: Map<string, Subscription>
  /** Milliseconds since 1970, of its last message. */
  seenAt: number
  /** Its first connect was answered, which is done at once; later ones wait. */
  greeted: boolean
  /** Ends a waiting connect. */
  wake: (() => void) | undefined
}

/** How to tell a replay id that is worth nothing. */
export class InvalidReplayId extends Error {}

export class EventBus {
  readonly #log: ChangeLog
  readonly #clock: Clock
  readonly #clients = new Map<string, BusClient>()

  constructor(log: ChangeLog, clock: Clock) {
    this.#log = log
    this.#clock = clock
  }

  /** Undefined when there are too many. @param browser what its cookie says */
  greet(browser: string): BusClient | undefined {
    this.#sweep()
    if (this.#clients.size >= eventClientsMax) return undefined
    const id = randomBytes(14).toString('hex')
    const client: BusClient = {
      id,
      browser,
      subscriptions: new Map(),
      seenAt: this.#clock.now(),
      greeted: false,
      wake: undefined,
    }
    this.#clients.set(id, client)
    return client
  }

  known(id: string): BusClient | undefined {
    this.#sweep()
    const client = this.#clients.get(id)
    if (client) client.seenAt = this.#clock.now()
    return client
  }

  dismiss(id: string): void {
    this.#clients.get(id)?.wake?.()
    this.#clients.delete(id)
  }

  /** @param replayId of the last event known, -1 for new ones only, -2 for all that are kept @throws InvalidReplayId */
  subscribe(
    client: BusClient,
    channel: string,
    types: ReadonlySet<string> | undefined,
    replayId: number,
  ): void {
    const { oldest, newest } = this.#log.kept()
    if (replayId >= 0 && (replayId < oldest || replayId > newest || newest === 0)) throw new InvalidReplayId()
    const after = replayId === -1 ? newest : replayId === -2 ? 0 : replayId
    client.subscriptions.set(channel, { types, after })
  }

  /** What a client has not been told yet, by channel; telling it once is all that is promised. */
  take(client: BusClient): { channel: string; event: ChangeEvent }[] {
    return [...client.subscriptions].flatMap(([channel, subscription]) => {
      const events = this.#log.after(subscription.after, subscription.types)
      subscription.after = events.at(-1)?.replayId ?? subscription.after
      return events.map((event) => ({ channel, event }))
    })
  }

  /** Resolves when there may be something to tell, after `timeoutMs`, or when the client has gone. */
  wait(client: BusClient, timeoutMs: number, gone: AbortSignal): Promise<void> {
    client.wake?.()
    return new Promise((resolve) => {
      const finish = () => {
        clearTimeout(timer)
        gone.removeEventListener('abort', finish)
        if (client.wake === finish) client.wake = undefined
        client.seenAt = this.#clock.now()
        resolve()
      }
      const timer = setTimeout(finish, timeoutMs)
      gone.addEventListener('abort', finish)
      client.wake = finish
    })
  }

  /** There are new events, or the stand-in ends. */
  wakeAll(): void {
    for (const client of this.#clients.values()) client.wake?.()
  }

  /** Every client is an unknown one from now on. */
  forget(): void {
    for (const id of [...this.#clients.keys()]) this.dismiss(id)
  }

  #sweep(): void {
    const oldest = this.#clock.now() - clientIdleMs
    for (const { id, seenAt, wake } of this.#clients.values()) if (!wake && seenAt < oldest) this.dismiss(id)
  }
}
