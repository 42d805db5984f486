/**
 * What a link does after an attempt or a session has ended: the one place that decides between waiting, slow retry and standing still
 * (R-rules of SPEC.md).
 */
import { CLOSE_CREDENTIAL, CLOSE_DRAINING, CLOSE_REVOKED, CLOSE_TOO_MANY } from './close-code.ts'
import { BUSY_SPREAD_MS, REFUSED_RETRY_MS, RETRY_MS_BASE, RETRY_MS_MAX } from './limits.ts'
import { LinkError } from './link-error.ts'

/** How a session ended, as core tells it. */
export interface SessionEnd {
  code: number
  reason: string
  error?: Error | undefined
  /** Trying again without changing anything may work. */
  retry: boolean
}

export type Retry =
  | { phase: 'waiting'; delayMs: number /** `wake` does not shorten the wait below this. */; leastMs: number }
  /** Without `delayMs` only a new credential helps. */
  | { phase: 'blocked'; delayMs: number | undefined }

/** Reasons of a session that ended between a device and a hub that have nothing to do with each other. */
const OF_OTHERS: ReadonlySet<string> = new Set(['credential-bad-signature', 'credential-wrong-space'])

/** Only a new credential helps. */
const OF_CREDENTIAL: ReadonlySet<string> = new Set([
  'other-authority',
  'credential-refused',
  'credential-revoked',
])

export function sessionError(url: string, end: SessionEnd): LinkError {
  const detail = { closeCode: end.code, ...(end.error === undefined ? {} : { cause: end.error }) }
  const said = `session with ${url} ended with ${end.code}${end.reason ? ` (${end.reason})` : ''}`
  if (end.code === CLOSE_CREDENTIAL && OF_OTHERS.has(end.reason))
    return new LinkError(
      'other-authority',
      `${said}: this is another hub than the one that this device belongs to`,
      detail,
    )
  if (end.code === CLOSE_CREDENTIAL)
    return new LinkError('credential-refused', `${said}: renew the credential`, detail)
  if (end.code === CLOSE_REVOKED)
    // The hub's own words: of a device that is revoked itself, enrolling again is no help.
    return new LinkError('credential-revoked', `${said}: ${end.error?.message ?? 'ask the operator'}`, detail)
  if (end.retry) return new LinkError('session-ended', `${said}; it will be tried again`, detail)
  return new LinkError('session-refused', `${said}; trying again soon does not help`, detail)
}

/**
 * @param attempts failed one after another before this one; @param fraction random, [0, 1)
 * @param renewed a newer credential was shown in the session that ended, perhaps too late for it
 */
export function afterFailure(error: LinkError, attempts: number, fraction: number, renewed = false): Retry {
  if (OF_CREDENTIAL.has(error.code) && !renewed) return { phase: 'blocked', delayMs: undefined }
  if (error.code === 'session-refused')
    return { phase: 'blocked', delayMs: Math.round(REFUSED_RETRY_MS * (0.5 + fraction / 2)) }
  const spreadMs = Math.max(spread(attempts), leastSpread(error))
  const leastMs = error.retryAfterMs ?? 0
  return { phase: 'waiting', delayMs: leastMs + Math.round(spreadMs * fraction), leastMs }
}

function spread(attempts: number): number {
  return Math.min(RETRY_MS_MAX, RETRY_MS_BASE * 2 ** Math.min(attempts, 30))
}

function leastSpread(error: LinkError): number {
  // No credential is judged at the HTTP door, so these come from a proxy or an allow list: no reason to knock often, none to stand still.
  if (error.code === 'http-unauthorized' || error.code === 'http-forbidden') return RETRY_MS_MAX
  const busy = error.closeCode === CLOSE_DRAINING || error.closeCode === CLOSE_TOO_MANY
  return busy || error.code === 'http-too-many' || error.code === 'http-unavailable' ? BUSY_SPREAD_MS : 0
}
