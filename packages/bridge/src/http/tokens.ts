/**
 * A bearer token by OAuth 2, by client credentials or a refresh token (RFC 6749, sections 4.4 and 6): asked for once at a time, renewed before it ends, and once more when it is refused. Who is
 * refused a token is not let in, and is not tried again by the same call.
 */
import { renameSync, writeFileSync } from 'node:fs'
import type { Call, Failure } from '@skerry/bridge'
import * as z from 'zod'
import type { TokenAuth } from './auth.ts'
import { type Exchange, exchange, type HttpSettings } from './exchange.ts'
import { TOKEN_LEFT_MS_MIN, TOKEN_LIFE_USED } from './limits.ts'
import { reasonOf } from './problem.ts'
import { retryAfterMs } from './retry-after.ts'

export type Token = { kind: 'token'; value: string }

const tokenSchema = z.object({
  access_token: z.string().min(1),
  /** RFC 6749, section 7.1: a client must not use a token of a type that it does not understand. */
  token_type: z
    .string()
    .regex(/^bearer$/i)
    .optional(),
  expires_in: z.coerce.number().positive().optional(),
  refresh_token: z.string().min(1).optional(),
})

export class Tokens {
  readonly #settings: HttpSettings
  readonly #auth: TokenAuth
  #held: { value: string; until: number } | undefined
  #asking: Promise<Token | Failure> | undefined
  /** The newest one the system gave. */
  #refresh: string | undefined

  constructor(settings: HttpSettings, auth: TokenAuth) {
    this.#settings = settings
    this.#auth = auth
  }

  /** What tokens are asked for with. */
  get secrets(): string[] {
    const { clientSecret, ...auth } = this.#auth
    const refresh = auth.kind === 'refresh-token' ? [this.#refresh ?? auth.refreshToken.known ?? ''] : []
    return [clientSecret.known ?? '', ...refresh]
  }

  /** A failure is one in which the call itself was not made. */
  async get(call: Call): Promise<Token | Failure> {
    if (this.#held && this.#settings.now() < this.#held.until)
      return { kind: 'token', value: this.#held.value }
    this.#asking ??= this.#ask(call).finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  /** The system refused this token. @returns whether asking for another one makes sense */
  refused(value: string | undefined): boolean {
    if (this.#held?.value === value) this.#held = undefined
    return true
  }

  async #ask(call: Call): Promise<Token | Failure> {
    const { now } = this.#settings
    const askedAt = now()
    // Whoever asked first may leave; the others still want the token.
    const answer = await exchange(
      this.#settings,
      { ...call, signal: new AbortController().signal },
      this.#request(),
    )
    if (answer.kind !== 'answer') return { kind: 'later', reason: `no token: ${answer.reason}` }
    const { status, headers, json } = answer
    if (status >= 400 && status < 500 && status !== 429)
      return {
        kind: 'unauthorized',
        reason: `no token for client ${this.#auth.clientId}: ${reasonOf(answer)}`,
      }
    const parsed = status === 200 ? tokenSchema.safeParse(json) : undefined
    if (!parsed?.success)
      return {
        kind: 'later',
        reason: `no token: ${reasonOf(answer)}`,
        retryAfterMs: retryAfterMs(headers, now()),
      }
    const { access_token: value, expires_in, refresh_token } = parsed.data
    if (refresh_token !== undefined) this.#keep(refresh_token)
    const lifeMs = (expires_in ?? Number.MAX_SAFE_INTEGER / 1e6) * 1000
    this.#held = {
      value,
      until: askedAt + Math.max(0, Math.min(lifeMs * TOKEN_LIFE_USED, lifeMs - TOKEN_LEFT_MS_MIN)),
    }
    return { kind: 'token', value }
  }

  #request(): Exchange {
    const { clientId, clientSecret, clientAuth, scope, tokenPath, tokenUrl, ...auth } = this.#auth
    const form = new URLSearchParams(
      auth.kind === 'refresh-token'
        ? { grant_type: 'refresh_token', refresh_token: this.#refresh ?? auth.refreshToken.value }
        : { grant_type: 'client_credentials' },
    )
    if (scope !== undefined) form.set('scope', scope)
    const headers: Record<string, string> = { 'content-type': 'application/x-www-form-urlencoded' }
    if (clientAuth === 'basic') {
      const pair = [clientId, clientSecret.value].map(encodeURIComponent).join(':')
      headers.authorization = `Basic ${Buffer.from(pair).toString('base64')}`
    } else {
      form.set('client_id', clientId)
      form.set('client_secret', clientSecret.value)
    }
    return {
      method: 'POST',
      path: tokenPath,
      headers,
      body: form.toString(),
      ...(tokenUrl !== undefined && { url: tokenUrl }),
    }
  }

  /** A system that rotates refresh tokens takes the old one no more: what is not kept is lost with this process. */
  #keep(refreshToken: string): void {
    this.#refresh = refreshToken
    if (this.#auth.kind !== 'refresh-token') return
    const { file } = this.#auth.refreshToken
    if (file === undefined || this.#auth.refreshToken.value === refreshToken) return
    writeFileSync(`${file}.new`, refreshToken, { mode: 0o600 })
    renameSync(`${file}.new`, file)
  }
}
