/** Every ceiling of the adapter, with its unit and the reason for the number. */

/** Milliseconds for one call: beyond it a person is waiting for nothing. */
export const CALL_TIMEOUT_MS_DEFAULT = 20_000
export const CALL_TIMEOUT_MS_MAX = 600_000
/** Bytes of one answer: 1,000 rows of 16 kB, or the metadata of a large service. */
export const RESPONSE_BYTES_MAX_DEFAULT = 16 * 1024 * 1024
/** Milliseconds by which a pass over the changes reaches back: SAP lets a dialog step, and so its transaction, last ten minutes. */
export const OVERLAP_MS_DEFAULT = 600_000
/** Rows of one page: what the smallest of the services gives at once. */
export const PAGE_ROWS_MAX = 1_000
/** Parts of one batch: Business Central takes 100, Dataverse 1,000, and one answer must stay readable. */
export const BATCH_PARTS_MAX = 100
/** Code units of the names selected in one query: with a filter beside them they stay below the 8,192 bytes of an address that servers take. */
export const SELECT_LENGTH_MAX = 4_000
/** Code units of an external id or a key of text: what fits in an address when each of them is encoded. */
export const KEY_LENGTH_MAX = 512
/** Code units of a link that the service gives, which is kept as the position. */
export const LINK_LENGTH_MAX = 8_000
/** Errors of one refusal handed on. */
export const ERRORS_TOLD_MAX = 5
