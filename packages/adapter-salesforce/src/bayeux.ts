/** The Bayeux protocol as far as it is needed to listen by long poll: messages of one client, each a request of its own. */
import type { Call } from '@skerry/bridge'
import { exchange, parseJson } from '@skerry/bridge/http'
import * as z from 'zod'
import type { SalesforceConfig } from './config.ts'
import { LISTEN_TIMEOUT_MS } from './limits.ts'
import type { Session } from './sessions.ts'

const messageSchema = z.looseObject({
  channel: z.string().optional(),
  successful: z.boolean().optional(),
  clientId: z.string().optional(),
  error: z.string().optional(),
  ext: z
    .object({ sfdc: z.object({ failureReason: z.string() }).optional() })
    .loose()
    .optional(),
  data: z.unknown().optional(),
})

export type Message = z.output<typeof messageSchema>

/** What stands in the way, in the words of the server or the network. */
export class BayeuxError extends Error {
  override readonly name = 'BayeuxError'
}

export class BayeuxClient {
  readonly #config: SalesforceConfig
  readonly #session: Session
  readonly #call: Call
  /** The server knows the client by them, and which of its machines the client is at. */
  readonly #cookies = new Map<string, string>()
  #clientId = ''

  constructor(config: SalesforceConfig, session: Session, call: Call) {
    this.#config = config
    this.#session = session
    this.#call = call
  }

  /** @throws BayeuxError */
  async handshake(): Promise<void> {
    const message = {
      channel: '/meta/handshake',
      version: '1.0',
      supportedConnectionTypes: ['long-polling'],
      ext: { replay: true },
    }
    const { clientId = '' } = this.#wanted(await this.#send(message), message.channel)
    this.#clientId = clientId
  }

  /** @param replayId of the last event known; -1: only new ones @throws BayeuxError */
  async subscribe(channel: string, replayId: number): Promise<void> {
    const about = '/meta/subscribe'
    const replies = await this.#send({
      channel: about,
      subscription: channel,
      ext: { replay: { [channel]: replayId } },
    })
    this.#wanted(replies, about)
  }

  /** The next events; none when the server had nothing to say for as long as it waits. @throws BayeuxError */
  async connect(): Promise<Message[]> {
    const about = '/meta/connect'
    const replies = await this.#send({ channel: about, connectionType: 'long-polling' })
    this.#wanted(replies, about)
    return replies.filter(({ data }) => data !== undefined)
  }

  /** Tells the server that nobody listens any more. */
  async disconnect(call: Call): Promise<void> {
    await this.#send({ channel: '/meta/disconnect' }, call)
  }

  async #send(message: object, call = this.#call): Promise<Message[]> {
    const { token, instanceUrl } = this.#session
    const { apiVersion, responseBytesMax, agent, now } = this.#config
    const settings = {
      baseUrl: instanceUrl,
      headers: {},
      timeoutMs: LISTEN_TIMEOUT_MS,
      responseBytesMax,
      agent,
      now,
    }
    const answer = await exchange(
      settings,
      { signal: call.signal },
      {
        method: 'POST',
        path: `/cometd/${apiVersion}`,
        headers: {
          authorization: `OAuth ${token}`,
          'content-type': 'application/json',
          ...(this.#cookies.size > 0 && { cookie: cookieText(this.#cookies) }),
        },
        body: JSON.stringify([{ ...message, ...(this.#clientId && { clientId: this.#clientId }) }]),
      },
    )
    if (answer.kind !== 'answer') throw new BayeuxError(answer.reason)
    for (const line of answer.headers.getSetCookie?.() ?? []) {
      const [, name, value] = /^([^=;\s]+)=([^;]*)/.exec(line) ?? []
      if (name !== undefined) this.#cookies.set(name, value ?? '')
    }
    const parsed = z.array(messageSchema).safeParse(parseJson(answer.body))
    if (!parsed.success) throw new BayeuxError(`${answer.status}::the answer is none of Bayeux`)
    return parsed.data
  }

  #wanted(replies: readonly Message[], channel: string): Message {
    const reply = replies.find((one) => one.channel === channel)
    if (reply?.successful) return reply
    throw new BayeuxError(reply?.ext?.sfdc?.failureReason ?? reply?.error ?? `${channel} was not answered`)
  }
}

function cookieText(cookies: ReadonlyMap<string, string>): string {
  return [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
}
