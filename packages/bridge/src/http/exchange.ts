/**
 * One HTTP exchange of an adapter, bounded in time and size, with the system of its config only (address.ts). What went wrong is told, never thrown; and whether the system can have heard of the
 * call. undici is the client that Node's own `fetch` is made of; by its name it can be told which addresses it may connect to, and which certificates to use.
 */
import { Agent, buildConnector, fetch } from 'undici'
import type { Call } from '../adapter-port.ts'
import { guardedConnector, guardedLookup, type Look, REFUSED_ADDRESS } from './address.ts'
import { allowancesOf, type HeadersRead } from './allowance.ts'
import { CONNECT_TIMEOUT_MS, CONNECTIONS_MAX } from './limits.ts'
import { wrongAddress } from './system-url.ts'

export interface AgentSettings {
  /** Names and addresses may lead into private networks, or to this machine; the name `localhost` may anyhow. */
  allowPrivate: boolean
  /** PEM: whom to believe, and who we are. */
  ca?: string | undefined
  cert?: string | undefined
  key?: string | undefined
  /** How names are looked up; default the machine's way. */
  look?: Look | undefined
  /** How connections are made to what may be called; default undici's way. */
  connect?: buildConnector.connector | undefined
}

export interface HttpSettings {
  /** Without a trailing slash. */
  baseUrl: string
  /** Sent with every request. */
  headers: Record<string, string>
  timeoutMs: number
  responseBytesMax: number
  /** By `guardedAgent`. */
  agent: Agent
  now: () => number
}

export interface Exchange {
  method: string
  /** Below the base address, with the query. */
  path: string
  headers?: Record<string, string>
  body?: string
  /** Instead of base address and path: another server that the config names. */
  url?: string
}

/** An answer, or one of the answers in a batch. */
export interface Told {
  status: number
  headers: HeadersRead
  /** The body as it came, and as JSON if it is; undefined if not. */
  body: string
  json: unknown
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

/** Connections of one adapter: to allowed addresses only. */
export function guardedAgent({ allowPrivate, ca, cert, key, look, connect }: AgentSettings): Agent {
  const connector =
    connect ??
    buildConnector({
      lookup: guardedLookup(allowPrivate, look),
      timeout: CONNECT_TIMEOUT_MS,
      ...(ca !== undefined && { ca }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
    })
  return new Agent({ connections: CONNECTIONS_MAX, connect: guardedConnector(allowPrivate, connector) })
}

export async function exchange(
  settings: HttpSettings,
  call: Call,
  { method, path, headers, body, url }: Exchange,
): Promise<HttpAnswer> {
  const { baseUrl, timeoutMs, responseBytesMax, agent, now } = settings
  if (call.signal.aborted) return { kind: 'unsent', reason: `${method} ${path}: the bridge is closing` }
  const target = url ?? baseUrl + path
  const wrong = wrongAddress(target)
  if (wrong !== undefined)
    return {
      kind: 'unsent',
      reason: `${method} ${path}: the address in the configuration is wrong: ${wrong}`,
    }
  call.spend?.()
  try {
    const response = await fetch(target, {
      method,
      headers: { accept: 'application/json, application/problem+json', ...settings.headers, ...headers },
      redirect: 'manual',
      signal: AbortSignal.any([call.signal, AbortSignal.timeout(timeoutMs)]),
      dispatcher: agent,
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

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** fetch hides what happened in the cause, sometimes of the cause. */
function failureOf(error: unknown): { code: string | undefined; reason: string } {
  let inner = error
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause
  const code =
    inner instanceof Error && 'code' in inner && typeof inner.code === 'string' ? inner.code : undefined
  return { code, reason: inner instanceof Error ? inner.message || inner.name : String(inner) }
}
