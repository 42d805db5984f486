import { describe, expect, it } from 'vitest'
import { BUSY_SPREAD_MS, REFUSED_RETRY_MS, RETRY_MS_BASE, RETRY_MS_MAX } from './limits.ts'
import { LinkError } from './link-error.ts'
import { afterFailure, sessionError } from './retry.ts'

const NEARLY_ONE = 1 - 2 ** -32
const broken = new LinkError('connection-refused', 'nobody there')

function ended(code: number, retry: boolean): LinkError {
  return sessionError('ws://hub', { code, reason: 'because', retry })
}

describe('retry', () => {
  it.each([
    [0, RETRY_MS_BASE],
    [1, 2 * RETRY_MS_BASE],
    [6, 64 * RETRY_MS_BASE],
    [7, RETRY_MS_MAX],
    [10_000, RETRY_MS_MAX],
  ])('R1 after %i failures waits between 0 and %i ms', (attempts, mostMs) => {
    expect(afterFailure(broken, attempts, 0)).toEqual({ phase: 'waiting', delayMs: 0, leastMs: 0 })
    expect(afterFailure(broken, attempts, NEARLY_ONE)).toEqual({
      phase: 'waiting',
      delayMs: mostMs,
      leastMs: 0,
    })
  })

  it('R3 the jitter comes on top of Retry-After', () => {
    const error = new LinkError('http-unavailable', 'full', { retryAfterMs: 9_000 })
    expect(afterFailure(error, 0, 0)).toEqual({ phase: 'waiting', delayMs: 9_000, leastMs: 9_000 })
    expect(afterFailure(error, 0, NEARLY_ONE)).toMatchObject({ delayMs: 9_000 + BUSY_SPREAD_MS })
  })

  it.each([4503, 4429])('R4 after %i comes back spread over BUSY_SPREAD_MS', (code) => {
    expect(afterFailure(ended(code, true), 0, NEARLY_ONE)).toMatchObject({
      phase: 'waiting',
      delayMs: BUSY_SPREAD_MS,
    })
  })

  it.each([
    [4401, 'credential-refused'],
    [4403, 'credential-revoked'],
  ])('R5 %i blocks until a new credential', (code, error) => {
    expect(ended(code, false).code).toBe(error)
    expect(afterFailure(ended(code, false), 3, 0.5)).toEqual({ phase: 'blocked', delayMs: undefined })
  })

  it.each(['credential-bad-signature', 'credential-wrong-space'])(
    'R5 4401 for %s is told as another hub, and blocks until a new credential',
    (reason) => {
      const error = sessionError('ws://hub', { code: 4401, reason, retry: false })
      expect(error.code).toBe('other-authority')
      expect(afterFailure(error, 3, 0.5)).toEqual({ phase: 'blocked', delayMs: undefined })
    },
  )

  it.each([4400, 4409, 4413])('R5 %i blocks for minutes', (code) => {
    expect(afterFailure(ended(code, false), 0, 0)).toEqual({
      phase: 'blocked',
      delayMs: REFUSED_RETRY_MS / 2,
    })
    expect(afterFailure(ended(code, false), 0, NEARLY_ONE)).toEqual({
      phase: 'blocked',
      delayMs: REFUSED_RETRY_MS,
    })
  })

  it('R6 a proxy that wants a login is asked rarely, for ever', () => {
    const error = new LinkError('http-unauthorized', 'login')
    expect(afterFailure(error, 0, NEARLY_ONE)).toMatchObject({ phase: 'waiting', delayMs: RETRY_MS_MAX })
  })
})
