/**
 * Change events as hints (SPEC SF-50 to SF-53). A source of hints may lose: whatever goes wrong here costs time and no change, because the poll finds it. So nothing is kept for the next process, and nothing
 * is believed beyond "look at this row".
 *
 *   begin ─▶ session ─▶ handshake ─▶ subscribe ─▶ connect ⟲
 *     ▲                                              │ 401: new session │ 403: handshake │ 400 replay: from now on │ else: wait
 *     └──────────────────────────────────────────────┘
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { Call, Hint } from '@skerry/bridge'
import * as z from 'zod'
import { BayeuxClient, BayeuxError, type Message } from './bayeux.ts'
import type { Client } from './client.ts'
import { LISTEN_WAIT_MS_FIRST, LISTEN_WAIT_MS_MAX } from './limits.ts'
import type { SeenVersions } from './seen.ts'
import type { Session } from './sessions.ts'
import { isRecordId } from './soql.ts'

const eventSchema = z.object({
  payload: z.object({
    ChangeEventHeader: z.object({
      entityName: z.string(),
      recordIds: z.array(z.string()),
      changeType: z.string(),
      changeOrigin: z.string().catch(''),
      commitTimestamp: z.number(),
    }),
  }),
  event: z.object({ replayId: z.number() }),
})

type Header = z.output<typeof eventSchema>['payload']['ChangeEventHeader']

const ONLY_NEW = -1
/** What a process is told of an overflow: no row, but that there were too many to tell. */
const OVERFLOW = 'GAP_OVERFLOW'

/** @returns what ends it, once it listens or has found that it cannot yet */
export async function listenToEvents(
  client: Client,
  seen: SeenVersions,
  onHint: (hint: Hint) => void,
  call: Call,
): Promise<() => Promise<void>> {
  const ending = new AbortController()
  const signal = AbortSignal.any([call.signal, ending.signal])
  // Listening is no request of the API: it spends nothing.
  const listener = new Listener(client, seen, onHint, { signal })
  const first = await listener.begin()
  const running = listener.run(first)
  return async () => {
    ending.abort()
    await running
  }
}

interface Listening {
  bayeux: BayeuxClient
  session: Session
}

class Listener {
  readonly #client: Client
  readonly #seen: SeenVersions
  readonly #onHint: (hint: Hint) => void
  readonly #call: Call
  /** By channel, of the last event heard. */
  readonly #replayIds = new Map<string, number>()
  #waitMs = LISTEN_WAIT_MS_FIRST

  constructor(client: Client, seen: SeenVersions, onHint: (hint: Hint) => void, call: Call) {
    this.#client = client
    this.#seen = seen
    this.#onHint = onHint
    this.#call = call
  }

  /** Until the call's signal ends. */
  async run(first: Listening | undefined): Promise<void> {
    let listening = first
    while (!this.#call.signal.aborted) {
      listening = listening ? await this.#next(listening) : await this.#again()
    }
    // Nobody waits for the answer: a client that does not come back is forgotten there anyhow.
    await listening?.bayeux
      .disconnect({ signal: AbortSignal.timeout(LISTEN_WAIT_MS_FIRST) })
      .catch(() => undefined)
  }

  /** Undefined when it cannot listen now; why was told. */
  async begin(): Promise<Listening | undefined> {
    const session = await this.#client.session(this.#call)
    if (session.kind !== 'session') return this.#failed(session.reason)
    const bayeux = new BayeuxClient(this.#client.config, session, this.#call)
    try {
      await bayeux.handshake()
      for (const type of Object.keys(this.#client.config.types))
        await this.#subscribe(bayeux, channelOf(type))
      this.#waitMs = LISTEN_WAIT_MS_FIRST
      return { bayeux, session }
    } catch (error) {
      return this.#broken(error, session)
    }
  }

  async #again(): Promise<Listening | undefined> {
    await wait(this.#waitMs, undefined, { signal: this.#call.signal }).catch(() => undefined)
    this.#waitMs = Math.min(LISTEN_WAIT_MS_MAX, this.#waitMs * 2)
    return this.#call.signal.aborted ? undefined : this.begin()
  }

  async #subscribe(bayeux: BayeuxClient, channel: string): Promise<void> {
    const replayId = this.#replayIds.get(channel) ?? ONLY_NEW
    try {
      await bayeux.subscribe(channel, replayId)
    } catch (error) {
      if (replayId === ONLY_NEW || !/replayId .* invalid/.test(String(error))) throw error
      this.#replayIds.delete(channel)
      this.#client.config.lost(
        `${channel}: events after ${replayId} are not kept any more; listening goes on from now`,
      )
      await bayeux.subscribe(channel, ONLY_NEW)
    }
  }

  async #next(listening: Listening): Promise<Listening | undefined> {
    try {
      for (const message of await listening.bayeux.connect()) this.#heard(message)
      return listening
    } catch (error) {
      if (this.#call.signal.aborted) return listening
      if (error instanceof BayeuxError && error.message.startsWith('403::Unknown client')) return this.begin()
      return this.#broken(error, listening.session)
    }
  }

  /** @throws what is no BayeuxError, which is a bug */
  #broken(error: unknown, session: Session): undefined {
    if (!(error instanceof BayeuxError)) throw error
    if (error.message.startsWith('401::')) this.#client.sessionEnded(session)
    return this.#failed(error.message)
  }

  #failed(reason: string): undefined {
    if (!this.#call.signal.aborted) this.#client.config.lost(`change events are not heard now: ${reason}`)
    return undefined
  }

  #heard({ channel = '', data }: Message): void {
    const { lost } = this.#client.config
    const { data: event } = eventSchema.safeParse(data)
    if (!event) {
      lost(`${channel}: an event that is none was passed by`)
      return
    }
    this.#replayIds.set(channel, event.event.replayId)
    const { ChangeEventHeader: header } = event.payload
    const { entityName: type } = header
    if (header.changeType === OVERFLOW) {
      lost(`${type}: more changed in one transaction than events can tell`)
      return
    }
    for (const id of header.recordIds) {
      if (isRecordId(id)) this.#onHint({ type, id, version: this.#ownVersion(header, id) })
      else lost(`${type}: rows changed that no event names (${id})`)
    }
  }

  /** Of a write of ours whose row was read after it: the bridge has that row. */
  #ownVersion({ changeOrigin, commitTimestamp }: Header, id: string): string | undefined {
    const isOurs = changeOrigin.split(';').includes(`client=${this.#client.config.clientName}`)
    const seen = this.#seen.get(id)
    return isOurs && seen && seen.stamp >= Math.floor(commitTimestamp / 1_000) * 1_000
      ? seen.version
      : undefined
  }
}

/** `Account` → `/data/AccountChangeEvent`, `Visit__c` → `/data/Visit__ChangeEvent`. */
function channelOf(type: string): string {
  return `/data/${type.replace(/__c$/, '__')}ChangeEvent`
}
