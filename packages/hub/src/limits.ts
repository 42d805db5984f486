/** Ceilings of a hub, each with its unit and reason. Those of sessions and of the socket are in core and @skerry/ws. */

/** Bytes of an HTTP request's body: a credential request with 1,024 channels is 50 KiB. */
export const REQUEST_BODY_BYTES_MAX = 256 * 1024
/** Milliseconds for the request line and headers: slower ones are not sent by honest clients. */
export const HEADERS_MS_MAX = 10_000
/** Milliseconds for a whole request: 256 KiB at 10 kB/s. */
export const REQUEST_MS_MAX = 30_000
/** HTTP connections besides sessions; each is a file handle. */
export const CONNECTIONS_MAX = 12_000
/** Requests to /api per address and minute: a console that looks every second, ten times over. */
export const API_REQUESTS_PER_MINUTE = 600
/** What a refused token costs of those: 10 guesses a minute. */
export const REFUSED_TOKEN_COST = 60

/** Sessions at once: measured at about 50 KiB each. */
export const SESSIONS_MAX = 5_000
/** Sessions of one credential: the same device behind two networks for a moment, never more on purpose. */
export const SESSIONS_PER_CREDENTIAL_MAX = 4

/** Records in one page of the API, and how many when nobody says. */
export const PAGE_RECORDS_MAX = 1_000
export const PAGE_RECORDS_DEFAULT = 100
/** Rows looked at for one page when most are not for the asker: some 50 ms of one core. */
export const PAGE_ROWS_SCANNED_MAX = 10_000
/** Streams told at once. */
export const STREAMS_PER_PAGE_MAX = 1_000
/** Readings of one answer when nobody says: some 250 KB of JSON. */
export const READINGS_PER_ANSWER_DEFAULT = 10_000
/** Longest record id and cursor in a URL, characters. */
export const URL_PART_LENGTH_MAX = 512

/** Longest life of a credential that the API issues, milliseconds: ten years, a gateway on a roof. */
export const CREDENTIAL_LIFE_MS_MAX = 10 * 366 * 86_400_000
/** Life of the hub's own credential, milliseconds. It is renewed when half of it has passed, while the hub runs. */
export const HUB_CREDENTIAL_LIFE_MS = 30 * 86_400_000

/** Milliseconds between looks at what changed: a record that grows fast has some thousand entries by then, which cost a few milliseconds to read. */
export const UPKEEP_MS = 60_000
/** Milliseconds between two pieces of upkeep when there is more: sessions come first. */
export const UPKEEP_PAUSE_MS = 100
/** Milliseconds a hub that is told to stop waits for sessions and the store. */
export const DRAIN_MS = 10_000
/** Milliseconds between probes of a store that failed: a full disk is looked at, not hammered. */
export const STORE_PROBE_MS = 1_000
/** Bytes of a secret file: a private key is 150. */
export const SECRET_BYTES_MAX = 16 * 1024
/** Random bytes of an admin token (RFC 6750 wants it unguessable; 256 bits are). */
export const ADMIN_TOKEN_BYTES = 32
