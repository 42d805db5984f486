/** Every ceiling of the adapter, with its unit and the reason for the number. */

/** Milliseconds for one call: Salesforce counts a call of 20 s as a slow one; beyond it a person is waiting for nothing. */
export const CALL_TIMEOUT_MS_DEFAULT = 20_000
export const CALL_TIMEOUT_MS_MAX = 600_000
/** Bytes of one answer: 500 rows of 30 kB. */
export const RESPONSE_BYTES_MAX_DEFAULT = 16 * 1024 * 1024
/** Milliseconds by which a listing reaches back behind the newest row seen: longer than the longest transaction of the system, whose rows show up late. */
export const OVERLAP_MS_DEFAULT = 10_000
/** Walks through numbered pages until two saw the same rows. Where rows go all the time no two ever do; what is missed then a whole listing finds. */
export const WALKS_MAX = 5
/** Pages of rows that only resemble what is searched: beyond it the search is no search. */
export const SEARCH_PAGES_MAX = 20
