/** A bearer token by OAuth 2 client credentials (RFC 6749, section 4.4): asked for once at a time, renewed before it ends, and once more when it is refused. */
import type { Call, Failure } from '@skerry/bridge'
import { exchange, retryAfterMs } from '@skerry/bridge/http'
import * as z from 'zod'
import type { RestConfig } from './config.ts'
import { TOKEN_LEFT_MS_MIN, TOKEN_LIFE_USED } from './limits.ts'
import { reasonOf } from './problem.ts'

export type Token = { kind: 'token'; value: string | undefined }

const tokenSchema = z.object({
  access_token: z.string().min(1),
  expires_in: z.number().positive().optional(),
})

export class Tokens {
  readonly #config: RestConfig
  #held: { value: string; until: number } | undefined
  #asking: Promise<Token | Failure> | undefined

  constructor(config: RestConfig) {
    this.#config = config
  }

  /** A failure is one in which the call itself was not made. */
  async get(call: Call): Promise<Token | Failure> {
    const { auth, now } = this.#config
    if (!auth) return { kind: 'token', value: undefined }
    if ('bearer' in auth) return { kind: 'token', value: auth.bearer }
    if (this.#held && now() < this.#held.until) return { kind: 'token', value: this.#held.value }
    this.#asking ??= this.#ask(call).finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  /** The system refused this token. @returns whether asking for another one makes sense */
  refused(value: string | undefined): boolean {
    if (this.#held?.value === value) this.#held = undefined
    return this.#config.auth !== undefined && 'clientId' in this.#config.auth
  }

  async #ask(call: Call): Promise<Token | Failure> {
    const { auth, now } = this.#config
    if (!auth || 'bearer' in auth) throw new TypeError('no token is asked for without a client id')
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: auth.clientId,
      client_secret: auth.clientSecret,
    })
    if (auth.scope !== undefined) form.set('scope', auth.scope)
    const askedAt = now()
    const answer = await exchange(this.#config, call, {
      method: 'POST',
      path: auth.tokenPath,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: form.toString(),
    })
    if (answer.kind !== 'answer') return { kind: 'later', reason: answer.reason }
    if (answer.status >= 400 && answer.status < 500 && answer.status !== 429)
      return {
        kind: 'unauthorized',
        reason: `no token for client ${auth.clientId}: ${reasonOf(answer.status, answer.body)}`,
      }
    const parsed = answer.status === 200 ? tokenSchema.safeParse(jsonOrNothing(answer.body)) : undefined
    if (!parsed?.success)
      return {
        kind: 'later',
        reason: `no token: ${reasonOf(answer.status, answer.body)}`,
        retryAfterMs: retryAfterMs(answer.headers, now()),
      }
    const lifeMs = (parsed.data.expires_in ?? Number.MAX_SAFE_INTEGER / 1e6) * 1000
    this.#held = {
      value: parsed.data.access_token,
      until: askedAt + Math.max(0, Math.min(lifeMs * TOKEN_LIFE_USED, lifeMs - TOKEN_LEFT_MS_MIN)),
    }
    return { kind: 'token', value: this.#held.value }
  }
}

function jsonOrNothing(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
