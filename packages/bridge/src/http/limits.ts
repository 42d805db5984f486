/** Every ceiling of a call over HTTP that its caller does not choose, with its unit and the reason for the number. */

/** Connections to the system at once, idle ones included: what a bridge may ask for, and as many token and webhook calls beside. */
export const CONNECTIONS_MAX = 100
/** Milliseconds until somebody answers at all. */
export const CONNECT_TIMEOUT_MS = 10_000
/** Rate limits read from one answer: a system has two or three. */
export const ALLOWANCES_MAX = 10
/** Code units of a header that is read for them: the draft asks for a line, not for a page. */
export const RATE_LIMIT_LENGTH_MAX = 2_000
/** Share of a token's life after which it is renewed, and the least time it must still have, milliseconds. */
export const TOKEN_LIFE_USED = 0.9
export const TOKEN_LEFT_MS_MIN = 1_000
/** Code units of a reason handed on: a person reads it. */
export const REASON_LENGTH_MAX = 1_000
/** Code units of a secret from which on it is hidden where it is said back: shorter ones stand in ordinary words. */
export const SECRET_LENGTH_HIDDEN_MIN = 6
