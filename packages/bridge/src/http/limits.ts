/** Every ceiling of a call over HTTP that its caller does not choose, with its unit and the reason for the number. */

/** Connections to the system at once, idle ones included: what a bridge may ask for, and as many token and webhook calls beside. */
export const CONNECTIONS_MAX = 100
/** Milliseconds until somebody answers at all. */
export const CONNECT_TIMEOUT_MS = 10_000
/** Rate limits read from one answer: a system has two or three. */
export const ALLOWANCES_MAX = 10
/** Code units of a header that is read for them: the draft asks for a line, not for a page. */
export const RATE_LIMIT_LENGTH_MAX = 2_000
