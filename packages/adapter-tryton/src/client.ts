/** Calls of models' methods with identity and context: one fresh login when the session has ended, and warnings confirmed that may be (SPEC TR-02, TR-04, TR-06). */
import type { Call, Failure } from '@skerry/bridge'
import type { Json } from '@skerry/core'
import { failureOfError } from './classify.ts'
import type { TrytonConfig } from './config.ts'
import type { TrytonError } from './envelope.ts'
import { WARNINGS_MAX } from './limits.ts'
import { type Asked, Rpc } from './rpc.ts'
import { type Session, Sessions } from './sessions.ts'

export type Answer =
  | { kind: 'result'; value: unknown; at: number }
  /** What the call was to find is not as it was any more: nothing was written. */
  | { kind: 'conflict' }
  /** The server itself said no, in an envelope; `rejected` of this kind may be looked into. */
  | Failure

/** By `model,id`: the stamp that the row must still have. */
export type Stamps = Record<string, string>

export class Client {
  readonly #config: TrytonConfig
  readonly #rpc: Rpc
  readonly #sessions: Sessions

  constructor(config: TrytonConfig) {
    this.#config = config
    this.#rpc = new Rpc(config)
    this.#sessions = new Sessions(config, this.#rpc)
  }

  /** Whether we are let in; tries also what was refused before. */
  async letIn(call: Call): Promise<{ kind: 'ok' } | Failure> {
    this.#sessions.forgive()
    const answer = await this.call('res.user', 'get_preferences', [true], call)
    if (answer.kind === 'result') return { kind: 'ok' }
    return answer.kind === 'conflict' ? { kind: 'later', reason: 'the user was changed meanwhile' } : answer
  }

  /** `params` without the context. */
  async call(
    model: string,
    method: string,
    params: readonly unknown[],
    call: Call,
    stamps: Stamps = {},
  ): Promise<Answer> {
    for (let confirmed = 0; ; confirmed++) {
      const asked = await this.#asked(`model.${model}.${method}`, params, call, stamps)
      if (!('error' in asked)) return asked
      const { warning } = asked.error
      if (warning === undefined || !this.#accepts(warning) || confirmed === WARNINGS_MAX)
        return failureOfError(asked.error)
      const failure = await this.#confirm(warning, call)
      if (failure) return failure
    }
  }

  async #asked(
    method: string,
    params: readonly unknown[],
    call: Call,
    stamps: Stamps,
  ): Promise<Answer | { kind: 'refused'; error: TrytonError }> {
    for (let again = false; ; again = true) {
      const session = await this.#sessions.get(call)
      if (session.kind !== 'session') return session
      const asked = await this.#send(session, method, params, call, stamps)
      if (asked.kind !== 'failed') return asked
      if (asked.status !== 401) return asked.failure
      this.#sessions.ended(session)
      if (again) return asked.failure
    }
  }

  #send(
    { authorization, context }: Session,
    method: string,
    params: readonly unknown[],
    call: Call,
    stamps: Stamps,
  ): Promise<Asked> {
    const whole = Object.keys(stamps).length > 0 ? { ...context, _timestamp: stamps } : context
    return this.#rpc.ask(call, { method, params: [...params, whole], authorization })
  }

  #accepts(warning: string): boolean {
    return this.#config.acceptWarnings.some((pattern) => matches(pattern, warning))
  }

  /** The next call that would warn of this finds the confirmation, and uses it up. */
  async #confirm(name: string, call: Call): Promise<Failure | undefined> {
    const session = await this.#sessions.get(call)
    if (session.kind !== 'session') return session
    const values: Json = { user: session.userId, name, always: false }
    const asked = await this.#asked('model.res.user.warning.create', [[values]], call, {})
    if (asked.kind === 'result') return undefined
    const reason = 'error' in asked ? asked.error.message : asked.kind === 'conflict' ? '' : asked.reason
    return { kind: 'later', reason: `the warning '${name}' could not be confirmed: ${reason}` }
  }
}

/** `*` stands for anything. */
function matches(pattern: string, name: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`, 's').test(name)
}
