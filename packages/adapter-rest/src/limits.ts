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
/** Bytes of one webhook; Standard Webhooks asks for less than 20 kB, systems that send the whole row need more. */
export const WEBHOOK_BYTES_MAX = 1024 * 1024
/** Connections to the receiver at once; beyond it they are closed unanswered. A system sends a few dozen at once, and a connection costs some 20 kB before it has said who it is. */
export const WEBHOOK_CONNECTIONS_MAX = 256
/** Bytes of all webhooks that are arriving, together: nobody is believed before the last byte, so this is what strangers can make a node hold. Sixteen of the largest. */
export const WEBHOOK_BYTES_HELD_MAX = 16 * WEBHOOK_BYTES_MAX
/** Milliseconds that one webhook may take to arrive. */
export const WEBHOOK_TIMEOUT_MS = 15_000
/** Code units of a reason handed on: a person reads it. */
export const REASON_LENGTH_MAX = 1_000
/** Milliseconds after which a push is not believed any more: what Standard Webhooks and HubSpot ask for. */
export const WEBHOOK_AGE_MS_MAX = 300_000
/** Pushes whose ids are remembered, so that they are heard once: five minutes of a hundred a second. Beyond it the oldest are forgotten. */
export const WEBHOOK_IDS_MAX = 30_000
/** Code units of a secret from which on it is hidden where it is said back: shorter ones stand in ordinary words. */
export const SECRET_LENGTH_HIDDEN_MIN = 6
/** Walks through numbered pages until two saw the same rows. Where rows go all the time no two ever do; what is missed then a whole listing finds. */
export const WALKS_MAX = 5
/** Pages of rows that only resemble what is searched: beyond it the search is no search. */
export const SEARCH_PAGES_MAX = 20
