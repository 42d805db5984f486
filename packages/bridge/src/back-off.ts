/** How long to wait before another try: doubling, spread by half so that a thousand items do not come back in one moment (SPEC B-41). */
import type { Host } from '@skerry/core'
import { RETRY_AFTER_MS_MAX, RETRY_DELAY_MS_FIRST, RETRY_DELAY_MS_MAX } from './limits.ts'

/** @param attempts tries so far, from 1. @returns milliseconds */
export function backOffMs(host: Pick<Host, 'random'>, attempts: number): number {
  const whole = Math.min(RETRY_DELAY_MS_MAX, RETRY_DELAY_MS_FIRST * 2 ** Math.min(attempts - 1, 30))
  const [byte = 0] = host.random(1)
  return Math.round(whole * (0.5 + byte / 510))
}

/** As long as the system asks for, within reason; else the back-off. */
export function waitMs(
  host: Pick<Host, 'random'>,
  attempts: number,
  retryAfterMs: number | undefined,
): number {
  if (retryAfterMs === undefined) return backOffMs(host, attempts)
  return Math.min(RETRY_AFTER_MS_MAX, Math.max(0, retryAfterMs))
}
