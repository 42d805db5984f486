/** Ceilings of a replica, each with its unit and reason. */

/** Operations in one record's history: loads in half a second; beyond it every edit is felt. */
export const OPERATIONS_PER_RECORD_MAX = 1_000_000
/** Actors in one record's history, and so containers too: each is 19 bytes in the record's row, which is read and written with every edit. */
export const ACTORS_PER_RECORD_MAX = 50_000
/** Heads of one record after an entry from elsewhere: the next edit names them all, beside the containers it makes (`dependenciesMax` is 4,096). */
export const HEADS_PER_RECORD_MAX = 2_048
/** Records kept loaded: about 12 KB each for small ones, measured. */
export const CACHED_RECORDS_MAX = 1_000
/** Record id, code units: ids travel in every entry. */
export const RECORD_ID_LENGTH_MAX = 128
/** Conflicts and receipts listed for one record at once. */
export const RECEIPTS_LISTED_MAX = 1_000
/** Words in a receipt's reason, code units: a person reads it on a phone. */
export const REASON_LENGTH_MAX = 2_000
/** Bytes of a receipt: both values of some fields. Larger ones are in the record's history. */
export const RECEIPT_BYTES_MAX = 64 * 1024
/** Bytes of shipped views kept until their records come: some 200,000 small ones, a quarter of what an edge may have in memory. */
export const SHIPPED_BYTES_MAX = 64 * 1024 * 1024
/** Levels of a shipped view: what `z.object` in `z.object` comes to in practice is below ten, and nobody's recursion fails on so few. */
export const VIEW_DEPTH_MAX = 32
/** Milliseconds that an edit waits for its record to arrive: most of a first sync's, and no longer than a person looks at a spinning wheel. */
export const ARRIVAL_MS_MAX = 10_000
