/**
 * What an answer means, as a table (SPEC OD-40 to OD-43): by error code first, since services use one status for several things, then by status. An error in OData's form comes from the service itself, after it took
 * back what the request did; a 5xx without a time to come back may come from something in front of a service that did it.
 */
import type { Failure } from '@skerry/bridge'
import { type HeadersRead, REASON_LENGTH_MAX, retryAfterMs } from '@skerry/bridge/http'
import * as z from 'zod'
import { ERRORS_TOLD_MAX } from './limits.ts'

export type Meaning =
  | 'done'
  /** The row is another one than was expected, or one is there where none was. */
  | 'conflict'
  | 'absent'
  /** Another row has a value that must be unique. */
  | 'duplicate'
  /** The position is worth nothing any more. */
  | 'expired'
  /** The session's token against forgery is worth nothing any more. */
  | 'csrf'
  | 'unauthorized'
  | 'later'
  | 'rejected'
  | 'unknown'

const byCode: Readonly<Record<string, Meaning>> = {
  // Dataverse: web service error codes.
  '0x80060882': 'conflict',
  '0x80040237': 'conflict',
  '0x80060892': 'duplicate',
  '0x80040333': 'duplicate',
  '0x80040217': 'absent',
  '0x80060891': 'absent',
  '0x80044352': 'expired',
  '0x80072321': 'later',
  '0x80072322': 'later',
  '0x80072326': 'later',
  // Business Central.
  Request_EntityChanged: 'conflict',
  Internal_EntityWithSameKeyExists: 'duplicate',
  Application_TooManyRequests: 'later',
  // Microsoft Graph, whose deltas Business Central's are like.
  syncStateNotFound: 'expired',
  syncStateInvalid: 'expired',
  resyncRequired: 'expired',
}

const byStatus: Readonly<Record<number, Meaning>> = {
  401: 'unauthorized',
  404: 'absent',
  408: 'unknown',
  410: 'expired',
  412: 'conflict',
  423: 'later',
  424: 'later',
  425: 'later',
  429: 'later',
}

const word = z.string().catch('')
const errorSchema = z.object({
  error: z.object({
    code: word,
    message: z.union([z.string(), z.object({ value: z.string() }).transform(({ value }) => value)]).catch(''),
    target: z.string().nullish().catch(undefined),
    details: z
      .array(z.object({ code: word, message: word, target: z.string().nullish().catch(undefined) }))
      .catch([]),
  }),
})

export interface ServiceError {
  code: string
  message: string
  /** Names of properties. */
  fields: readonly string[]
}

/** What a body says went wrong; undefined when it says nothing in OData's form. */
export function errorIn(json: unknown): ServiceError | undefined {
  const { data } = errorSchema.safeParse(json)
  if (!data) return undefined
  const { code, message, target, details } = data.error
  const more = details.slice(0, ERRORS_TOLD_MAX).map((one) => one.message)
  const targets = [target, ...details.map((one) => one.target)]
  return {
    code,
    message: [...new Set([message.trim(), ...more])].filter(Boolean).join('; '),
    fields: [...new Set(targets.flatMap((one) => one?.match(/\w+$/) ?? []))],
  }
}

export function meaningOf(status: number, headers: HeadersRead, error: ServiceError | undefined): Meaning {
  if (status >= 200 && status < 300) return 'done'
  const coded = error && Object.hasOwn(byCode, error.code) ? byCode[error.code] : undefined
  if (coded) return coded
  if (status === 403 && /^required$/i.test(headers.get('x-csrf-token') ?? '')) return 'csrf'
  const exact = byStatus[status]
  if (exact) return exact
  const comesBack = headers.get('retry-after') !== null
  if (status === 503 && comesBack && error) return 'later'
  if (status >= 500) return 'unknown'
  // A refusal that names a time to come back is none.
  return comesBack ? 'later' : 'rejected'
}

export interface Judged {
  meaning: Meaning
  status: number
  headers: HeadersRead
  error: ServiceError | undefined
  /** What was asked, for people. */
  about: string
}

/** Of an answer that is none of done, conflict, absent, duplicate and expired, or of those where they are of no use. */
export function failureOf({ meaning, status, headers, error, about }: Judged, now: number): Failure {
  const reason = `${about}: ${status} ${saidBy(status, headers, error)}`.slice(0, REASON_LENGTH_MAX)
  const wait = retryAfterMs(headers, now)
  switch (meaning) {
    case 'later':
    case 'unknown':
      return { kind: meaning, reason, ...(wait !== undefined && { retryAfterMs: wait }) }
    case 'unauthorized':
    case 'csrf':
      return { kind: 'unauthorized', reason }
    default:
      return { kind: 'rejected', reason, fields: [...(error?.fields ?? [])] }
  }
}

function saidBy(status: number, headers: HeadersRead, error: ServiceError | undefined): string {
  if (error) return `${error.code ? `${error.code}: ` : ''}${error.message || 'no reason given'}`
  if (status < 300) return 'with something that is no answer of this service'
  const location = headers.get('location')
  if (location === null) return 'without a reason'
  return `leads to ${location}; redirects are not followed, so write the right address in serviceUrl`
}
