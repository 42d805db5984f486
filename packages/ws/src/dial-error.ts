/**
 * Tells failures to open a WebSocket apart, from what Node's network and TLS report and from the HTTP answer that came instead of 101.
 */

import { RETRY_AFTER_MS_MAX } from './limits.ts'
import { LinkError, type LinkErrorCode } from './link-error.ts'

const BY_SYSTEM_CODE: ReadonlyMap<string, readonly [LinkErrorCode, string]> = new Map([
  ['ENOTFOUND', ['dns-failed', 'the name has no address; check the name and the network']],
  ['EAI_AGAIN', ['dns-failed', 'no name server answered; check the network']],
  ['ENODATA', ['dns-failed', 'the name has no address; check the name']],
  ['ECONNREFUSED', ['connection-refused', 'nothing listens there; check the port, and that the hub runs']],
  [
    'ENETUNREACH',
    ['network-unreachable', 'there is no way to that network; check that this device is online'],
  ],
  ['EHOSTUNREACH', ['network-unreachable', 'there is no way to that host; check that this device is online']],
  ['ENETDOWN', ['network-unreachable', 'the network is down']],
  ['EADDRNOTAVAIL', ['network-unreachable', 'this device has no address for that network']],
  ['ECONNRESET', ['connection-reset', 'the connection was cut while opening']],
  ['EPIPE', ['connection-reset', 'the connection was cut while opening']],
  ['ETIMEDOUT', ['connect-timeout', 'nobody answered']],
  [
    'CERT_HAS_EXPIRED',
    ['tls-expired', 'the certificate has expired; check the hub, and the clock of this device'],
  ],
  ['CERT_NOT_YET_VALID', ['tls-expired', 'the certificate is not valid yet; check the clock of this device']],
])

/** Certificate and protocol errors of Node's TLS that have no line of their own above. */
const TLS_CODE =
  /^(ERR_TLS|ERR_SSL|CERT_|EPROTO$|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HOSTNAME_MISMATCH|INVALID_CA)/

export function dialError(url: string, error: Error & { code?: string }): LinkError {
  const code = error.code ?? ''
  const known = BY_SYSTEM_CODE.get(code)
  if (known) return new LinkError(known[0], `connecting to ${url}: ${known[1]} (${code})`, { cause: error })
  if (TLS_CODE.test(code))
    return new LinkError('tls-failed', `connecting to ${url}: TLS was refused, ${error.message}`, {
      cause: error,
    })
  // HPE_…: what came is not HTTP; and ws's own complaints about a 101 that is none.
  return new LinkError('http-unexpected', `connecting to ${url}: no WebSocket came, ${error.message}`, {
    cause: error,
  })
}

/** An HTTP answer that is not 101. `retryAfter` is the header as it came, `nowMs` milliseconds since 1970. */
export function statusError(
  url: string,
  status: number,
  headers: { retryAfter?: string | undefined; location?: string | undefined },
  nowMs: number,
): LinkError {
  const detail = { retryAfterMs: retryAfterMs(headers.retryAfter, nowMs) }
  const said = `connecting to ${url}: the answer was HTTP ${status}`
  if (status < 400 || status === 511) {
    const where = headers.location ? ` to ${headers.location}` : ''
    const advice = 'a portal or proxy stands between; open a web page on this network'
    return new LinkError('captive-portal', `${said}${where} instead of 101: ${advice}`, detail)
  }
  if (status === 401 || status === 407)
    return new LinkError(
      'http-unauthorized',
      `${said}: a proxy wants a login that a link does not have`,
      detail,
    )
  if (status === 403)
    return new LinkError(
      'http-forbidden',
      `${said}: a proxy, or the origin is not in the hub's allow list`,
      detail,
    )
  if (status === 429) return new LinkError('http-too-many', `${said}: too many connections from here`, detail)
  if (status >= 502 && status <= 504)
    return new LinkError('http-unavailable', `${said}: the hub is starting, stopping or full`, detail)
  return new LinkError('http-unexpected', `${said}; check that the path is the hub's sync path`, detail)
}

/** Retry-After as seconds or HTTP date (RFC 9110, 10.2.3), in milliseconds from now, at most RETRY_AFTER_MS_MAX; undefined when unreadable. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - nowMs
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), RETRY_AFTER_MS_MAX) : undefined
}
