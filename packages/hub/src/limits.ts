/** Ceilings of a hub, each with its unit and reason. Those of sessions and of the socket are in core and @skerry/ws. */

/** Bytes of an HTTP request's body: a credential request with 1,024 channels is 50 KiB. */
export const REQUEST_BODY_BYTES_MAX = 256 * 1024
/** Milliseconds for the request line and headers: slower ones are not sent by honest clients. */
export const HEADERS_MS_MAX = 10_000
/** Milliseconds for a whole request: 256 KiB at 10 kB/s. */
export const REQUEST_MS_MAX = 30_000
/** HTTP connections besides sessions; each is a file handle. */
export const CONNECTIONS_MAX = 12_000
/**
 * Connections that the system holds until they are looked at: as many as Linux allows at most (`net.core.somaxconn`). With the usual 511 a fleet that comes back in one second fills it, and
 * whoever is not among them, `/readyz` too, waits seconds for its next attempt.
 */
export const LISTEN_BACKLOG = 4_096
/** Requests to /api per address and minute: a console that looks every second, ten times over. */
export const API_REQUESTS_PER_MINUTE = 600
/** What a refused token costs of those: 10 guesses a minute. */
export const REFUSED_TOKEN_COST = 60

/** Sessions at once: measured at about 50 KiB each. */
export const SESSIONS_MAX = 5_000
/** Sessions of one credential: the same device behind two networks for a moment, never more on purpose. */
export const SESSIONS_PER_CREDENTIAL_MAX = 4
/** Sessions in their handshake: as many as ADMISSIONS lets in during HANDSHAKE_MS_MAX, if none of them says anything. 50 MiB. */
export const HANDSHAKES_MAX = 1_024
/** Of those, from one address: an office that comes back takes seconds, and sixteen addresses are needed to keep others out. */
export const HANDSHAKES_PER_ADDRESS_MAX = 64
/** Sessions let in: a handshake and its first reads cost 3 to 4 ms of one core, so 100 a second leave more than half of it; 5,000 devices are back within a minute. */
export const ADMISSIONS = { perSecond: 100, burst: 200 }
/** Latest turn that a device is given, seconds: 30,000 devices at that rate. */
export const RETRY_AFTER_S_MAX = 300
/** Sessions that read the store at once until they are in step: SQLite reads one after another anyway, some must be ready to be sent. */
export const FIRST_READS_MAX = 4
/**
 * Bytes that all sessions together may have waiting in their sockets, in equal shares: what the system has taken over is not among them, so a line is full with less, and a hub of
 * a thousand readers that hang has memory left …
 */
export const SEND_BUFFERS_BYTES_MAX = 32 * 1024 * 1024
/** … of this at least: beside it one frame is under way, and the next is ready. */
export const SEND_BUFFER_BYTES_MIN = 64 * 1024

/** Records in one page of the API, and how many when nobody says. */
export const PAGE_RECORDS_MAX = 1_000
export const PAGE_RECORDS_DEFAULT = 100
/** Rows looked at for one page when most are not for the asker: some 50 ms of one core. */
export const PAGE_ROWS_SCANNED_MAX = 10_000
/** Milliseconds between two lines in the log about one device that asks for what it may not read: who guesses asks hundreds of times a minute. */
export const UNREADABLE_TOLD_MS = 60_000
/** Devices remembered for that, some 100 bytes each. */
export const UNREADABLE_DEVICES_MAX = 10_000
/** Streams told at once. */
export const STREAMS_PER_PAGE_MAX = 1_000
/** Readings of one answer when nobody says: some 250 KB of JSON. */
export const READINGS_PER_ANSWER_DEFAULT = 10_000
/** Longest record id and cursor in a URL, characters. */
export const URL_PART_LENGTH_MAX = 512

/** Longest life of a credential that the API issues, milliseconds: ten years, a gateway on a roof. */
export const CREDENTIAL_LIFE_MS_MAX = 10 * 366 * 86_400_000
/** Milliseconds an enrolment code may be used when nobody says: long enough to hand over a phone … */
export const ENROLMENT_VALID_MS = 60 * 60_000
/** … and at most: a code in a letter, for somebody who starts next week. */
export const ENROLMENT_VALID_MS_MAX = 14 * 86_400_000
/** Wrong secrets that a code survives: people mistype two or three times; of 2^40 secrets, ten are no chance. */
export const ENROLMENT_TRIES_MAX = 10
/** Codes kept at once, some 300 bytes each: a fleet is enrolled in batches. */
export const ENROLMENTS_MAX = 10_000
/** Life of the credential of an enrolled device when nobody says, milliseconds. It renews itself: this is for how long it may be without a hub. */
export const ENROLLED_LIFE_MS = 180 * 86_400_000
/** Valid credentials of an enrolled device that may be renewed: one each half life, and some whose answer was lost. */
export const RENEWALS_KEPT_MAX = 64
/** Life of the hub's own credential, milliseconds. It is renewed when half of it has passed, while the hub runs. */
export const HUB_CREDENTIAL_LIFE_MS = 30 * 86_400_000

/** Milliseconds a hub that is told to stop waits for sessions and the store. */
export const DRAIN_MS = 10_000
/** Milliseconds between probes of a store that failed: a full disk is looked at, not hammered. */
export const STORE_PROBE_MS = 1_000
/** Milliseconds of one commit that people feel, and how many of them in a row make a hub not ready: one is a hiccup of the disk, and a commit is up to 4,096 entries. */
export const STORE_SLOW_MS = 400
export const STORE_SLOW_COMMITS = 3
/** Bytes of a secret file: a private key is 150. */
export const SECRET_BYTES_MAX = 16 * 1024
/** Random bytes of an admin token (RFC 6750 wants it unguessable; 256 bits are). */
export const ADMIN_TOKEN_BYTES = 32
/** Seconds for which a file with a hash in its name is kept without asking: a year, as much as caches honour (RFC 9111 leaves it open). */
export const IMMUTABLE_S = 365 * 86_400
/** Bytes of a file of an app: the largest in a build is the engine, 3 MB. It is read whole once, for its ETag. */
export const APP_FILE_BYTES_MAX = 256 * 1024 * 1024

/** Milliseconds that an upload may lie unfinished: a technician's weekend, and a day to find the charger. */
export const UPLOAD_KEPT_MS = 7 * 86_400_000
/** Unfinished uploads of one device: it sends one photo after another, and each that it gives up half-way may leave one … */
export const UPLOADS_PER_DEVICE_MAX = 16
/** … and their bytes, by the sizes that they are to have; at least one blob's. */
export const UPLOAD_BYTES_PER_DEVICE_MAX = 256 * 1024 * 1024
/** Unfinished uploads of all devices of the space: a fleet of some thousand that comes back in one hour. */
export const UPLOADS_MAX = 10_000
/** Bytes of those: what a hub of the smallest size has beside its blobs; at least one blob's. */
export const UPLOAD_BYTES_MAX = 16 * 1024 * 1024 * 1024
/** Milliseconds between looks for those that are over. */
export const UPLOADS_LOOK_MS = 3_600_000
/** Characters of what an upload says of itself: a hash, a type, a record's key. */
export const UPLOAD_METADATA_LENGTH_MAX = 2_048
