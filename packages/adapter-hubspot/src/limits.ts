/** Every ceiling of the adapter, with its unit and the reason for the number. */

/** Milliseconds for one call: beyond it a person is waiting for nothing. */
export const CALL_TIMEOUT_MS_DEFAULT = 20_000
export const CALL_TIMEOUT_MS_MAX = 600_000
/** Bytes of one answer: 200 rows of 80 kB. */
export const RESPONSE_BYTES_MAX_DEFAULT = 16 * 1024 * 1024

/** Milliseconds by which a pass over the changes reaches back: the index lags by seconds, on a bad day by minutes. */
export const OVERLAP_MS_DEFAULT = 300_000
/** Milliseconds between two listings of archived rows: one costs a request for each hundred that were archived in ninety days. */
export const ARCHIVED_EVERY_MS_DEFAULT = 600_000
/** Milliseconds for which HubSpot keeps archived rows, less a day. */
export const ARCHIVED_KEPT_MS = 89 * 86_400_000

/** Rows of one page of a search. */
export const SEARCH_ROWS_MAX = 200
/** Rows of one page of a listing, and inputs of one batch. */
export const BATCH_ROWS_MAX = 100
/** Code units of the names of a type's properties: they stand in an address, of which servers read 16 kB. */
export const PROPERTIES_LENGTH_MAX = 8_000
/** Milliseconds for which definitions are believed: whoever changes the type of a property waits so long. */
export const DEFINITIONS_KEPT_MS = 3_600_000

/** Milliseconds to wait after a limit was met, where no answer says it: ten seconds roll, a second ends, and a day ends at midnight somewhere. */
export const BURST_WAIT_MS = 10_000
export const SECOND_WAIT_MS = 1_000
export const DAY_WAIT_MS = 900_000
/** Milliseconds to wait for a row that is locked, by HubSpot's own advice. */
export const LOCKED_WAIT_MS = 2_000
/** Share of a token's life after which it is renewed. */
export const TOKEN_LIFE_USED = 0.9

/** Digits that a float keeps, whatever they are. */
export const FLOAT_DIGITS = 15
/** Code units of a reason handed on: a person reads it. */
export const REASON_LENGTH_MAX = 1_000
/** Errors of one refusal handed on. */
export const ERRORS_TOLD_MAX = 5
