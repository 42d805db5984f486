/** Every ceiling of the adapter, with its unit and the reason for the number. */

/** Milliseconds for one call. Salesforce counts one of 20 s or longer among its concurrent ones, of which a trial organisation has five. */
export const CALL_TIMEOUT_MS_DEFAULT = 20_000
export const CALL_TIMEOUT_MS_MAX = 600_000
/** Bytes of one answer: 2,000 rows of 8 kB. */
export const RESPONSE_BYTES_MAX_DEFAULT = 16 * 1024 * 1024

/** Milliseconds by which a pass over the changes reaches back: Salesforce lets one call, and so one transaction, last ten minutes. */
export const OVERLAP_MS_DEFAULT = 600_000
/** Milliseconds that must have passed since the beginning of a stamp's second before nothing can happen in it any more (RFC 9110, section 8.8.2.2). */
export const SETTLED_MS = 1_000
/** Milliseconds that a write waits for that at most: the clock there is known to the second. */
export const SETTLE_WAIT_MS_MAX = 3_000
/** Milliseconds by which the start of `deleted` must precede its end, both cut to the minute. */
export const DELETED_SPAN_MS_MIN = 120_000

/** Rows of one page: what one query answers. */
export const PAGE_ROWS_MAX = 2_000
/** Rows of one sObject Collections call. */
export const COLLECTION_ROWS_MAX = 200
/** Ids of one retrieve. */
export const RETRIEVE_IDS_MAX = 2_000
/** Types described in one Composite: its parts. */
export const COMPOSITE_PARTS_MAX = 25
/** Code units of the names selected in one query: with 200 ids beside them they stay below the 16,384 bytes of an address. */
export const SELECT_LENGTH_MAX = 8_000

/** Writes from which on a bulk job is advised, by Salesforce itself. */
export const BULK_WRITES_MIN = 2_000
/** Writes of one bulk job: more are cut into batches of this size there. */
export const BULK_WRITES_MAX = 10_000
/** Bytes of the data of one job: 100 MB of text make the 150 MB that are taken. */
export const BULK_DATA_BYTES_MAX = 100 * 1024 * 1024
/** Bytes of the results of one job: all of its data come back. */
export const BULK_RESULT_BYTES_MAX = 160 * 1024 * 1024
/** Milliseconds that a job may last: a batch of Salesforce's own ends after ten minutes. */
export const BULK_TIMEOUT_MS_DEFAULT = 600_000
/** Milliseconds between two looks at a job, at first and at most: each is a request. */
export const BULK_POLL_MS_DEFAULT = 1_000
export const BULK_POLL_MS_MAX = 10_000

/** Milliseconds to wait when the daily limit is used up. It rolls by the minute and nobody says when it frees; a try costs nothing. */
export const QUOTA_WAIT_MS = 900_000
/** Versions remembered, so that a write needs no look: some 100 bytes each. */
export const VERSIONS_SEEN_MAX = 50_000
/** Code units of a reason handed on: a person reads it. */
export const REASON_LENGTH_MAX = 1_000
/** Errors of one refusal handed on. */
export const ERRORS_TOLD_MAX = 5

/** Milliseconds that one long poll of change events may last: Salesforce answers after 110 s. */
export const LISTEN_TIMEOUT_MS = 130_000
/** Milliseconds before another try to listen, at first and at most: an hour without events costs twelve polls. */
export const LISTEN_WAIT_MS_FIRST = 1_000
export const LISTEN_WAIT_MS_MAX = 300_000
