/**
 * What an answer says is left of a limit: `RateLimit` and `RateLimit-Policy` of the IETF draft (draft-ietf-httpapi-ratelimit-headers), the three headers of its earlier versions, and their `X-` kin
 * that most systems send. Malformed ones say nothing, and what they say is no promise.
 */
import type { Allowance } from '@skerry/bridge'
import { ALLOWANCES_MAX, RATE_LIMIT_LENGTH_MAX } from './limits.ts'

/** What is read of headers here and in problem.ts: of fetch's, or anybody's. */
export interface HeadersRead {
  get(name: string): string | null
  /** Where it comes from HTTP: each cookie by itself. */
  getSetCookie?(): string[]
}

/** Seconds since 1970 are larger than any wait: a reset above this is a time. */
const EPOCH_SECONDS_MIN = 1_000_000_000

export function allowancesOf(headers: HeadersRead, now: number): Allowance[] {
  const drafted = itemsOf(headers.get('ratelimit'))
  const policies = new Map(
    itemsOf(headers.get('ratelimit-policy')).map(({ name, numbers }) => [name, numbers]),
  )
  const told = drafted.flatMap(({ name, numbers }): Allowance[] => {
    const remaining = numbers.get('r')
    if (remaining === undefined) return []
    const resets = numbers.get('t')
    return [
      {
        limit: name,
        remaining,
        max: policies.get(name)?.get('q'),
        resetsInMs: resets === undefined ? undefined : resets * 1000,
      },
    ]
  })
  return told.length > 0 ? told : older(headers, now)
}

function older(headers: HeadersRead, now: number): Allowance[] {
  for (const prefix of ['ratelimit', 'x-ratelimit', 'x-rate-limit']) {
    const remaining = numberIn(headers.get(`${prefix}-remaining`))
    if (remaining === undefined) continue
    const max = numberIn(headers.get(`${prefix}-limit`))
    const reset = numberIn(headers.get(`${prefix}-reset`))
    return [
      { limit: 'default', remaining, max, resetsInMs: reset === undefined ? undefined : waitOf(reset, now) },
    ]
  }
  return []
}

function waitOf(resetSeconds: number, now: number): number {
  return resetSeconds < EPOCH_SECONDS_MIN ? resetSeconds * 1000 : Math.max(0, resetSeconds * 1000 - now)
}

/** The first number: `100`, or `100, 100;w=60` of an early draft. */
function numberIn(text: string | null): number | undefined {
  const [, digits] = /^\s*(\d{1,15})(?:\s*[,;]|\s*$)/.exec(text ?? '') ?? []
  return digits === undefined ? undefined : Number(digits)
}

/** `"burst";r=50;t=5, "daily";r=9000`: a list of structured fields (RFC 9651), of which names and whole numbers are read. */
function itemsOf(text: string | null): { name: string; numbers: Map<string, number> }[] {
  if (text === null || text.length > RATE_LIMIT_LENGTH_MAX) return []
  return text
    .split(',')
    .slice(0, ALLOWANCES_MAX)
    .flatMap((item) => {
      const [, quoted, token, parameters = ''] =
        /^\s*(?:"([^"]*)"|([\w*][\w.:%*/-]*))((?:\s*;[^;]*)*)$/.exec(item) ?? []
      const name = quoted ?? token
      if (name === undefined) return []
      const numbers = [...parameters.matchAll(/;\s*([a-z]+)=(\d{1,15})(?=\s*(?:;|$))/g)]
      return [{ name, numbers: new Map(numbers.map(([, key = '', digits]) => [key, Number(digits)])) }]
    })
}
