/** The ceilings of the stand-ins, as the vendors' documentation gives them; where a number is our own, the comment says so. */

/** Bytes of a request (our number: a batch of 1,000 rows of 10 kB). */
export const requestBytesMax = 16 * 1024 * 1024
/** Characters of a filter (our number: what fits in an address). */
export const filterLengthMax = 16_000

/** Rows of one page: Dataverse's 5,000; the others are ours. */
export const dataversePageRowsMax = 5_000
export const businessCentralPageRowsMax = 20_000
export const sapPageRowsMax = 1_000
export const plainPageRowsMax = 100

/** Operations of one batch: Dataverse's 1,000, Business Central's 100; the others are ours. */
export const dataverseBatchMax = 1_000
export const businessCentralBatchMax = 100
export const batchMax = 200

/** Milliseconds for which a delta link is good: Dataverse's 7 days, unless an administrator changes it. */
export const deltaKeptMs = 7 * 86_400_000

/** Requests of one user in a sliding window of so many milliseconds: Dataverse's service protection. */
export const burstRequests = 6_000
export const burstWindowMs = 300_000
/** Milliseconds by which the wait grows with each request that comes before it is over, and at most (our numbers; that it grows is documented). */
export const impatienceMs = 5_000
export const impatienceMsMax = 300_000
