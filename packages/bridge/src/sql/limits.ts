/** Every ceiling that the adapters of SQL databases have in common, with its unit and the reason for the number. */

/** Milliseconds for one call: a page or a batch of 200 rows takes tens of milliseconds; beyond it somebody holds a lock. */
export const CALL_TIMEOUT_MS_DEFAULT = 30_000
export const CALL_TIMEOUT_MS_MAX = 600_000
/** Connections of one adapter: the bridge makes a handful of calls at once, and databases count connections. */
export const CONNECTIONS_MAX_DEFAULT = 4
/** Milliseconds that an unused connection stays open: longer than the pause between two polls, shorter than what firewalls forget. */
export const IDLE_MS_MAX = 60_000
/** Writes, and reads, in one call: a transaction of 200 rows holds its locks for some 0.2 s. */
export const BATCH_ROWS_MAX = 200
/** Milliseconds by which a poll by time reaches back: longer than the longest transaction and the difference of the clocks that write the column. */
export const OVERLAP_MS_DEFAULT = 60_000
/** Days for which the answer of a call is kept: as long as a bridge may be away in the middle of one. */
export const REPLAY_DAYS_DEFAULT = 7
/** Calls whose kept answers are removed at once, and milliseconds between two such rounds: no poll waits for it. */
export const FORGOTTEN_ROWS_MAX = 1_000
export const FORGET_MS = 600_000
/** Code units of a reason handed on: a person reads it. */
export const REASON_LENGTH_MAX = 1_000
/** Milliseconds before listening begins again, the first time and the longest: the poll finds what was not heard. */
export const LISTEN_WAIT_MS_FIRST = 1_000
export const LISTEN_WAIT_MS_MAX = 60_000
/** Changes of a log that are decoded ahead of a page. */
export const AHEAD_CHANGES_MAX = 20_000
