/** Calls with identity: what proves who we are, and one fresh try when it was refused; and what an answer means here. */
import type { Call, Failure } from '@skerry/bridge'
import {
  type Exchange,
  exchange,
  guardedAgent,
  type HttpAnswer,
  type HttpSettings,
  Identity,
  type Proof,
  type Purpose,
  stepsOut,
  type Told,
} from '@skerry/bridge/http'
import { failureOf, meaningOf } from './classify.ts'
import type { RestConfig } from './config.ts'
import type { Meaning } from './config-answers.ts'

export type Answered = HttpAnswer | Failure

export class Client {
  readonly config: RestConfig
  readonly #settings: HttpSettings
  readonly #identity: Identity

  constructor(config: RestConfig) {
    this.config = config
    const { allowPrivate, tls } = config
    const agent = guardedAgent({
      allowPrivate,
      ca: tls?.ca?.value,
      cert: tls?.cert?.value,
      key: tls?.key?.value,
    })
    this.#settings = { ...config, agent }
    this.#identity = new Identity(config.auth, this.#settings)
  }

  /** A failure here is one of identity: the call was not made. */
  async send(what: Exchange, call: Call): Promise<Answered> {
    if (stepsOut(what.path))
      return {
        kind: 'rejected',
        reason: `${what.method} ${what.path}: not called, since an id that is '.' or '..' leads to another address`,
      }
    const first = await this.#once(what, call)
    if (first.kind !== 'answer' || !first.again) return first
    return this.#once(what, call)
  }

  meaningOf(told: Told, purpose: Purpose): Meaning {
    return meaningOf(this.config, told, purpose)
  }

  failureOf(answer: Answered, purpose: Purpose): Failure {
    return this.hidden(isFailure(answer) ? answer : failureOf(this.config, answer, purpose))
  }

  hidden(failure: Failure): Failure {
    return this.#identity.hidden(failure)
  }

  async #once(what: Exchange, call: Call): Promise<Answered & { again?: boolean }> {
    const { method, path, body } = what
    const proof = await this.#identity.proof({ method, path, body }, call)
    if (proof.kind !== 'proof') return proof
    const answer = await exchange(this.#settings, call, proven(what, proof))
    const purpose = what.method === 'GET' ? 'read' : 'write'
    if (answer.kind === 'answer' && this.meaningOf(answer, purpose) === 'unauthorized')
      return { ...answer, again: this.#identity.refused(proof) }
    return answer
  }
}

function proven(what: Exchange, { headers, query }: Proof): Exchange {
  const path = query
    ? `${what.path}${what.path.includes('?') ? '&' : '?'}${new URLSearchParams([[...query]])}`
    : what.path
  return { ...what, path, headers: { ...headers, ...what.headers } }
}

/** True for what `Client.send` gives when there was no answer of the system to the call itself. */
function isFailure(answer: Answered): answer is Failure {
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
