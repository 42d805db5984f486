/** Requests with a session, counted, and made once more when the session has ended; several of them as one Composite. */
import type { Call, Failure } from '@skerry/bridge'
import {
  type Exchange,
  exchange,
  failureUnread,
  type HeadersRead,
  type HttpAnswer,
  type Purpose,
  parseJson,
  ServerClock,
} from '@skerry/bridge/http'
import * as z from 'zod'
import { type ApiError, canBeRenewed, errorsOf, failureOf, type Meaning, meaningOf } from './classify.ts'
import type { SalesforceConfig } from './config.ts'
import { type Session, Sessions } from './sessions.ts'

/** An answer that came from Salesforce, read. */
export interface Told {
  kind: 'told'
  meaning: Meaning
  status: number
  body: unknown
  errors: readonly ApiError[]
  /** What was asked, for people. */
  about: string
}

/** A request below `/services/data/vNN.0`. */
export interface Request {
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  path: string
  body?: unknown
  /** Instead of a body in JSON. */
  text?: string
  headers?: Record<string, string>
  /** Other than the configured one. */
  responseBytesMax?: number
  /** Default: a GET reads, anything else writes. */
  purpose?: Purpose
}

/** One of a Composite. */
export type Part = Pick<Request, 'method' | 'path' | 'body' | 'headers' | 'purpose'> & { id: string }

const compositeSchema = z.object({
  compositeResponse: z.array(
    z.object({ referenceId: z.string(), httpStatusCode: z.number(), body: z.unknown() }),
  ),
})

export class Client {
  readonly config: SalesforceConfig
  readonly clock: ServerClock
  readonly #sessions: Sessions
  readonly #base: string

  constructor(config: SalesforceConfig) {
    this.config = config
    this.clock = new ServerClock(config.now)
    this.#sessions = new Sessions(config, (headers) => this.clock.heard(headers))
    this.#base = `/services/data/v${config.apiVersion}`
  }

  session(call: Call): Promise<Session | Failure> {
    return this.#sessions.get(call)
  }

  sessionEnded(session: Session): void {
    this.#sessions.ended(session)
  }

  /** A failure is one in which nothing was carried out, or nobody knows. */
  async send(request: Request, call: Call): Promise<Told | Failure> {
    const answer = await this.text(request, call)
    return answer.kind === 'text' ? told(answer, `${request.method} ${request.path.split('?')[0]}`) : answer
  }

  /** As `send`, of an answer that is no JSON. */
  async text(
    request: Request,
    call: Call,
  ): Promise<{ kind: 'text'; status: number; text: string } | Failure> {
    const first = await this.#once(request, call)
    return first.kind === 'ended' ? this.#again(request, call) : first
  }

  /**
   * Parts of one request, in their order.
   * @param allOrNone takes all of them back when one fails
   */
  async composite(
    parts: readonly Part[],
    call: Call,
    { allOrNone = false }: { allOrNone?: boolean } = {},
  ): Promise<Told[] | Failure> {
    const compositeRequest = parts.map(({ id, method, path, body, headers }) => ({
      referenceId: id,
      method,
      url: this.#base + path,
      ...(body !== undefined && { body }),
      ...(headers && { httpHeaders: headers }),
    }))
    const purpose = parts.every((part) => purposeOf(part) === 'read') ? 'read' : 'write'
    const answer = await this.send(
      { method: 'POST', path: '/composite', body: { allOrNone, compositeRequest }, purpose },
      call,
    )
    if (answer.kind !== 'told') return answer
    if (answer.meaning !== 'done') return failureOf(answer.meaning, answer.errors, answer.about)
    const parsed = compositeSchema.safeParse(answer.body)
    const results = parts.map(({ id }) =>
      parsed.data?.compositeResponse.find(({ referenceId }) => referenceId === id),
    )
    if (results.some((result) => result === undefined))
      return {
        kind: 'unknown',
        reason: 'POST /composite was answered without a result for each of its parts',
      }
    return parts.map(({ method, path }, i) => {
      const { httpStatusCode: status, body } = results[i]!
      const errors = status >= 300 ? errorsOf(body) : []
      const about = `${method} ${path.split('?')[0]}`
      return { kind: 'told', meaning: meaningOf(status, errors), status, body, errors, about }
    })
  }

  async #again(
    request: Request,
    call: Call,
  ): Promise<{ kind: 'text'; status: number; text: string } | Failure> {
    const second = await this.#once(request, call)
    if (second.kind !== 'ended') return second
    return { kind: 'unauthorized', reason: second.reason }
  }

  async #once(
    request: Request,
    call: Call,
  ): Promise<{ kind: 'text'; status: number; text: string } | { kind: 'ended'; reason: string } | Failure> {
    const session = await this.#sessions.get(call)
    if (session.kind !== 'session') return session
    const answer = await this.#exchange(session, request, call)
    if (answer.kind !== 'answer') return failureUnread(answer, purposeOf(request))
    this.#heard(answer.headers, call)
    if (answer.status !== 401) return { kind: 'text', status: answer.status, text: answer.body }
    const reason = failureOf(
      'unauthorized',
      errorsOf(parseJson(answer.body)),
      `${request.method} ${request.path}`,
    ).reason
    if (!canBeRenewed(answer.body)) return { kind: 'unauthorized', reason }
    this.#sessions.ended(session)
    return { kind: 'ended', reason }
  }

  #exchange(session: Session, request: Request, call: Call): Promise<HttpAnswer> {
    const { clientName, timeoutMs, responseBytesMax, agent, now } = this.config
    const { method, path, body, text, headers } = request
    const type = text === undefined ? 'application/json' : 'text/csv'
    const what: Exchange = {
      method,
      path: this.#base + path,
      headers: {
        authorization: `Bearer ${session.token}`,
        'sforce-call-options': `client=${clientName}`,
        ...((body !== undefined || text !== undefined) && { 'content-type': type }),
        ...headers,
      },
      ...((body !== undefined || text !== undefined) && { body: text ?? JSON.stringify(body) }),
    }
    const settings = {
      baseUrl: session.instanceUrl,
      headers: {},
      timeoutMs,
      responseBytesMax: request.responseBytesMax ?? responseBytesMax,
      agent,
      now,
    }
    return exchange(settings, call, what)
  }

  #heard(headers: HeadersRead, call: Call): void {
    this.clock.heard(headers)
    const [match, used, max] = /api-usage=(\d+)\/(\d+)/.exec(headers.get('sforce-limit-info') ?? '') ?? []
    if (match === undefined) return
    call.allowance?.({ limit: 'daily', remaining: Math.max(0, Number(max) - Number(used)), max: Number(max) })
  }
}

function purposeOf({ method, purpose }: Pick<Request, 'method' | 'purpose'>): Purpose {
  return purpose ?? (method === 'GET' ? 'read' : 'write')
}

/** An answer that cannot be read is no answer: what was asked may have been done. */
function told({ status, text }: { status: number; text: string }, about: string): Told | Failure {
  const body = text.trim() === '' ? undefined : parseJson(text)
  if (body === undefined && (text.trim() !== '' || status === 200) && (status < 400 || status >= 500))
    return { kind: 'unknown', reason: `${about} was answered ${status} with something that is no JSON` }
  const errors = status >= 300 ? errorsOf(body) : []
  return { kind: 'told', meaning: meaningOf(status, errors), status, body, errors, about }
}

/** For the answers to reading, and wherever only `done` is of use. */
export function failureTold({ meaning, errors, status, about }: Told): Failure {
  return failureOf(meaning, errors, errors.length > 0 ? about : `${about}: ${status}`)
}
