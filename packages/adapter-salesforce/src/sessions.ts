/** A session by OAuth 2 client credentials (RFC 6749, section 4.4): asked for once at a time, and again when it is refused (SPEC SF-01, SF-02). */

import { isIP } from 'node:net'
import type { Call, Failure } from '@skerry/bridge'
import { exchange, type HeadersRead, parseJson } from '@skerry/bridge/http'
import * as z from 'zod'
import type { SalesforceConfig } from './config.ts'
import { REASON_LENGTH_MAX } from './limits.ts'

export interface Session {
  kind: 'session'
  token: string
  instanceUrl: string
  /** Of the user that the client acts as. */
  userId: string
}

const tokenSchema = z.object({
  access_token: z.string().min(1),
  instance_url: z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, '')),
  id: z.string(),
})
const deniedSchema = z.object({ error: z.string(), error_description: z.string().optional() })

export class Sessions {
  readonly #config: SalesforceConfig
  readonly #dated: (headers: HeadersRead) => void
  #held: Session | undefined
  #asking: Promise<Session | Failure> | undefined

  /** @param dated told of every answer's headers */
  constructor(config: SalesforceConfig, dated: (headers: HeadersRead) => void) {
    this.#config = config
    this.#dated = dated
  }

  /** A failure is one in which the call itself was not made. */
  async get(call: Call): Promise<Session | Failure> {
    if (this.#held) return this.#held
    this.#asking ??= this.#ask(call).finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  /** The system refused this one. */
  ended({ token }: Session): void {
    if (this.#held?.token === token) this.#held = undefined
  }

  async #ask(call: Call): Promise<Session | Failure> {
    const form = this.#form()
    if (typeof form !== 'string') return form
    const { loginUrl, timeoutMs, responseBytesMax, agent, now } = this.#config
    const settings = { baseUrl: loginUrl, headers: {}, timeoutMs, responseBytesMax, agent, now }
    // Tokens are not counted there.
    const answer = await exchange(
      settings,
      { signal: call.signal },
      {
        method: 'POST',
        path: '/services/oauth2/token',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: form,
      },
    )
    if (answer.kind !== 'answer') return { kind: 'later', reason: `no session: ${answer.reason}` }
    const body = parseJson(answer.body)
    if (answer.status !== 200) return denied(answer.status, body)
    const parsed = tokenSchema.safeParse(body)
    if (!parsed.success)
      return { kind: 'later', reason: 'no session: the answer is none of a token endpoint' }
    const { access_token: token, instance_url: instanceUrl, id } = parsed.data
    if (!mayLeadTo(loginUrl, instanceUrl))
      return {
        kind: 'rejected',
        reason: `no session: it leads to ${instanceUrl}, which is neither ${loginUrl} nor another host by its name, over https`,
      }
    this.#dated(answer.headers)
    this.#held = { kind: 'session', token, instanceUrl, userId: id.split('/').at(-1) ?? '' }
    return this.#held
  }

  /** The secret is read when it is needed, so that a renewed one needs no restart. */
  #form(): string | Failure {
    const { clientId, clientSecret } = this.#config
    try {
      return new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: clientId.value,
        client_secret: clientSecret.value,
      }).toString()
    } catch (error) {
      return {
        kind: 'unauthorized',
        reason: `no session: ${error instanceof Error ? error.message : String(error)}`,
      }
    }
  }
}

/** Refused for good, or the endpoint itself has trouble. */
function denied(status: number, body: unknown): Failure {
  const said = deniedSchema.safeParse(body).data
  const reason = `no session: ${status} ${said ? `${said.error}: ${said.error_description ?? ''}` : 'without a reason'}`
  const isForGood = status >= 400 && status < 500 && status !== 429
  return { kind: isForGood ? 'unauthorized' : 'later', reason: reason.slice(0, REASON_LENGTH_MAX) }
}

/** Names are looked up under guard when they are called; an address is not, so it must be the configured one. */
function mayLeadTo(loginUrl: string, instanceUrl: string): boolean {
  const { origin, protocol, hostname } = new URL(instanceUrl)
  return (
    origin === new URL(loginUrl).origin ||
    (protocol === 'https:' && isIP(hostname.replace(/^\[|\]$/g, '')) === 0)
  )
}
