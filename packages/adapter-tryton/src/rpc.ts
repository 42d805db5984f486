/** One request and its answer. Each is one unit of what the server gives. */
import type { Call, Failure } from '@skerry/bridge'
import { exchange } from '@skerry/bridge/http'
import { failureOfHttp } from './classify.ts'
import type { TrytonConfig } from './config.ts'
import { envelope, readEnvelope, type Told } from './envelope.ts'

export type Asked =
  /** `at`: milliseconds since 1970 by the server's clock, or ours where it does not tell. */
  (Told & { at: number }) | { kind: 'failed'; failure: Failure; status: number | undefined }

export interface Question {
  method: string
  params: readonly unknown[]
  authorization?: string
}

export class Rpc {
  readonly #config: TrytonConfig
  #asked = 0

  constructor(config: TrytonConfig) {
    this.#config = config
  }

  async ask(call: Call, { method, params, authorization }: Question): Promise<Asked> {
    const { url: baseUrl, database, timeoutMs, responseBytesMax } = this.#config
    const id = ++this.#asked
    if (!call.signal.aborted) call.spend?.()
    const answer = await exchange({ baseUrl, headers: {}, timeoutMs, responseBytesMax }, call, {
      method: 'POST',
      path: `/${database}/`,
      headers: { 'content-type': 'application/json', ...(authorization !== undefined && { authorization }) },
      body: envelope(id, method, params),
    })
    const told = answer.kind === 'answer' && answer.status === 200 && readEnvelope(id, answer.body)
    if (told) return { ...told, at: timeOf(answer.headers) }
    const failure = failureOfHttp(answer, Date.now())
    return {
      kind: 'failed',
      failure: { ...failure, reason: `${method}: ${failure.reason}` },
      status: answer.kind === 'answer' ? answer.status : undefined,
    }
  }
}

function timeOf(headers: Headers): number {
  const told = Date.parse(headers.get('date') ?? '')
  return Number.isNaN(told) ? Date.now() : told
}
