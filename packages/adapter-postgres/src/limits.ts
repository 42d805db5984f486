/** Every ceiling of the adapter, with its unit and the reason for the number. */

/** Milliseconds for a connection to be made: a machine of the same site answers in a few. */
export const CONNECT_TIMEOUT_MS = 10_000
/** Bytes of messages that are decoded at once: what is beyond a page is kept for the next one, because the server decodes a transaction anew each time. */
export const AHEAD_BYTES_MAX = 16 * 1024 * 1024
/** Bytes of log by which an idle slot may lag before it moves on: one segment, the least that the server could free. */
export const IDLE_LAG_BYTES_MAX = 16n * 1024n * 1024n
/** Times and milliseconds to wait for what the log tells to be visible: a commit is written a moment before others see it. */
export const VISIBLE_TRIES_MAX = 40
export const VISIBLE_WAIT_MS = 50
/** Code units of a slot's name; PostgreSQL's own limit. */
export const SLOT_NAME_LENGTH_MAX = 63
