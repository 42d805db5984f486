/** Who we are: a private app's token, or one of OAuth that is renewed before it ends (SPEC HS-01, HS-02). */
import type { Call, Failure } from '@skerry/bridge'
import { exchange } from '@skerry/bridge/http'
import * as z from 'zod'
import { errorOf } from './classify.ts'
import type { HubSpotConfig } from './config.ts'
import { REASON_LENGTH_MAX, TOKEN_LIFE_USED } from './limits.ts'

export interface Session {
  kind: 'session'
  token: string
}

const tokenSchema = z.object({
  access_token: z.string().min(1),
  expires_in: z.number().positive(),
  refresh_token: z.string().min(1).optional(),
})

export class Sessions {
  readonly #config: HubSpotConfig
  #held: { session: Session; until: number } | undefined
  #asking: Promise<Session | Failure> | undefined
  /** The newest one that HubSpot gave. */
  #refreshToken: string | undefined

  constructor(config: HubSpotConfig) {
    this.#config = config
  }

  /** A failure is one in which the call itself was not made. */
  get(): Promise<Session | Failure> {
    const { oauth, now } = this.#config
    if (!oauth) return Promise.resolve(this.#secret(() => this.#config.token?.value ?? ''))
    if (this.#held && now() < this.#held.until) return Promise.resolve(this.#held.session)
    this.#asking ??= this.#ask(oauth).finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  /** HubSpot refused this one. @returns whether asking for another one makes sense */
  async refused({ token }: Session, call: Call): Promise<boolean> {
    if (this.#held?.session.token === token) this.#held = undefined
    if (this.#config.oauth) return !call.signal.aborted
    const again = await this.get()
    return again.kind === 'session' && again.token !== token
  }

  /** The secret is read when it is needed, so that a renewed one needs no restart. */
  #secret(read: () => string): Session | Failure {
    try {
      return { kind: 'session', token: read() }
    } catch (error) {
      return {
        kind: 'unauthorized',
        reason: `no token: ${error instanceof Error ? error.message : String(error)}`,
      }
    }
  }

  async #ask(oauth: NonNullable<HubSpotConfig['oauth']>): Promise<Session | Failure> {
    const { baseUrl, timeoutMs, responseBytesMax, agent, now } = this.#config
    const form = this.#secret(() =>
      new URLSearchParams({
        grant_type: 'refresh_token',
        client_id: oauth.clientId.value,
        client_secret: oauth.clientSecret.value,
        refresh_token: this.#refreshToken ?? oauth.refreshToken.value,
      }).toString(),
    )
    if (form.kind !== 'session') return form
    const askedAt = now()
    // Whoever asked first may leave; the others still want the token. Tokens are not counted there.
    const answer = await exchange(
      { baseUrl, headers: {}, timeoutMs, responseBytesMax, agent, now },
      { signal: new AbortController().signal },
      {
        method: 'POST',
        path: '/oauth/v1/token',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: form.token,
      },
    )
    if (answer.kind !== 'answer') return { kind: 'later', reason: `no token: ${answer.reason}` }
    if (answer.status !== 200) return denied(answer.status, answer.json)
    const { data } = tokenSchema.safeParse(answer.json)
    if (!data) return { kind: 'later', reason: 'no token: the answer is none of a token endpoint' }
    this.#refreshToken = data.refresh_token ?? this.#refreshToken
    const session: Session = { kind: 'session', token: data.access_token }
    this.#held = { session, until: askedAt + data.expires_in * 1_000 * TOKEN_LIFE_USED }
    return session
  }
}

/** Refused for good, or the endpoint itself has trouble. */
function denied(status: number, body: unknown): Failure {
  const [said] = errorOf(body)?.details ?? []
  const reason = `no token: ${status} ${said?.message ?? 'without a reason'}`.slice(0, REASON_LENGTH_MAX)
  const isForGood = status >= 400 && status < 500 && status !== 429
  return { kind: isForGood ? 'unauthorized' : 'later', reason }
}
