/**
 * One HTTP exchange, bounded in time and size, with the system of the config only (address.ts). What went wrong is told, never thrown; and whether the system can have heard of the call.
 * undici is the client that Node's own `fetch` is made of; by its name it can be told which addresses it may connect to, and which certificates to use.
 */
import type { Call } from '@skerry/bridge'
import { Agent, fetch } from 'undici'
import { guardedLookup, REFUSED_ADDRESS } from './address.ts'
import { allowancesOf } from './allowance.ts'
import type { RestConfig } from './config.ts'
import { CONNECT_TIMEOUT_MS, CONNECTIONS_MAX } from './limits.ts'
import type { Told } from './problem.ts'
import { parsedJson } from './rows.ts'

export interface Exchange {
  method: string
  /** Below the base address, with the query. */
  path: string
  headers?: Record<string, string>
  body?: string
  /** Instead of base address and path: where tokens come from. */
  url?: string
}

export type HttpAnswer =
  | ({ kind: 'answer' } & Told)
  /** The system cannot have heard of it. */
  | { kind: 'unsent'; reason: string }
  /** It may have been carried out: no answer came, or not all of it. */
  | { kind: 'unanswered'; reason: string }
  /** An answer came that is too large to read. */
  | { kind: 'too-large'; status: number; reason: string }

/** Codes of failures before a byte was sent. */
const unsentCodes = [
  REFUSED_ADDRESS,
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]

export class Wire {
  readonly #config: RestConfig
  readonly #agent: Agent

  constructor(config: RestConfig) {
    this.#config = config
    const { allowPrivate, tls } = config
    this.#agent = new Agent({
      connections: CONNECTIONS_MAX,
      connect: {
        lookup: guardedLookup(allowPrivate),
        timeout: CONNECT_TIMEOUT_MS,
        ...(tls?.ca && { ca: tls.ca.value }),
        ...(tls?.cert && { cert: tls.cert.value }),
        ...(tls?.key && { key: tls.key.value }),
      },
    })
  }

  async exchange(call: Call, { method, path, headers, body, url }: Exchange): Promise<HttpAnswer> {
    const { baseUrl, timeoutMs, responseBytesMax, now } = this.#config
    if (call.signal.aborted) return { kind: 'unsent', reason: `${method} ${path}: the bridge is closing` }
    call.spend?.()
    try {
      const response = await fetch(url ?? baseUrl + path, {
        method,
        headers: {
          accept: 'application/json, application/problem+json',
          ...this.#config.headers,
          ...headers,
        },
        redirect: 'manual',
        signal: AbortSignal.any([call.signal, AbortSignal.timeout(timeoutMs)]),
        dispatcher: this.#agent,
        ...(body !== undefined && { body }),
      })
      for (const allowance of allowancesOf(response.headers, now())) call.allowance?.(allowance)
      const text = await readBounded(response.body, responseBytesMax)
      const { status } = response
      if (text !== undefined)
        return { kind: 'answer', status, headers: response.headers, body: text, json: parsedJson(text) }
      const reason = `${method} ${path} was answered ${status} with more than ${responseBytesMax} bytes; raise responseBytesMax`
      return { kind: 'too-large', status, reason }
    } catch (error) {
      const { code, reason } = failureOf(error)
      const isUnsent = code !== undefined && unsentCodes.includes(code)
      return { kind: isUnsent ? 'unsent' : 'unanswered', reason: `${method} ${path}: ${reason}` }
    }
  }
}

/** The body as text, undefined when it is longer than allowed: what is beyond is not read. */
async function readBounded(
  body: AsyncIterable<Uint8Array> | null,
  bytesMax: number,
): Promise<string | undefined> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body ?? []) {
    size += chunk.byteLength
    if (size > bytesMax) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** fetch hides what happened in the cause, sometimes of the cause. */
function failureOf(error: unknown): { code: string | undefined; reason: string } {
  let inner = error
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause
  const code =
    inner instanceof Error && 'code' in inner && typeof inner.code === 'string' ? inner.code : undefined
  return { code, reason: inner instanceof Error ? inner.message || inner.name : String(inner) }
}
