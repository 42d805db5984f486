/** Every ceiling of a call over HTTP that its caller does not choose, with its unit and the reason for the number. */

/** Connections to the system at once, idle ones included: what a bridge may ask for, and as many token and webhook calls beside. */
export const CONNECTIONS_MAX = 100
/** Milliseconds until somebody answers at all. */
export const CONNECT_TIMEOUT_MS = 10_000
/** Rate limits read from one answer: a system has two or three. */
export const ALLOWANCES_MAX = 10
/** Code units of a header that is read for them: the draft asks for a line, not for a page. */
export const RATE_LIMIT_LENGTH_MAX = 2_000
/** Bytes of one webhook; Standard Webhooks asks for less than 20 kB, systems that send the whole row need more. */
export const WEBHOOK_BYTES_MAX = 1024 * 1024
/** Connections to the receiver at once; beyond it they are closed unanswered. A system sends a few dozen at once, and a connection costs some 20 kB before it has said who it is. */
export const WEBHOOK_CONNECTIONS_MAX = 256
/** Bytes of all webhooks that are arriving, together: nobody is believed before the last byte, so this is what strangers can make a node hold. Sixteen of the largest. */
export const WEBHOOK_BYTES_HELD_MAX = 16 * WEBHOOK_BYTES_MAX
/** Milliseconds that one webhook may take to arrive. */
export const WEBHOOK_TIMEOUT_MS = 15_000
/** Milliseconds after which a push is not believed any more: what Standard Webhooks and HubSpot ask for. */
export const WEBHOOK_AGE_MS_MAX = 300_000
/** Pushes whose ids are remembered, so that they are heard once: five minutes of a hundred a second. Beyond it the oldest are forgotten. */
export const WEBHOOK_IDS_MAX = 30_000
/** Share of a token's life after which it is renewed, and the least time it must still have, milliseconds. */
export const TOKEN_LIFE_USED = 0.9
export const TOKEN_LEFT_MS_MIN = 1_000
/** Code units of a reason handed on: a person reads it. */
export const REASON_LENGTH_MAX = 1_000
/** Code units of a secret from which on it is hidden where it is said back: shorter ones stand in ordinary words. */
export const SECRET_LENGTH_HIDDEN_MIN = 6
