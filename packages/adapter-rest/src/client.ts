/** Calls with identity: a token where one is needed, and one fresh try when it was refused. */
import type { Call, Failure } from '@skerry/bridge'
import { type Exchange, exchange, type HttpAnswer, stepsOut } from '@skerry/bridge/http'
import type { RestConfig } from './config.ts'
import { Tokens } from './tokens.ts'

export type Answered = HttpAnswer | Failure

export class Client {
  readonly config: RestConfig
  readonly #tokens: Tokens

  constructor(config: RestConfig) {
    this.config = config
    this.#tokens = new Tokens(config)
  }

  /** A failure here is one of identity: the call was not made. */
  async send(what: Exchange, call: Call): Promise<Answered> {
    if (stepsOut(what.path))
      return {
        kind: 'rejected',
        reason: `${what.method} ${what.path}: not called, since an id that is '.' or '..' leads to another address`,
      }
    const first = await this.#once(what, call)
    if (first.kind !== 'answer' || first.status !== 401) return first
    return first.again ? this.#once(what, call) : first
  }

  async #once(what: Exchange, call: Call): Promise<Answered & { again?: boolean }> {
    const token = await this.#tokens.get(call)
    if (token.kind !== 'token') return token
    const authorization: Record<string, string> =
      token.value === undefined ? {} : { authorization: `Bearer ${token.value}` }
    const answer = await exchange(this.config, call, {
      ...what,
      headers: { ...authorization, ...what.headers },
    })
    if (answer.kind === 'answer' && answer.status === 401)
      return { ...answer, again: this.#tokens.refused(token.value) }
    return answer
  }
}

/** True for what `Client.send` gives when there was no answer of the system to the call itself. */
export function isFailure(answer: Answered): answer is Failure {
  return (
    answer.kind !== 'answer' &&
    answer.kind !== 'unsent' &&
    answer.kind !== 'unanswered' &&
    answer.kind !== 'too-large'
  )
}

/** The address with its parts filled in. */
export function pathOf(template: string, parts: Record<string, string>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(parts[name] ?? ''))
}
