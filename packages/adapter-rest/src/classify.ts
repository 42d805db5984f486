/**
 * What a status means for a write, as a table. `sure` kinds are given only where the system cannot have carried the call out; a 5xx may come from a proxy in front of a
 * system that did.
 */
import type { Failure } from '@skerry/bridge'
import { type HttpAnswer, retryAfterMs } from '@skerry/bridge/http'
import { fieldsOf, reasonOf } from './problem.ts'

export type Meaning =
  | 'done'
  /** The row is another one than was expected; the answer may hold it. */
  | 'conflict'
  | 'gone'
  | 'absent'
  | 'unauthorized'
  | 'later'
  | 'rejected'
  | 'unknown'

const byStatus: Readonly<Record<number, Meaning>> = {
  401: 'unauthorized',
  404: 'absent',
  408: 'unknown',
  410: 'gone',
  412: 'conflict',
  423: 'later',
  425: 'later',
  428: 'conflict',
  429: 'later',
  501: 'rejected',
}

export function meaningOf(status: number): Meaning {
  const exact = byStatus[status]
  if (exact) return exact
  if (status >= 200 && status < 300) return 'done'
  return status >= 500 ? 'unknown' : 'rejected'
}

/** An answer that is none of done, conflict, gone and absent, or those where they are of no use. */
export function failureOf(answer: HttpAnswer, now: number): Failure {
  if (answer.kind === 'unsent') return { kind: 'later', reason: answer.reason }
  if (answer.kind === 'unanswered') return { kind: 'unknown', reason: answer.reason }
  // Repeating would be answered alike for ever: a person must look.
  if (answer.kind === 'too-large') return { kind: 'rejected', reason: answer.reason }
  const reason = reasonOf(answer.status, answer.body)
  const wait = retryAfterMs(answer.headers, now)
  const meaning = meaningOf(answer.status)
  if (meaning === 'later' || meaning === 'unknown') return { kind: meaning, reason, retryAfterMs: wait }
  if (meaning === 'unauthorized') return { kind: 'unauthorized', reason }
  // A refusal that names a time to come back is none: quotas are told so with 403, running repeats with 409.
  if (wait !== undefined) return { kind: 'later', reason, retryAfterMs: wait }
  return { kind: 'rejected', reason, fields: fieldsOf(answer.body) }
}
