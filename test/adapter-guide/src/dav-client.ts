/** Requests to one CardDAV server, and what its answers mean: nothing of cards. */
import type * as port from '@skerry/bridge'
import {
  type Exchange,
  exchange,
  guardedAgent,
  type HttpAnswer,
  retryAfterMs,
  stepsOut,
} from '@skerry/bridge/http'
import { type Multistatus, parseMultistatus, refusalIn } from './multistatus.ts'

const TIMEOUT_MS = 20_000
const RESPONSE_BYTES_MAX = 16 * 1024 * 1024

export interface BookOptions {
  /** Without a slash at its end. */
  bookUrl: string
  user: string
  password: string
}

/** Where an empty name, `.` and `..` lead: to no card. They must not be asked for, since they are the book, and what is above it. */
const nowhere: HttpAnswer = {
  kind: 'answer',
  status: 404,
  headers: new Headers(),
  body: 'no card has this name',
  json: undefined,
}

/** What an answer is that is none of those that a method hopes for. */
export function failureOf(answer: HttpAnswer): port.Failure {
  if (answer.kind === 'unsent') return { kind: 'later', reason: answer.reason }
  if (answer.kind === 'unanswered') return { kind: 'unknown', reason: answer.reason }
  if (answer.kind === 'too-large') return { kind: 'rejected', reason: answer.reason }
  const { status, headers, body } = answer
  const refusals = refusalIn(body)
  const reason = `${status}: ${refusals.length > 0 ? refusals.join('; ') : body.slice(0, 200)}`
  const wait = retryAfterMs(headers, Date.now())
  if (status === 401) return { kind: 'unauthorized', reason }
  // A 503 that names a time is the server's own: it turned the request away before looking at it.
  if (status === 429 || (status === 503 && wait !== undefined))
    return { kind: 'later', retryAfterMs: wait, reason }
  if (status >= 400 && status < 500) return { kind: 'rejected', reason }
  return { kind: 'unknown', reason }
}

/** The same of a write: it may have been carried out, also when the answer is too large to be read. */
export function writeFailureOf(answer: HttpAnswer): port.Failure {
  return answer.kind === 'too-large' ? { kind: 'unknown', reason: answer.reason } : failureOf(answer)
}

export function multistatusIn(answer: HttpAnswer): Multistatus | undefined {
  return answer.kind === 'answer' && answer.status === 207 ? parseMultistatus(answer.body) : undefined
}

/** The precondition of RFC 6578, section 3.2. */
export function isExpired(answer: HttpAnswer): boolean {
  return (
    answer.kind === 'answer' &&
    [403, 409].includes(answer.status) &&
    refusalIn(answer.body).some((said) => said.startsWith('valid-sync-token'))
  )
}

export class DavClient {
  readonly #send: (call: port.Call, what: Exchange) => Promise<HttpAnswer>
  /** Of the book, as hrefs begin. */
  readonly #path: string

  constructor({ bookUrl, user, password }: BookOptions) {
    const settings = {
      baseUrl: bookUrl,
      headers: { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` },
      timeoutMs: TIMEOUT_MS,
      responseBytesMax: RESPONSE_BYTES_MAX,
      agent: guardedAgent({ allowPrivate: false }),
      now: Date.now,
    }
    this.#path = new URL(bookUrl).pathname
    this.#send = (call, what) => exchange(settings, call, what)
  }

  hrefOf(name: string): string {
    return this.#path + pathOf(name)
  }

  /** About one card. */
  async card(call: port.Call, name: string, what: Omit<Exchange, 'path' | 'url'>): Promise<HttpAnswer> {
    const path = pathOf(name)
    return name === '' || stepsOut(path) ? nowhere : this.#send(call, { ...what, path })
  }

  /** About the book. */
  ask(call: port.Call, method: 'PROPFIND' | 'REPORT', depth: 0 | 1, body: string): Promise<HttpAnswer> {
    const type = 'application/xml; charset=utf-8'
    return this.#send(call, {
      method,
      path: '/',
      headers: { 'content-type': type, accept: 'application/xml', depth: String(depth) },
      body: `<?xml version="1.0" encoding="utf-8"?>${body}`,
    })
  }
}

function pathOf(name: string): string {
  return `/${encodeURIComponent(name)}`
}
