/**
 * How sessions end: close codes, the codes that stand for them in BYE, and which errors lead to which (E1). A peer is told what it did and
 * what it can do about it, never what went wrong inside.
 */
import { fromHex, toHex } from '../bytes/hex.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { CredentialError, type CredentialEvidence } from '../identity/credential.ts'
import { StoreError } from '../store/port.ts'
import { CLOSE_REASON_BYTES_MAX, EVIDENCE_LENGTH_MAX, PROBLEM_BYTES_MAX } from './limits.ts'
import { ProtocolError } from './port.ts'

export const closeCodes = {
  done: 1000,
  protocol: 4400,
  credential: 4401,
  revoked: 4403,
  handshakeTimeout: 4408,
  replaced: 4409,
  tooLarge: 4413,
  tooMany: 4429,
  internal: 4500,
  draining: 4503,
  storage: 4507,
} as const

/** Codes in BYE whose close code is not 4400. */
const closeCodeByCode: Readonly<Record<string, number>> = {
  done: closeCodes.done,
  'credential-refused': closeCodes.credential,
  'credential-missing': closeCodes.credential,
  'credential-malformed': closeCodes.credential,
  'credential-wrong-space': closeCodes.credential,
  'credential-bad-signature': closeCodes.credential,
  'credential-expired': closeCodes.credential,
  'credential-revoked': closeCodes.revoked,
  'credential-quarantined': closeCodes.revoked,
  'handshake-timeout': closeCodes.handshakeTimeout,
  replaced: closeCodes.replaced,
  'frame-too-large': closeCodes.tooLarge,
  'too-many': closeCodes.tooMany,
  'too-slow': closeCodes.tooMany,
  internal: closeCodes.internal,
  draining: closeCodes.draining,
  'storage-failed': closeCodes.storage,
  'storage-full': closeCodes.storage,
}

const worthRetry: ReadonlySet<number> = new Set([
  closeCodes.handshakeTimeout,
  closeCodes.tooMany,
  closeCodes.internal,
  closeCodes.draining,
  closeCodes.storage,
])

/** How a session ended. */
export interface Ending {
  /** A close code: one of `closeCodes`, or the transport's own (below 4000). */
  code: number
  reason: string
  /** What went wrong here, or a PeerEndedError with what the peer said. */
  error?: Error
  /** Trying again, after a while, may help. */
  retry: boolean
}

/** What BYE will say. */
export interface Farewell {
  code: string
  closeCode: number
  detail: string
  /** Of a credential that was revoked. */
  evidence?: CredentialEvidence | undefined
}

/** The other side ended the session and said why. `code` is the one of its BYE. */
export class PeerEndedError extends Error {
  override readonly name = 'PeerEndedError'
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

export function closeCodeOf(code: string): number {
  return Object.hasOwn(closeCodeByCode, code) ? closeCodeByCode[code]! : closeCodes.protocol
}

export function farewell(code: string, detail: string): Farewell {
  return { code, closeCode: closeCodeOf(code), detail }
}

export function farewellFor(error: unknown): Farewell {
  if (error instanceof CredentialError)
    return { ...farewell(error.code, error.message), evidence: error.evidence }
  if (error instanceof ProtocolError) return farewell(error.code, error.message)
  if (error instanceof StoreError) {
    if (error.code === 'full')
      return farewell(
        'storage-full',
        'no room to store what you send; it was not acknowledged, try again later',
      )
    return farewell('storage-failed', 'the store failed; nothing was acknowledged, try again later')
  }
  return farewell('internal', 'an error of this side; try again later')
}

/** The farewell for an end that the application asked for, by close code. */
export function farewellByCloseCode(closeCode: number, detail: string): Farewell {
  const code =
    Object.keys(closeCodeByCode).find((one) => closeCodeByCode[one] === closeCode) ?? 'protocol-error'
  return { code, closeCode, detail }
}

/** Whether trying again may help. A link that broke (below 4000) is tried again, unless it was ended here on purpose. */
export function isWorthRetry(closeCode: number, endedHere: boolean): boolean {
  if (closeCode === closeCodes.done) return !endedHere
  return closeCode < 4000 || worthRetry.has(closeCode)
}

/** Whether a session that this side ended so was ended for what the peer's credential is. */
export function isBan(closeCode: number): boolean {
  return closeCode === closeCodes.credential || closeCode === closeCodes.revoked
}

/** Problem details (RFC 9457) as BYE carries them. */
export function problemOf({ code, closeCode, detail, evidence }: Farewell): string {
  const revocation = evidence && { entry: toHex(evidence.entry), credential: evidence.token }
  const problem = {
    type: `urn:skerry:problem:${code}`,
    title: code.replaceAll('-', ' '),
    detail,
    code,
    retryable: isWorthRetry(closeCode, false),
    ...(revocation && JSON.stringify(revocation).length <= EVIDENCE_LENGTH_MAX && { revocation }),
  }
  const room = PROBLEM_BYTES_MAX - encodeUtf8(JSON.stringify({ ...problem, detail: '' })).length
  // A character of `detail` is at most six bytes of JSON.
  return JSON.stringify({ ...problem, detail: detail.slice(0, Math.floor(room / 6)) })
}

/** What a BYE of the peer means here: nothing went wrong when it was simply done. */
export function errorOf(code: string, problem: string): { error?: PeerEndedError } {
  if (closeCodeOf(code) === closeCodes.done) return {}
  return {
    error: new PeerEndedError(code, `the other side ended the session (${code}): ${detailOf(problem)}`),
  }
}

/** What the peer shows for having revoked this side, unchecked. */
export function evidenceOf(problem: string): CredentialEvidence | undefined {
  try {
    const { revocation } = JSON.parse(problem) as { revocation?: { entry?: unknown; credential?: unknown } }
    const { entry, credential: token } = revocation ?? {}
    const isHex = typeof entry === 'string' && /^([0-9a-f]{2})+$/.test(entry)
    return isHex && typeof token === 'string' ? { entry: fromHex(entry), token } : undefined
  } catch {
    return undefined // A problem that is no JSON shows nothing.
  }
}

/** What the peer's problem says to people. The text is the peer's: show it as text only. */
function detailOf(problem: string): string {
  try {
    const { detail } = JSON.parse(problem) as { detail?: unknown }
    return typeof detail === 'string' ? detail : ''
  } catch {
    return '' // A problem that is no JSON says nothing; its code is still known.
  }
}

/** Cut to what a close frame can carry. */
export function closeReason(code: string): string {
  return clip(code, CLOSE_REASON_BYTES_MAX)
}

/** The beginning of `text` in at most `bytesMax` bytes of UTF-8. */
export function clip(text: string, bytesMax: number): string {
  if (text.length * 3 <= bytesMax || encodeUtf8(text).length <= bytesMax) return text
  let end = Math.min(text.length, bytesMax)
  while (encodeUtf8(text.slice(0, end)).length > bytesMax) end--
  return text.slice(0, end)
}
