/** The ceilings of Salesforce's API, as its documentation gives them; where a number is our own, the comment says so. */

/** API versions served. Upserts of an existing row are answered 204 below 46. */
export const apiVersionMin = 42
export const apiVersionMax = 66
export const upsertTellsVersionMin = 46

/** Bytes of a request, except for the data of a bulk job. */
export const requestBytesMax = 50 * 1024 * 1024
/** Bytes of the data of one bulk job: 150 MB after base64, which makes 100 MB of text. */
export const bulkDataBytesMax = 100 * 1024 * 1024

/** Subrequests of one Composite, and how many of them may be queries or collections. */
export const compositeSubrequestsMax = 25
export const compositeQueriesMax = 5

/** Records of one sObject Collections call, chunks of one type after another in it, and ids of one retrieve. */
export const collectionRecordsMax = 200
export const collectionChunksMax = 10
export const retrieveIdsMax = 2_000

/** Rows of one page of a query, and the fewest that a caller may ask for. */
export const queryRowsMax = 2_000
export const queryRowsMin = 200
/** Characters of a query. */
export const queryLengthMax = 100_000
/** Query locators kept; the oldest goes first. Salesforce keeps 10 for each user, this stand-in as many in all (our number). */
export const queryLocatorsMax = 50

/** Milliseconds for which `deleted` and `updated` can be asked. */
export const deletedKeptMs = 15 * 86_400_000
export const updatedKeptMs = 30 * 86_400_000
/** Milliseconds by which the start must precede the end. */
export const replicationSpanMsMin = 60_000
/** Ids of one answer of `deleted` or `updated`. */
export const replicationIdsMax = 600_000

/** Records of one batch of a bulk job, results of one page of a query job, jobs of one page of the list. */
export const bulkBatchRecords = 10_000
export const bulkQueryRowsDefault = 50_000
export const bulkJobsListed = 1_000

/** Milliseconds for which change events are kept. */
export const eventsKeptMs = 72 * 3_600_000
/** Milliseconds after which a waiting connect is answered, and a client that does not come back is forgotten. */
export const longPollMs = 110_000
export const clientIdleMs = 40_000
/** Clients of the event bus at once (our number: the real limit follows from the edition). */
export const eventClientsMax = 100

/** Milliseconds of the rolling window of the daily limit, and of one of its parts (our number: a window of 1,440 parts). */
export const quotaWindowMs = 86_400_000
export const quotaPartMs = 60_000
