/** Requests with a token, counted, and made once more when the token was refused; answers with what they mean. */
import type { Call, Failure } from '@skerry/bridge'
import {
  exchange,
  failureUnread,
  type HeadersRead,
  type HttpAnswer,
  type Purpose,
  retryAfterMs,
  ServerClock,
  stepsOut,
} from '@skerry/bridge/http'
import { type ApiError, errorOf, failureOf, type Meaning, meaningOf } from './classify.ts'
import type { HubSpotConfig } from './config.ts'
import { type Session, Sessions } from './sessions.ts'

/** An answer that came from HubSpot, read. */
export interface Told {
  kind: 'told'
  meaning: Meaning
  status: number
  body: unknown
  error: ApiError | undefined
  retryAfterMs: number | undefined
  /** What was asked, for people. */
  about: string
}

export interface Request {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  path: string
  body?: unknown
  /** Default: a GET reads, anything else writes. */
  purpose?: Purpose
}

export class Client {
  readonly config: HubSpotConfig
  readonly clock: ServerClock
  readonly #sessions: Sessions

  constructor(config: HubSpotConfig) {
    this.config = config
    this.clock = new ServerClock(config.now)
    this.#sessions = new Sessions(config)
  }

  /** A failure is one in which nothing was carried out, or nobody knows. */
  async send(request: Request, call: Call): Promise<Told | Failure> {
    const first = await this.#once(request, call)
    if (first.kind !== 'refused') return first
    if (!(await this.#sessions.refused(first.session, call))) return failureTold(first.told)
    const second = await this.#once(request, call)
    return second.kind === 'refused' ? failureTold(second.told) : second
  }

  async #once(
    request: Request,
    call: Call,
  ): Promise<Told | Failure | { kind: 'refused'; told: Told; session: Session }> {
    const { method, path, purpose = method === 'GET' ? 'read' : 'write' } = request
    const about = `${method} ${path.split('?')[0]}`
    if (stepsOut(path))
      return { kind: 'rejected', reason: `${about}: not called, since it leads to another address` }
    const session = await this.#sessions.get()
    if (session.kind !== 'session') return session
    const answer = await this.#exchange(session, request, call)
    if (answer.kind !== 'answer') return failureUnread(answer, purpose)
    this.#heard(answer.headers, call)
    const told = toldOf(answer, about, this.config.now())
    return told.kind === 'told' && told.status === 401 ? { kind: 'refused', told, session } : told
  }

  #exchange({ token }: Session, { method, path, body }: Request, call: Call): Promise<HttpAnswer> {
    const { baseUrl, timeoutMs, responseBytesMax, agent, now } = this.config
    const settings = { baseUrl, headers: {}, timeoutMs, responseBytesMax, agent, now }
    return exchange(settings, call, {
      method,
      path,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  }

  #heard(headers: HeadersRead, call: Call): void {
    this.clock.heard(headers)
    const read = (name: string) => countIn(headers.get(`x-hubspot-ratelimit-${name}`))
    const [daily, burst] = [read('daily-remaining'), read('remaining')]
    if (daily !== undefined) call.allowance?.({ limit: 'daily', remaining: daily, max: read('daily') })
    if (burst !== undefined)
      call.allowance?.({
        limit: 'burst',
        remaining: burst,
        max: read('max'),
        resetsInMs: read('interval-milliseconds'),
      })
  }
}

/** An answer that cannot be read is no answer: what was asked may have been done. */
function toldOf(answer: Extract<HttpAnswer, { kind: 'answer' }>, about: string, now: number): Told | Failure {
  const { status, json: body, headers } = answer
  const isEmpty = status === 204 && answer.body === ''
  if (body === undefined && !isEmpty && (status < 400 || status >= 500))
    return { kind: 'unknown', reason: `${about} was answered ${status} with something that is no JSON` }
  const error = status >= 300 ? errorOf(body) : undefined
  return {
    kind: 'told',
    meaning: status >= 300 && status < 400 ? 'unknown' : meaningOf(status, error),
    status,
    body,
    error,
    retryAfterMs: retryAfterMs(headers, now),
    about,
  }
}

/** For the answers to reading, and wherever only `done` is of use. */
export function failureTold({ meaning, error, status, retryAfterMs, about }: Told): Failure {
  return failureOf(meaning, error, about, { status, retryAfterMs })
}

/** What failed before a write was made: it surely was not. */
export function beforeWrite(failure: Failure): Failure {
  return failure.kind === 'unknown' ? { ...failure, kind: 'later' } : failure
}

function countIn(text: string | null): number | undefined {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}
