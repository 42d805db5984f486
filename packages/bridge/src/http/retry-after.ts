/** When to come again, as an answer says: `Retry-After`, or the renewal of a limit that is used up. */
import { allowancesOf, type HeadersRead } from './allowance.ts'

/** `Retry-After` in seconds or as a date (RFC 9110, section 10.2.3), as milliseconds from now. */
export function retryAfterMs(headers: HeadersRead, now: number): number | undefined {
  const value = headers.get('retry-after')?.trim() ?? ''
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000
  // A date has a month in letters; Date.parse finds one in numbers, too.
  const at = /[A-Z][a-z]{2}/.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}

/** When a limit that is used up is renewed, milliseconds from now. */
export function renewedInMs(headers: HeadersRead, now: number): number | undefined {
  const waits = allowancesOf(headers, now).flatMap(({ remaining, resetsInMs = -1 }) =>
    remaining === 0 && resetsInMs >= 0 ? [resetsInMs] : [],
  )
  return waits.length > 0 ? Math.max(...waits) : undefined
}
