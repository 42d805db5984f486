/** One request and its answer. */
import type { Call, Failure } from '@skerry/bridge'
import {
  exchange,
  guardedAgent,
  type HttpSettings,
  type Told as HttpTold,
  type Purpose,
} from '@skerry/bridge/http'
import { failureOfHttp } from './classify.ts'
import type { TrytonConfig } from './config.ts'
import { envelope, readEnvelope, type Told } from './envelope.ts'

const READING = ['login', 'get_preferences', 'fields_get', 'search_read']

export type Asked =
  /** `at`: milliseconds since 1970 by the server's clock, or ours where it does not tell. */
  (Told & { at: number }) | { kind: 'failed'; failure: Failure; status: number | undefined }

export interface Question {
  method: string
  params: readonly unknown[]
  authorization?: string
}

export class Rpc {
  readonly #settings: HttpSettings
  readonly #path: string
  #asked = 0

  constructor({ url, database, timeoutMs, responseBytesMax, allowPrivate, ca }: TrytonConfig) {
    const agent = guardedAgent({ allowPrivate, ca: ca?.value })
    this.#settings = { baseUrl: url, headers: {}, timeoutMs, responseBytesMax, agent, now: Date.now }
    this.#path = `/${database}/`
  }

  async ask(call: Call, { method, params, authorization }: Question): Promise<Asked> {
    const id = ++this.#asked
    const answer = await exchange(this.#settings, call, {
      method: 'POST',
      path: this.#path,
      headers: { 'content-type': 'application/json', ...(authorization !== undefined && { authorization }) },
      body: envelope(id, method, params),
    })
    const told = answer.kind === 'answer' && answer.status === 200 && readEnvelope(id, answer.json)
    if (told) return { ...told, at: timeOf(answer.headers) }
    const failure = failureOfHttp(answer, purposeOf(method), Date.now())
    return {
      kind: 'failed',
      failure: { ...failure, reason: `${method}: ${failure.reason}` },
      status: answer.kind === 'answer' ? answer.status : undefined,
    }
  }
}

/** Every call is a POST, so that its method tells. One that is not known to read may write: a button has any name. */
function purposeOf(method: string): Purpose {
  return READING.includes(method.split('.').at(-1) ?? '') ? 'read' : 'write'
}

function timeOf(headers: HttpTold['headers']): number {
  const told = Date.parse(headers.get('date') ?? '')
  return Number.isNaN(told) ? Date.now() : told
}
