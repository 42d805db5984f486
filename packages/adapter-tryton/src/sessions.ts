/** Who we are at the server: one login for all calls, and never a second try with what was refused (SPEC TR-02 to TR-04). */
import type { Call, Failure } from '@skerry/bridge'
import type { JsonObject } from '@skerry/core'
import * as z from 'zod'
import { failureOfError, notMade } from './classify.ts'
import type { TrytonConfig } from './config.ts'
import { type Identity, identityOf, isSameIdentity } from './identity.ts'
import { LOCK_OUT_MS } from './limits.ts'
import type { Asked, Rpc } from './rpc.ts'

export interface Session {
  kind: 'session'
  userId: number
  /** Value of the header `Authorization`. */
  authorization: string
  /** Of every call: the user's preferences, under what the configuration sets. */
  context: JsonObject
}

const loginSchema = z.tuple([z.number(), z.string().min(1)])
const contextSchema = z.record(z.string(), z.json())

export class Sessions {
  readonly #config: TrytonConfig
  readonly #rpc: Rpc
  #held: Session | undefined
  #asking: Promise<Session | Failure> | undefined
  #refused: { identity: Identity; failure: Failure } | undefined

  constructor(config: TrytonConfig, rpc: Rpc) {
    this.#config = config
    this.#rpc = rpc
  }

  /** A failure is one in which the call itself was not made. */
  async get(call: Call): Promise<Session | Failure> {
    if (this.#held) return this.#held
    this.#asking ??= this.#login(call).finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  /** The server does not know this session any more. */
  ended(session: Session): void {
    if (this.#held === session) this.#held = undefined
  }

  /** An operator tries once more, whatever was refused before. */
  forgive(): void {
    this.#refused = undefined
  }

  async #login(call: Call): Promise<Session | Failure> {
    const identity = identityOf(this.#config)
    if (typeof identity === 'string') return { kind: 'unauthorized', reason: `no login: ${identity}` }
    if (this.#refused && isSameIdentity(this.#refused.identity, identity)) return this.#refused.failure
    const { user, password } = identity
    const params = [user, { password }, null]
    const given = await this.#rpc.ask(call, { method: 'common.db.login', params })
    if (given.kind !== 'result') return this.#notLetIn(identity, given)
    const parsed = loginSchema.safeParse(given.value)
    if (!parsed.success) return { kind: 'later', reason: 'a login was answered with no session' }
    const [userId, key] = parsed.data
    const authorization = `Session ${Buffer.from(`${user}:${userId}:${key}`).toString('base64')}`
    return this.#withContext(call, { kind: 'session', userId, authorization, context: {} })
  }

  async #withContext(call: Call, session: Session): Promise<Session | Failure> {
    const { authorization } = session
    const method = 'model.res.user.get_preferences'
    const given = await this.#rpc.ask(call, { method, params: [true, {}], authorization })
    if (given.kind !== 'result') return notMade(failureOf(given))
    const preferences = contextSchema.safeParse(given.value)
    if (!preferences.success) return { kind: 'later', reason: `${method} was answered with no preferences` }
    this.#held = { ...session, context: { ...preferences.data, ...this.#config.context } }
    return this.#held
  }

  #notLetIn(identity: Identity, asked: Exclude<Asked, { kind: 'result' }>): Failure {
    const failure = failureOf(asked)
    const told = notMade({ ...failure, reason: `no login as ${identity.user}: ${failure.reason}` })
    if (told.kind === 'unauthorized') this.#refused = { identity, failure: told }
    // Failed logins are counted, and the right password is refused with them: asking sooner makes it longer.
    if (told.kind === 'later' && asked.kind === 'failed' && asked.status === 429)
      return { ...told, retryAfterMs: Math.max(told.retryAfterMs ?? 0, LOCK_OUT_MS) }
    return told
  }
}

function failureOf(asked: Exclude<Asked, { kind: 'result' }>): Failure {
  if (asked.kind === 'failed') return asked.failure
  const failure = failureOfError(asked.error)
  return failure.kind === 'conflict' ? { kind: 'later', reason: asked.error.message } : failure
}
