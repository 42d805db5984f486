/**
 * What an answer means for a call, as tables (SPEC TR-05). An error in the envelope comes out of a transaction that was rolled back, so the call was surely not carried out, unless the
 * database was lost while it committed. A 5xx may come from a proxy in front of a server that did.
 */
import type { Failure } from '@skerry/bridge'
import { failureUnread, type HttpAnswer, type Purpose, renewedInMs, retryAfterMs } from '@skerry/bridge/http'
import type { TrytonError } from './envelope.ts'
import { REASON_LENGTH_MAX } from './limits.ts'

type Meaning = 'conflict' | Failure['kind']

const byName: Readonly<Record<string, Meaning>> = {
  ConcurrencyException: 'conflict',
  LoginException: 'unauthorized',
  UserError: 'rejected',
  UserWarning: 'rejected',
}

/** Words of the database's driver and of Python, for errors that have no name of Tryton's; the first that fits. */
const byWords: readonly (readonly [RegExp, Meaning])[] = [
  [/no space left|disk (?:is )?full/i, 'later'],
  [/could not serialize|deadlock|lock timeout|database is locked|canceling statement/i, 'later'],
  [
    /could not connect|connection refused|starting up|shutting down|too many (?:clients|connections)/i,
    'later',
  ],
  [
    /server closed the connection|connection already closed|terminating connection|connection .*lost/i,
    'unknown',
  ],
]

const byStatus: Readonly<Record<number, Failure['kind']>> = {
  401: 'unauthorized',
  408: 'unknown',
  423: 'later',
  425: 'later',
  429: 'later',
  501: 'rejected',
}

function meaningOf({ name, message }: TrytonError): Meaning {
  return byName[name] ?? byWords.find(([words]) => words.test(message))?.[1] ?? 'rejected'
}

/** What the server refused; a conflict has no place among failures, and is the caller's to tell. */
export function failureOfError(error: TrytonError): Failure | { kind: 'conflict' } {
  const kind = meaningOf(error)
  return kind === 'conflict' ? { kind } : { kind, reason: reasonOf(error) }
}

function reasonOf({ name, message }: TrytonError): string {
  const said = message.trim() || 'no reason given'
  // A person's error speaks for itself; what Python says needs to be known for what it is.
  return (name === '' ? `Tryton failed: ${said}` : said).slice(0, REASON_LENGTH_MAX)
}

/** An exchange that gave no envelope. */
export function failureOfHttp(answer: HttpAnswer, purpose: Purpose, now: number): Failure {
  if (answer.kind !== 'answer') return failureUnread(answer, purpose)
  const { status, body, headers } = answer
  if (status >= 200 && status < 300)
    return {
      kind: 'unknown',
      reason: `answered ${status} with something that is no answer of Tryton's: ${words(body)}`,
    }
  const kind = byStatus[status] ?? (status >= 500 ? 'unknown' : 'rejected')
  const reason = `${status}: ${words(body)}`
  if (kind !== 'later' && kind !== 'unknown') return { kind, reason }
  return { kind, reason, retryAfterMs: retryAfterMs(headers, now) ?? renewedInMs(headers, now) }
}

/** For what was only to prepare a write: that was not made, whatever became of this. */
export function notMade(failure: Failure): Failure {
  return failure.kind === 'unknown' ? { ...failure, kind: 'later' } : failure
}

/** A body without its markup, in one line. */
function words(body: string): string {
  const text = body.replace(/<(script|style)\b.*?<\/\1>/gis, ' ').replace(/<[^>]*>/g, ' ')
  return text.replace(/\s+/g, ' ').trim().slice(0, REASON_LENGTH_MAX) || 'no reason given'
}
