/** Every ceiling of the adapter, with its unit and the reason for the number. */

/** Milliseconds for one call: Salesforce counts a call of 20 s as a slow one; beyond it a person is waiting for nothing. */
export const CALL_TIMEOUT_MS_DEFAULT = 20_000
export const CALL_TIMEOUT_MS_MAX = 600_000
/** Bytes of one answer: 500 rows of 30 kB. */
export const RESPONSE_BYTES_MAX_DEFAULT = 16 * 1024 * 1024
/** Milliseconds by which a listing reaches back behind the newest row seen: longer than the longest transaction of the system, whose rows show up late. */
export const OVERLAP_MS_DEFAULT = 10_000
/** Share of a token's life after which it is renewed, and the least time it must still have, milliseconds. */
export const TOKEN_LIFE_USED = 0.9
export const TOKEN_LEFT_MS_MIN = 1_000
/** Code units of a reason handed on: a person reads it. */
export const REASON_LENGTH_MAX = 1_000
/** Code units of a secret from which on it is hidden where it is said back: shorter ones stand in ordinary words. */
export const SECRET_LENGTH_HIDDEN_MIN = 6
/** Walks through numbered pages until two saw the same rows. Where rows go all the time no two ever do; what is missed then a whole listing finds. */
export const WALKS_MAX = 5
