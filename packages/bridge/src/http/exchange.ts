/** One HTTP exchange of an adapter, bounded in time and size. What went wrong is told, never thrown; and whether the system can have heard of the call. */
import type { Call } from '../adapter-port.ts'

export interface HttpSettings {
  /** Without a trailing slash. */
  baseUrl: string
  /** Sent with every request. */
  headers: Record<string, string>
  timeoutMs: number
  responseBytesMax: number
}

export interface Exchange {
  method: string
  /** Below the base address, with the query. */
  path: string
  headers?: Record<string, string>
  body?: string
}

export type HttpAnswer =
  | { kind: 'answer'; status: number; headers: Headers; body: string }
  /** The system cannot have heard of it. */
  | { kind: 'unsent'; reason: string }
  /** It may have been carried out: no answer came, or not all of it. */
  | { kind: 'unanswered'; reason: string }
  /** An answer came that is too large to read. */
  | { kind: 'too-large'; status: number; reason: string }

/** Codes of failures before a byte was sent. */
const unsentCodes = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
]

export async function exchange(
  settings: HttpSettings,
  call: Call,
  { method, path, headers, body }: Exchange,
): Promise<HttpAnswer> {
  if (call.signal.aborted) return { kind: 'unsent', reason: `${method} ${path}: the bridge is closing` }
  try {
    const response = await fetch(settings.baseUrl + path, {
      method,
      headers: { accept: 'application/json, application/problem+json', ...settings.headers, ...headers },
      redirect: 'manual',
      signal: AbortSignal.any([call.signal, AbortSignal.timeout(settings.timeoutMs)]),
      ...(body !== undefined && { body }),
    })
    const text = await readBounded(response, settings.responseBytesMax)
    if (text !== undefined)
      return { kind: 'answer', status: response.status, headers: response.headers, body: text }
    const reason = `${method} ${path} was answered ${response.status} with more than ${settings.responseBytesMax} bytes; raise responseBytesMax`
    return { kind: 'too-large', status: response.status, reason }
  } catch (error) {
    const { code, reason } = failureOf(error)
    return {
      kind: code !== undefined && unsentCodes.includes(code) ? 'unsent' : 'unanswered',
      reason: `${method} ${path}: ${reason}`,
    }
  }
}

/** The body as text, undefined when it is longer than allowed. */
async function readBounded(response: Response, bytesMax: number): Promise<string | undefined> {
  if (!response.body) return ''
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
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

/** `Retry-After` in seconds or as a date (RFC 9110, section 10.2.3), as milliseconds from now. */
export function retryAfterMs(headers: Headers, now: number): number | undefined {
  const value = headers.get('retry-after')?.trim()
  if (!value) return undefined
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000
  const at = Date.parse(value)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}
