/** The ceilings of HubSpot's API, as its documentation gives them; where a number is our own, the comment says so. */

/** Bytes of one request (our number: the documentation names none for these endpoints). */
export const requestBytesMax = 10 * 1024 * 1024

/** Inputs of one batch. */
export const batchInputsMax = 100
/** Rows of one page of a listing, and how many when the caller does not say. */
export const listRowsMax = 100
export const listRowsDefault = 10

/** Rows of one page of a search, and how many when the caller does not say. */
export const searchRowsMax = 200
export const searchRowsDefault = 10
/** Results of one query that can be paged to, however many match. */
export const searchResultsMax = 10_000
/** Groups of filters, filters of one group, filters in all, sorting rules, characters of a body. */
export const filterGroupsMax = 5
export const groupFiltersMax = 6
export const filtersMax = 18
export const sortsMax = 1
export const searchLengthMax = 3_000

/** Searches of the whole account in one second. */
export const searchCallsMax = 5
export const searchWindowMs = 1_000
/** Milliseconds of the burst limit. */
export const burstWindowMs = 10_000
/** Milliseconds of a day of the daily limit, which begins at midnight; here in UTC. */
export const dayMs = 86_400_000

/** Milliseconds for which archived rows are listed and can be restored. */
export const archivedKeptMs = 90 * 86_400_000

/** Events of one webhook, webhooks on the wire at once, and milliseconds an endpoint has to answer. */
export const webhookEventsMax = 100
export const webhooksInFlightMax = 10
export const webhookTimeoutMs = 5_000
/** Milliseconds before the second, third ... attempt: ten of them over a day. The spread is random there, and even here. */
export const webhookScheduleMs: readonly number[] = [
  60_000, 300_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 10_800_000, 14_400_000, 18_000_000, 21_600_000,
]
/** Events that ended and are kept for inspection (our number). */
export const eventsKeptMax = 20_000
