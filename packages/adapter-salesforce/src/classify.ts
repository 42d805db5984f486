/**
 * What an answer means, as a table (SPEC SF-40 to SF-42): by error code first. A code comes from Salesforce itself, after it took back what the request did; a status without one may come from anything in
 * front of it.
 */
import type { Failure } from '@skerry/bridge'
import * as z from 'zod'
import { ERRORS_TOLD_MAX, QUOTA_WAIT_MS, REASON_LENGTH_MAX } from './limits.ts'

export type Meaning =
  | 'done'
  /** The row is another one than was expected. */
  | 'conflict'
  /** The row was deleted. */
  | 'gone'
  | 'absent'
  /** Another row has a value that must be unique. */
  | 'duplicate'
  | 'unauthorized'
  | 'later'
  | 'rejected'
  | 'unknown'

const byCode: Readonly<Record<string, Meaning>> = {
  INVALID_SESSION_ID: 'unauthorized',
  API_DISABLED_FOR_ORG: 'unauthorized',
  REQUEST_LIMIT_EXCEEDED: 'later',
  UNABLE_TO_LOCK_ROW: 'later',
  SERVER_UNAVAILABLE: 'later',
  API_CURRENTLY_DISABLED: 'later',
  QUERY_TIMEOUT: 'later',
  PROCESSING_HALTED: 'later',
  ALL_OR_NONE_OPERATION_ROLLED_BACK: 'later',
  ENTITY_IS_DELETED: 'gone',
  NOT_FOUND: 'absent',
  DUPLICATE_VALUE: 'duplicate',
  UNKNOWN_EXCEPTION: 'unknown',
}

const byStatus: Readonly<Record<number, Meaning>> = {
  // Several rows have the external id, and nothing was written.
  300: 'rejected',
  401: 'unauthorized',
  408: 'unknown',
  412: 'conflict',
  423: 'later',
  429: 'later',
}

/** Texts of a 401 after which a new session is refused like the old one: asking for one each time would never end. */
const NO_SESSION_HELPS = [
  'This session is not valid for use with the REST API',
  'Connected app is not attached to Agent',
  'API access is blocked',
]

/** One error as REST (`errorCode`) or collections (`statusCode`) write it. */
const errorSchema = z.object({
  message: z.string().catch(''),
  errorCode: z.string().optional(),
  statusCode: z.string().optional(),
  fields: z.array(z.string()).optional().catch(undefined),
})

export interface ApiError {
  code: string
  message: string
  fields: readonly string[]
}

/** What a body says went wrong; empty when it says nothing. */
export function errorsOf(body: unknown): ApiError[] {
  const listed = Array.isArray(body) ? body : [body]
  return listed.flatMap((one) => {
    const { data } = errorSchema.safeParse(one)
    const code = data?.errorCode ?? data?.statusCode
    return data && code !== undefined ? [{ code, message: data.message, fields: data.fields ?? [] }] : []
  })
}

export function meaningOf(status: number, errors: readonly ApiError[]): Meaning {
  if (status >= 200 && status < 300) return 'done'
  const coded = errors[0] && byCode[errors[0].code]
  if (coded) return coded
  const exact = byStatus[status]
  if (exact) return exact
  return status >= 500 ? 'unknown' : 'rejected'
}

/** Of one item of a collection or job, whose errors have no status. */
export function meaningOfErrors(errors: readonly ApiError[]): Meaning {
  return meaningOf(400, errors)
}

/** @param meaning none of done, conflict, gone, absent and duplicate, or those where they are of no use */
export function failureOf(meaning: Meaning, errors: readonly ApiError[], about: string): Failure {
  const reason = reasonOf(errors, about)
  switch (meaning) {
    case 'later':
      return { kind: 'later', reason, ...(isDailyLimit(errors) && { retryAfterMs: QUOTA_WAIT_MS }) }
    case 'unauthorized':
    case 'unknown':
      return { kind: meaning, reason }
    default:
      return { kind: 'rejected', reason, fields: [...new Set(errors.flatMap(({ fields }) => fields))] }
  }
}

/** In the system's words. */
function reasonOf(errors: readonly ApiError[], about: string): string {
  const said = errors.slice(0, ERRORS_TOLD_MAX).map(({ code, message }) => `${code}: ${message.trim()}`)
  return `${about}: ${said.join('; ') || 'no reason given'}`.slice(0, REASON_LENGTH_MAX)
}

export function canBeRenewed(body: string): boolean {
  return !NO_SESSION_HELPS.some((text) => body.includes(text))
}

/** Not the limit of long calls under way, which has the same code. */
function isDailyLimit(errors: readonly ApiError[]): boolean {
  return errors.some(
    ({ code, message }) => code === 'REQUEST_LIMIT_EXCEEDED' && /TotalRequests/.test(message),
  )
}
