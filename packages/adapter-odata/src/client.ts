/** Requests with identity and, where the service wants one, a session's token; made once more when either has ended; and what the answer says. */
import type { Call, Failure } from '@skerry/bridge'
import {
  exchange,
  failureUnread,
  type HeadersRead,
  type HttpAnswer,
  type HttpSettings,
  Identity,
  type Purpose,
  parseJson,
  ServerClock,
  stepsOut,
} from '@skerry/bridge/http'
import { errorIn, failureOf, type Judged, meaningOf } from './classify.ts'
import type { ODataConfig, Typed } from './config.ts'
import { Csrf, type Session } from './csrf.ts'

/** An answer that came from the service, read. */
export interface Told extends Judged {
  kind: 'told'
  /** As JSON; undefined for what is none. */
  body: unknown
  text: string
  /** Below the service, as it was asked: links in the answer are read from there. */
  path: string
}

/** A request below the service. */
export interface Request {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  path: string
  /** As JSON. */
  body?: unknown
  /** Instead of a body in JSON, with its media type in the headers. */
  text?: string
  headers?: Record<string, string>
  /** Default: a GET reads, anything else writes. */
  purpose?: Purpose
}

export const JSON_MEDIA_TYPE = 'application/json;odata.metadata=minimal;IEEE754Compatible=true'

type Once =
  | { kind: 'text'; status: number; headers: HeadersRead; text: string }
  /** What it was sent with has ended. */
  | { kind: 'ended'; again: boolean; reason: string }
  | Failure

export class Client {
  readonly config: ODataConfig
  readonly clock: ServerClock
  readonly #settings: HttpSettings
  readonly #identity: Identity
  readonly #csrf: Csrf | undefined

  constructor(config: ODataConfig) {
    this.config = config
    this.clock = new ServerClock(config.now)
    this.#settings = { ...config, baseUrl: config.serviceUrl }
    this.#identity = new Identity(config.auth, this.#settings)
    this.#csrf = config.csrf ? new Csrf((call) => this.#fetchToken(call)) : undefined
  }

  /** What is configured of a set; one that is not cannot be asked for. */
  typed(set: string): ({ kind: 'type' } & Typed) | Failure {
    const { types } = this.config
    const found = Object.hasOwn(types, set) ? types[set] : undefined
    if (found) return { kind: 'type', set, ...found }
    const known = Object.keys(types).join(', ')
    return { kind: 'rejected', reason: `${set} is not among the configured types (${known})` }
  }

  /** A failure is one in which nothing was carried out, or nobody knows. */
  async send(request: Request, call: Call): Promise<Told | Failure> {
    const about = aboutOf(request)
    if (stepsOut(request.path))
      return { kind: 'rejected', reason: `${about}: not called, since it leads to another address` }
    let answer = await this.#once(request, call)
    // Identity and session may both have ended: each is renewed once.
    for (let tries = 0; answer.kind === 'ended' && answer.again && tries < 2; tries++)
      answer = await this.#once(request, call)
    if (answer.kind === 'ended') return this.hidden({ kind: 'unauthorized', reason: answer.reason })
    return answer.kind === 'text' ? this.told(answer, request) : this.hidden(answer)
  }

  /** Of a call, or of a part of a batch. A success that cannot be read, or that speaks of an error, is none: what was asked may have been done, or not. */
  told(
    { status, headers, text }: { status: number; headers: HeadersRead; text: string },
    request: Request,
  ): Told {
    const { path } = request
    const body = text.trim() === '' ? undefined : parseJson(text)
    const error = errorIn(body)
    const about = aboutOf(request)
    const meaning = meaningOf(status, headers, error)
    const isSound = !error && (body !== undefined || text.trim() === '' || isOtherForm(headers))
    const sound = meaning === 'done' && !isSound ? 'unknown' : meaning
    return { kind: 'told', meaning: sound, status, headers, error, about, body, text, path }
  }

  /** For the answers to reading, and wherever only `done` is of use. */
  failure(told: Told): Failure {
    return this.hidden(failureOf(told, this.config.now()))
  }

  hidden<Told extends Failure>(failure: Told): Told {
    return this.#identity.hidden(failure)
  }

  async #once(request: Request, call: Call): Promise<Once> {
    const isChange = request.method !== 'GET'
    const held = isChange && this.#csrf ? await this.#csrf.get(call) : undefined
    if (held && held.kind !== 'session') return held
    return this.#proven(request, call, held?.session)
  }

  async #proven(request: Request, call: Call, session: Session | undefined): Promise<Once> {
    const { method, path } = request
    const content = contentOf(request)
    const proof = await this.#identity.proof({ method, path, body: content }, call)
    if (proof.kind !== 'proof') return proof
    const [queryName, queryValue] = proof.query ?? []
    const asked =
      queryName === undefined
        ? path
        : `${path}${path.includes('?') ? '&' : '?'}${new URLSearchParams({ [queryName]: queryValue ?? '' })}`
    const answer = await exchange(this.#settings, call, {
      method,
      path: asked,
      headers: {
        accept: JSON_MEDIA_TYPE,
        'odata-version': '4.0',
        'odata-maxversion': '4.0',
        ...(content !== undefined && { 'content-type': JSON_MEDIA_TYPE }),
        ...proof.headers,
        ...session,
        ...request.headers,
      },
      ...(content !== undefined && { body: content }),
    })
    const heard = this.#heard(answer, request, call)
    if (heard.kind !== 'text' || (heard.status !== 401 && heard.status !== 403)) return heard
    const told = this.told(heard, request)
    if (told.meaning === 'unauthorized') {
      return { kind: 'ended', again: this.#identity.refused(proof), reason: this.failure(told).reason }
    }
    if (told.meaning !== 'csrf' || !session) return heard
    this.#csrf?.ended(session)
    return { kind: 'ended', again: true, reason: this.failure(told).reason }
  }

  #heard(answer: HttpAnswer, request: Request, call: Call): Once {
    if (answer.kind !== 'answer') return failureUnread(answer, purposeOf(request))
    const { status, headers, body: text } = answer
    this.clock.heard(headers)
    const left = headers.get('x-ms-ratelimit-burst-remaining-xrm-requests') ?? ''
    if (/^\d{1,9}$/.test(left)) call.allowance?.({ limit: 'burst', remaining: Number(left) })
    return { kind: 'text', status, headers, text }
  }

  async #fetchToken(call: Call): Promise<{ kind: 'fetched'; headers: HeadersRead } | Failure> {
    const request: Request = { method: 'GET', path: '/', headers: { 'x-csrf-token': 'Fetch' } }
    let answer = await this.#proven(request, call, undefined)
    if (answer.kind === 'ended' && answer.again) answer = await this.#proven(request, call, undefined)
    if (answer.kind === 'ended') return { kind: 'unauthorized', reason: answer.reason }
    if (answer.kind !== 'text') return answer
    const told = this.told(answer, request)
    return told.meaning === 'done' ? { kind: 'fetched', headers: answer.headers } : this.failure(told)
  }
}

/** Metadata, and batches of parts. A page in HTML is neither. */
function isOtherForm(headers: HeadersRead): boolean {
  return /^(?:(?:application|text)\/xml|multipart\/mixed)\b/i.test(headers.get('content-type') ?? '')
}

export function purposeOf({ method, purpose }: Request): Purpose {
  return purpose ?? (method === 'GET' ? 'read' : 'write')
}

function contentOf({ body, text }: Request): string | undefined {
  return text ?? (body === undefined ? undefined : JSON.stringify(body))
}

function aboutOf({ method, path }: Request): string {
  return `${method} ${path.split('?')[0]}`
}
