/** How long to wait before another try: doubling, spread by half so that a thousand items do not come back in one moment (SPEC B-41). */
import type { Host } from '@skerry/core'
import { RETRY_AFTER_MS_MAX, RETRY_DELAY_MS_FIRST, RETRY_DELAY_MS_MAX } from './limits.ts'

/** @param attempts tries so far, from 1. @returns milliseconds */
export function backOffMs(host: Pick<Host, 'random'>, attempts: number): number {
  const whole = Math.min(RETRY_DELAY_MS_MAX, RETRY_DELAY_MS_FIRST * 2 ** Math.min(attempts - 1, 30))
  const [byte = 0] = host.random(1)
  return Math.round(whole * (0.5 + byte / 510))
}

/**
 * As long as the system asks for, within reason, and never less than the back-off: a system that says "at once", or names a time that its clock has passed, again and again,
 * would be called without a pause (SPEC B-44).
 */
export function waitMs(
  host: Pick<Host, 'random'>,
  attempts: number,
  retryAfterMs: number | undefined,
): number {
  return Math.min(RETRY_AFTER_MS_MAX, Math.max(backOffMs(host, attempts), retryAfterMs ?? 0))
}
