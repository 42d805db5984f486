/** Errors of the API as problem details (RFC 9457). `code` is for programs and never changes its meaning; `detail` is for people. */
import type { Context } from 'hono'

const statusByCode = {
  'invalid-request': 400,
  unauthorized: 401,
  'credential-malformed': 401,
  'credential-wrong-space': 401,
  'credential-bad-signature': 401,
  'credential-expired': 401,
  'credential-revoked': 401,
  'credential-quarantined': 401,
  'proof-missing': 401,
  'proof-invalid': 401,
  'enrolment-unknown': 401,
  forbidden: 403,
  'channel-not-granted': 403,
  'not-renewable': 403,
  'not-found': 404,
  'unknown-collection': 404,
  'blob-unreferenced': 409,
  'upload-conflict': 409,
  'still-harmful': 409,
  'lease-held': 409,
  'not-running': 409,
  'review-changed': 409,
  'enrolment-expired': 410,
  'enrolment-used': 410,
  'enrolment-blocked': 410,
  'upload-gone': 410,
  'upload-version': 412,
  'blob-too-large': 413,
  'request-too-large': 413,
  'blob-wrong-type': 415,
  'blob-empty': 422,
  'blob-wrong-hash': 422,
  'blob-wrong-size': 422,
  'rate-limited': 429,
  'too-many-uploads': 429,
  internal: 500,
  draining: 503,
  'store-failing': 503,
  'store-slow': 503,
  'blobs-full': 507,
  'too-many-enrolments': 507,
  'too-many-leases': 507,
  'too-many-revocations': 507,
  'uploads-full': 507,
} as const

export type ProblemCode = keyof typeof statusByCode

const retryable: readonly ProblemCode[] = [
  'blob-unreferenced',
  'upload-conflict',
  'lease-held',
  'rate-limited',
  'internal',
  'draining',
  'store-failing',
  'store-slow',
  'blobs-full',
  'too-many-uploads',
  'uploads-full',
]

export interface FieldIssue {
  /** JSON pointer (RFC 6901) into the body, or `?name` for a query parameter. */
  path: string
  message: string
  code: string
}

interface ProblemExtra {
  issues?: readonly FieldIssue[]
  retryAfterMs?: number
}

export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  readonly code: ProblemCode
  readonly issues: readonly FieldIssue[] | undefined
  readonly retryAfterMs: number | undefined
  constructor(code: ProblemCode, detail: string, extra: ProblemExtra = {}) {
    super(detail)
    this.code = code
    this.issues = extra.issues
    this.retryAfterMs = extra.retryAfterMs
  }

  get retryable(): boolean {
    return retryable.includes(this.code)
  }

  get status(): (typeof statusByCode)[ProblemCode] {
    return statusByCode[this.code]
  }
}

/** Stable name of a kind of problem. A URN, because a URL would promise a page at an address. */
function problemType(code: ProblemCode): string {
  return `urn:skerry:problem:${code}`
}

export function problemResponse(c: Context, problem: ProblemError): Response {
  const { code, status, message, issues, retryAfterMs } = problem
  const body = {
    type: problemType(code),
    title: code.replaceAll('-', ' '),
    status,
    detail: message,
    code,
    retryable: problem.retryable,
    ...(issues && { errors: issues }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  }
  if (retryAfterMs !== undefined) c.header('Retry-After', String(Math.ceil(retryAfterMs / 1000)))
  if (status === 401) c.header('WWW-Authenticate', 'Bearer, DPoP algs="EdDSA"')
  c.header('Cache-Control', 'no-store')
  c.header('Content-Type', 'application/problem+json')
  return c.body(JSON.stringify(body), status)
}
