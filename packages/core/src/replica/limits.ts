/** Ceilings of a replica, each with its unit and reason. */

/** Operations in one record's history: loads in half a second; beyond it every edit is felt. */
export const OPERATIONS_PER_RECORD_MAX = 1_000_000
/** Records kept loaded: about 12 KB each for small ones, measured. */
export const CACHED_RECORDS_MAX = 1_000
/** Record id, code units: ids travel in every entry. */
export const RECORD_ID_LENGTH_MAX = 128
/** Conflicts and receipts listed for one record at once. */
export const RECEIPTS_LISTED_MAX = 1_000
/** Words in a receipt's reason, code units: a person reads it on a phone. */
export const REASON_LENGTH_MAX = 2_000
