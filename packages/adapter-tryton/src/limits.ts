/** Every ceiling of the adapter, with its unit and the reason for the number. */

/** Milliseconds for one call: a batch of 200 creates takes half a second, an ERP under load some times that; beyond it a person is waiting for nothing. */
export const CALL_TIMEOUT_MS_DEFAULT = 30_000
export const CALL_TIMEOUT_MS_MAX = 600_000
/** Bytes of one answer: 500 rows of 30 kB. */
export const RESPONSE_BYTES_MAX_DEFAULT = 16 * 1024 * 1024
/** Milliseconds by which a pass reaches back behind the newest stamp seen: longer than the longest transaction there, whose rows show up late with an older stamp. */
export const OVERLAP_MS_DEFAULT = 60_000
/** Milliseconds that the server's clock may be ahead of its database's: its `Date` has whole seconds, and the machines of one system keep time by NTP. */
export const CLOCK_MARGIN_MS = 60_000
/** Milliseconds to wait after a login was answered 429: Tryton counts failed ones for `session.timeout`, five minutes unless somebody set it. */
export const LOCK_OUT_MS = 300_000
/** Writes, and reads, in one call: Tryton makes 200 parties in half a second, and a refusal among them costs 16 calls to find. */
export const BATCH_ROWS_MAX = 200
/** Warnings confirmed for one call: a person would ask what is going on after fewer. */
export const WARNINGS_MAX = 5
/** Code units of a reason handed on: a person reads it. */
export const REASON_LENGTH_MAX = 1_000
/** Digits of the digest in a version: 48 bits, of which two versions of one row must not be alike. */
export const DIGEST_DIGITS = 12
