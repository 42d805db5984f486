/**
 * What an answer means: the config's own table first, then the defaults by status (RFC 9110), as a table too. `sure` kinds are given only where the system cannot have carried the call out; a
 * 5xx may come from a proxy in front of a system that did.
 */
import type { Failure } from '@skerry/bridge'
import {
  failureUnread,
  fieldsOf,
  type HttpAnswer,
  type Purpose,
  reasonOf,
  renewedInMs,
  retryAfterMs,
  speaksOfAnError,
  type Told,
} from '@skerry/bridge/http'
import type { RestConfig } from './config.ts'
import type { AnswerRule, Meaning } from './config-answers.ts'
import { valueAt } from './path-in.ts'
import { rowOf } from './rows.ts'

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

export function meaningOf(config: RestConfig, told: Told, purpose: Purpose): Meaning {
  return ruleFor(config.answers, told, purpose)?.is ?? defaultMeaning(config, told)
}

function ruleFor(rules: readonly AnswerRule[], told: Told, purpose: Purpose): AnswerRule | undefined {
  return rules.find((rule) => (rule.to ?? purpose) === purpose && fits(rule, told))
}

function fits({ status, body = {}, header = {} }: AnswerRule, told: Told): boolean {
  const [from, to] = Array.isArray(status) ? status : [status ?? 0, status ?? Number.POSITIVE_INFINITY]
  return (
    told.status >= from &&
    told.status <= to &&
    Object.entries(body).every(([place, wanted]) => fitsValue(wanted, valueAt(told.json, place))) &&
    Object.entries(header).every(([name, pattern]) => new RegExp(pattern).test(told.headers.get(name) ?? ''))
  )
}

function fitsValue(wanted: NonNullable<AnswerRule['body']>[string], value: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null) return value === wanted
  if ('there' in wanted) return (value !== undefined && value !== null) === wanted.there
  return (
    value !== undefined &&
    new RegExp(wanted.matches).test(typeof value === 'string' ? value : JSON.stringify(value))
  )
}

function defaultMeaning(config: RestConfig, told: Told): Meaning {
  const { status } = told
  const exact = byStatus[status]
  if (exact) return exact
  if (status < 200) return 'unknown'
  if (status < 300) return isSound(config, told) ? 'done' : 'unknown'
  return status >= 500 ? 'unknown' : 'rejected'
}

/**
 * An error page, half a body or an error inside comes from something that did not do what it was asked, or did and says otherwise: nobody knows. A row that is the whole body may have a field
 * of that name.
 */
function isSound(config: RestConfig, { body, json }: Told): boolean {
  if (body.trim() === '') return true
  if (json === undefined) return false
  return !speaksOfAnError(json) || (config.row.at === '' && rowOf(config, '', json) !== undefined)
}

/** An answer that is none of done, conflict, gone and absent, or those where they are of no use. */
export function failureOf(config: RestConfig, answer: HttpAnswer, purpose: Purpose): Failure {
  return answer.kind === 'answer' ? failureTold(config, answer, purpose) : failureUnread(answer, purpose)
}

export function failureTold(config: RestConfig, told: Told, purpose: Purpose): Failure {
  const now = config.now()
  const rule = ruleFor(config.answers, told, purpose)
  const meaning = rule?.is ?? defaultMeaning(config, told)
  const reason = reasonWithPlace(told)
  const wait = retryAfterMs(told.headers, now) ?? rule?.waitMs
  if (meaning === 'later')
    return { kind: 'later', reason, retryAfterMs: wait ?? renewedInMs(told.headers, now) }
  if (meaning === 'unknown') return { kind: 'unknown', reason, retryAfterMs: wait }
  if (meaning === 'unauthorized') return { kind: 'unauthorized', reason }
  // A refusal that names a time to come back is none: quotas are told so with 403, running repeats with 409.
  if (wait !== undefined && rule === undefined) return { kind: 'later', reason, retryAfterMs: wait }
  return { kind: 'rejected', reason, fields: fieldsOf(told.json) }
}

function reasonWithPlace(told: Told): string {
  const reason = reasonOf(told)
  const location = told.status >= 300 && told.status < 400 ? told.headers.get('location') : null
  if (location === null) return told.status < 300 ? `an answer that is none: ${reason}` : reason
  return `${reason} (it leads to ${location}; redirects are not followed, so write the right address in baseUrl)`
}
