/**
 * WebSocket close codes as this package gives and reads them. The 44xx and 45xx codes are those of session/SPEC.md; the 1xxx codes are RFC 6455,
 * 7.4.1, and are translated where the other side's WebSocket library spoke before ours could.
 */
import { CLOSE_REASON_BYTES_MAX } from './limits.ts'

export const CLOSE_NORMAL = 1000
/** Never sent: the link broke without a closing handshake. */
export const CLOSE_ABNORMAL = 1006
export const CLOSE_PROTOCOL_ERROR = 4400
export const CLOSE_CREDENTIAL = 4401
export const CLOSE_REVOKED = 4403
export const CLOSE_TOO_LARGE = 4413
export const CLOSE_TOO_MANY = 4429
export const CLOSE_INTERNAL = 4500
export const CLOSE_DRAINING = 4503

const TRANSLATED: ReadonlyMap<number, number> = new Map([
  [1002, CLOSE_PROTOCOL_ERROR],
  [1003, CLOSE_PROTOCOL_ERROR],
  [1007, CLOSE_PROTOCOL_ERROR],
  [1008, CLOSE_PROTOCOL_ERROR],
  [1009, CLOSE_TOO_LARGE],
])

/** What a received close code means in terms of session/SPEC.md; others are passed on as they are. */
export function closeCodeHeard(code: number): number {
  return TRANSLATED.get(code) ?? code
}

/** `reason` cut to what a close frame holds, never inside a character. */
export function closeReason(reason: string): string {
  const room = new Uint8Array(CLOSE_REASON_BYTES_MAX)
  const { read } = new TextEncoder().encodeInto(reason, room)
  return reason.slice(0, read)
}
