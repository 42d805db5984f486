/**
 * What an answer means, as a table (SPEC HS-40 to HS-42). A category comes from HubSpot itself, which tells it of what it refused; a status from 500 on may come from anything in front of it, and its
 * own are told under load instead of a limit.
 */
import type { Failure } from '@skerry/bridge'
import * as z from 'zod'
import {
  BURST_WAIT_MS,
  DAY_WAIT_MS,
  ERRORS_TOLD_MAX,
  LOCKED_WAIT_MS,
  REASON_LENGTH_MAX,
  SECOND_WAIT_MS,
} from './limits.ts'

export type Meaning =
  | 'done'
  | 'absent'
  /** Another row has a value that must be unique. */
  | 'duplicate'
  | 'unauthorized'
  | 'later'
  | 'rejected'
  | 'unknown'

const byCode: Readonly<Record<string, Meaning>> = {
  CONFLICTING_UNIQUE_VALUE: 'duplicate',
}

const byCategory: Readonly<Record<string, Meaning>> = {
  OBJECT_NOT_FOUND: 'absent',
  CONFLICT: 'duplicate',
  OBJECT_ALREADY_EXISTS: 'duplicate',
  RATE_LIMITS: 'later',
  EXPIRED_AUTHENTICATION: 'unauthorized',
  INVALID_AUTHENTICATION: 'unauthorized',
  MISSING_SCOPES: 'unauthorized',
}

const byStatus: Readonly<Record<number, Meaning>> = {
  401: 'unauthorized',
  404: 'absent',
  408: 'unknown',
  409: 'duplicate',
  423: 'later',
  429: 'later',
  // The account is being moved.
  477: 'later',
  // The caller left, as a proxy in between says it.
  499: 'unknown',
}

/** Milliseconds to wait, by the limit that was met. */
const waitByPolicy: Readonly<Record<string, number>> = {
  TEN_SECONDLY_ROLLING: BURST_WAIT_MS,
  SECONDLY: SECOND_WAIT_MS,
  DAILY: DAY_WAIT_MS,
}

const names = z.record(z.string(), z.array(z.string()).catch([])).catch({})
const detailSchema = z.object({
  message: z.string().catch(''),
  code: z.string().optional().catch(undefined),
  context: names.optional(),
})
/** Every member may be absent. */
const errorSchema = z.object({
  message: z.string().catch(''),
  category: z.string().optional().catch(undefined),
  policyName: z.string().optional().catch(undefined),
  errors: z.array(detailSchema).optional().catch(undefined),
  context: names.optional(),
})
/** The older form of what is wrong with values stands in the message. */
const olderSchema = z.array(z.object({ message: z.string(), error: z.string(), name: z.string() }))

export interface ApiError {
  category: string
  policy: string | undefined
  /** What is wrong, one by one; at least one. */
  details: readonly { code: string; message: string; properties: readonly string[] }[]
  /** What tells which of a batch's inputs it is of. */
  context: Readonly<Record<string, readonly string[]>>
}

/** What a body says went wrong; undefined when it says nothing. */
export function errorOf(body: unknown): ApiError | undefined {
  const { data } = errorSchema.safeParse(body)
  if (!data || (data.message === '' && data.category === undefined)) return undefined
  const { category = '', message, policyName: policy, errors = [], context = {} } = data
  const told = errors.map(({ code = category, message, context: where = {} }) => {
    return { code, message, properties: where.propertyName ?? [] }
  })
  const details = told.length > 0 ? told : olderDetails(message)
  const alone = { code: category, message, properties: context.properties ?? [] }
  return { category, policy, details: details.length > 0 ? details : [alone], context }
}

export function meaningOf(status: number, error: ApiError | undefined): Meaning {
  if (status >= 200 && status < 300) return 'done'
  if (status >= 500) return 'unknown'
  const coded = error?.details.map(({ code }) => byCode[code]).find(Boolean)
  return coded ?? byCategory[error?.category ?? ''] ?? byStatus[status] ?? 'rejected'
}

/** Of one input of a batch, whose error has no status. */
export function meaningOfError(error: ApiError): Meaning {
  return meaningOf(400, error)
}

/** @param meaning none of done, absent and duplicate, or those where they are of no use */
export function failureOf(
  meaning: Meaning,
  error: ApiError | undefined,
  about: string,
  { status = 0, retryAfterMs }: { status?: number; retryAfterMs?: number | undefined } = {},
): Failure {
  const reason = reasonOf(error, status > 0 ? `${about}: ${status}` : about)
  switch (meaning) {
    case 'later': {
      const waitMs =
        retryAfterMs ?? waitByPolicy[error?.policy ?? ''] ?? (status === 423 ? LOCKED_WAIT_MS : undefined)
      return { kind: 'later', reason, ...(waitMs !== undefined && { retryAfterMs: waitMs }) }
    }
    case 'unauthorized':
    case 'unknown':
      return { kind: meaning, reason }
    default:
      return {
        kind: 'rejected',
        reason,
        fields: [...new Set(error?.details.flatMap(({ properties }) => properties) ?? [])],
      }
  }
}

/** In HubSpot's words. */
function reasonOf(error: ApiError | undefined, about: string): string {
  const said = error?.details
    .slice(0, ERRORS_TOLD_MAX)
    .map(({ code, message }) => `${code}: ${message.trim()}`)
  return `${about}: ${said?.join('; ') ?? 'no reason given'}`.slice(0, REASON_LENGTH_MAX)
}

function olderDetails(message: string): ApiError['details'] {
  const [, list = ''] = /^Property values were not valid: (\[.*\])$/s.exec(message) ?? []
  const { data = [] } = olderSchema.safeParse(parsed(list))
  return data.map(({ message, error, name }) => ({ code: error, message, properties: [name] }))
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
