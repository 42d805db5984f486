/**
 * Why a link is not open, as a closed set: an app shows another sentence for "no network" than for "this hotel wants you to log in".
 */
export type LinkErrorCode =
  /** The name of the host has no address, or nobody answered the question. */
  | 'dns-failed'
  | 'connection-refused'
  | 'network-unreachable'
  | 'connection-reset'
  | 'connect-timeout'
  | 'tls-failed'
  /** The certificate is not valid at this device's clock: one of the two is wrong. */
  | 'tls-expired'
  /** A page came instead of a WebSocket: something in the network wants a person first. */
  | 'captive-portal'
  | 'http-unauthorized'
  | 'http-forbidden'
  | 'http-too-many'
  | 'http-unavailable'
  | 'http-unexpected'
  /** A WebSocket, but not one of ours. */
  | 'subprotocol-refused'
  /** In a browser, which tells no more. */
  | 'unreachable'
  /** The session ended with a code that is worth a retry, or the line broke. */
  | 'session-ended'
  /** The session was refused in a way that trying again does not change. */
  | 'session-refused'
  /** One of the two credentials is not by the other's authority, or is of another space: this is another hub than the one that this device belongs to. */
  | 'other-authority'
  | 'credential-refused'
  | 'credential-revoked'
  | 'link-closed'
  | 'url-invalid'

export interface LinkErrorDetail {
  cause?: unknown
  /** Milliseconds the other side asked to be left alone. */
  retryAfterMs?: number | undefined
  /** Close code of the session, when there was one. */
  closeCode?: number
}

export class LinkError extends Error {
  override readonly name = 'LinkError'
  readonly code: LinkErrorCode
  readonly retryAfterMs: number | undefined
  readonly closeCode: number | undefined
  constructor(code: LinkErrorCode, message: string, detail: LinkErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause })
    this.code = code
    this.retryAfterMs = detail.retryAfterMs
    this.closeCode = detail.closeCode
  }
}
