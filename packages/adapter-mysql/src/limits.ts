/** Every ceiling of the adapter, with its unit and the reason for the number. */

/** Milliseconds for a connection to be made: a machine of the same site answers in a few. */
export const CONNECT_TIMEOUT_MS = 10_000
/** Milliseconds between setting a mark and listing the table, on servers that cannot tell both for one moment: what is in the log must have become visible by then. */
export const SETTLE_MS = 1_000
/** Ids under which the log is read: beyond those that people give to their servers, and below 32 bits. */
export const SERVER_ID_MIN = 1_000_000_000
export const SERVER_ID_MAX = 4_000_000_000
